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
  c.workflows.endAll = true;
  c.clock.set("2026-12-05T00:09:00Z");
  expect(await resumeRestores(c)).toEqual([]);
  c.clock.set("2026-12-05T00:10:00Z");
  expect(await resumeRestores(c)).toEqual(["restore-1"]);
});

test("one that keeps breaking off is left to a person, who is told once", async () => {
  await c.catalog.createRestore(restore());
  c.workflows.endAll = true;
  for (let round = 0; round < MOST_RESUMPTIONS + 4; round++) await resumeRestores(c);
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
