/** I5: a restore whose execution has ended is started again, once at a time and not for ever. */
import type { RestoreItem } from "../../lambda/catalog/items";
import { MOST_RESUMPTIONS, resumeRestores } from "../../lambda/retention/resume-restores";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";

const EXECUTION = "arn:aws:states:eu-central-1:111111111111:execution:restore:";
const restore = (change: Partial<RestoreItem> = {}): RestoreItem => ({
  restoreId: "restore-1",
  sourceEnvironmentId: "shop-production",
  snapshotId: "snapshot-1",
  targetEnvironmentId: "shop-acceptance",
  databaseOnly: false,
  acknowledged: [],
  requestedBy: "a test",
  state: "running",
  phase: "files",
  statusMessage: "",
  createdAt: "2026-12-05T00:00:00Z",
  updatedAt: "2026-12-05T00:00:00Z",
  finishedAt: null,
  executionArn: `${EXECUTION}restore-1`,
  leaseToken: "token",
  preflight: null,
  plan: null,
  files: { part: 0, after: null, batches: 0, put: 0, kept: 0, done: false },
  database: null,
  removal: null,
  failure: null,
  ...change,
});

let c: FakeCollaborators;
const startedNames = (): readonly string[] => c.workflows.started.map(({ name }) => name);
beforeEach(() => {
  c = fakeCollaborators({ now: new Date("2026-12-05T01:00:00Z") });
});

test("one that runs is left alone", async () => {
  await c.catalog.createRestore(restore());
  expect(await resumeRestores(c)).toEqual([]);
});

test("one whose execution has ended is started again, and not twice while the new one has not begun", async () => {
  await c.catalog.createRestore(restore());
  c.workflows.ended.add(`${EXECUTION}restore-1`);
  expect(await resumeRestores(c)).toEqual(["restore-1"]);
  expect(await resumeRestores(c)).toEqual([]);
  expect(startedNames()).toEqual(["restore-1-1"]);
  expect(c.workflows.started[0]?.input).toEqual({ restoreId: "restore-1" });
});

test("one that never started is given ten minutes, then started", async () => {
  await c.catalog.createRestore(restore({ state: "queued", executionArn: null, leaseToken: null }));
  c.workflows.unfound.add(`${EXECUTION}restore-1`);
  c.clock.set("2026-12-05T00:09:59Z");
  expect(await resumeRestores(c)).toEqual([]);
  c.clock.set("2026-12-05T00:10:00Z");
  expect(await resumeRestores(c)).toEqual(["restore-1"]);
});

test("one that keeps breaking off is left to a person, who is told once", async () => {
  await c.catalog.createRestore(restore());
  c.workflows.endAll = true;
  for (let round = 0; round < MOST_RESUMPTIONS + 4; round++) await resumeRestores(c);
  expect(await resumeRestores(c)).toEqual([]);
  expect(startedNames()).toHaveLength(MOST_RESUMPTIONS);
  expect(c.notifier.told).toHaveLength(1);
  expect(c.notifier.told[0]?.message).toMatch(/restore-1 into shop-acceptance has broken off 6 times/);
});

test("one that has ended is no longer looked at", async () => {
  await c.catalog.createRestore(restore());
  await c.catalog.updateRestore("restore-1", { state: "failed" });
  c.workflows.endAll = true;
  expect(await resumeRestores(c)).toEqual([]);
  expect((await c.catalog.getRestore("restore-1"))?.state).toBe("failed");
});

test("a plan whose execution has ended is failed, its pin taken away, and nothing is started", async () => {
  await c.catalog.createRestore(restore({ planOnly: true }));
  await c.catalog.createRestore(restore({ restoreId: "restore-2", executionArn: `${EXECUTION}restore-2` }));
  const pin = {
    environmentId: "shop-production",
    executionArn: `${EXECUTION}restore-1`,
    since: "2026-12-05T00:00:00Z",
  };
  for (const holder of ["restore-1", "restore-2"]) await c.catalog.pin({ ...pin, snapshotId: "snapshot-1", holder });
  c.workflows.endAll = true;
  expect(await resumeRestores(c)).toEqual(["restore-2"]);
  expect(await c.catalog.getRestore("restore-1")).toMatchObject({
    state: "failed",
    statusMessage: "The planning of the restore broke off; ask for the plan again.",
    finishedAt: "2026-12-05T01:00:00Z",
    updatedAt: "2026-12-05T01:00:00Z",
  });
  expect((await c.catalog.listPins("shop-production")).items).toMatchObject([{ holder: "restore-2" }]);
  expect(startedNames()).toEqual(["restore-2-1"]);
});

test("one that works under a later execution waits for that one and for the one that was started last", async () => {
  await c.catalog.createRestore(restore({ resumed: 2, executionArn: `${EXECUTION}restore-1-1` }));
  for (const name of ["restore-1", "restore-1-1"]) c.workflows.ended.add(`${EXECUTION}${name}`);
  expect(await resumeRestores(c)).toEqual([]);
  c.workflows.ended.add(`${EXECUTION}restore-1-2`);
  c.workflows.ended.delete(`${EXECUTION}restore-1-1`);
  expect(await resumeRestores(c)).toEqual([]);
  c.workflows.ended.add(`${EXECUTION}restore-1-1`);
  expect(await resumeRestores(c)).toEqual(["restore-1"]);
  expect(startedNames()).toEqual(["restore-1-3"]);
});

test("one that was resumed a moment ago is not resumed again because its new execution is not found yet", async () => {
  await c.catalog.createRestore(restore());
  c.workflows.ended.add(`${EXECUTION}restore-1`);
  expect(await resumeRestores(c)).toEqual(["restore-1"]);
  c.workflows.unfound.add(`${EXECUTION}restore-1-1`);
  c.clock.advance(9 * 60_000);
  expect(await resumeRestores(c)).toEqual([]);
  c.clock.advance(60_000);
  expect(await resumeRestores(c)).toEqual(["restore-1"]);
  expect(startedNames()).toEqual(["restore-1-1", "restore-1-2"]);
});

test("one that runs is not given ten minutes, and an execution is asked about once", async () => {
  const asked: string[] = [];
  c.workflows.hasEnded = async (arn) => (asked.push(arn), true);
  await c.catalog.createRestore(restore({ createdAt: "2026-12-05T00:59:00Z" }));
  expect(await resumeRestores(c)).toEqual(["restore-1"]);
  await c.catalog.updateRestore("restore-1", { state: "failed" });
  await c.catalog.createRestore(restore({ restoreId: "restore-2", executionArn: null }));
  expect(await resumeRestores(c)).toEqual(["restore-2"]);
  expect(asked).toEqual([`${EXECUTION}restore-1`, `${EXECUTION}restore-2`]);
});

test("who is told of one into an environment with a long name gets a subject that is not too long", async () => {
  const targetEnvironmentId = "t".repeat(120);
  await c.catalog.createRestore(restore({ resumed: MOST_RESUMPTIONS, targetEnvironmentId }));
  c.workflows.endAll = true;
  expect(await resumeRestores(c)).toEqual([]);
  expect(c.notifier.told.map(({ subject }) => subject)).toEqual([`Restore into ${"t".repeat(87)}`]);
  expect(await c.catalog.getRestore("restore-1")).toMatchObject({ resumed: 6, updatedAt: "2026-12-05T01:00:00Z" });
});
