/** A replaced database that could not be dropped is tried again every six hours, under no lease, until it is forgotten. */
import type { RestoreItem } from "../../lambda/catalog/items";
import { begin } from "../../lambda/restore/begin";
import { dropOldDatabases } from "../../lambda/retention/drop-old-databases";
import { forgetRestores } from "../../lambda/retention/forget-restores";
import { resumeRestores } from "../../lambda/retention/resume-restores";
import { environment, TARGET } from "../restore/snapshot-fixture";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";

const EXECUTION = "arn:aws:states:eu-central-1:111111111111:execution:restore:restore-1-old-1";
const oldLeft = { database: "shop__old_1", reason: "Somebody holds it.", triedAt: "2026-12-05T00:00:00Z" };
const completed: RestoreItem = {
  restoreId: "restore-1",
  sourceEnvironmentId: "shop-production",
  snapshotId: "snapshot-1",
  targetEnvironmentId: TARGET,
  databaseOnly: false,
  acknowledged: [],
  requestedBy: "a test",
  state: "completed",
  phase: "done",
  statusMessage: "",
  createdAt: "2026-12-05T00:00:00Z",
  updatedAt: "2026-12-05T00:00:00Z",
  finishedAt: "2026-12-05T01:00:00Z",
  keptUntil: "2027-03-05T00:00:00Z",
  executionArn: EXECUTION,
  leaseToken: "token",
  preflight: null,
  plan: null,
  files: { part: 0, after: null, batches: 0, put: 0, kept: 0, done: true },
  database: {
    oldOid: 1,
    newName: "shop__new_1",
    newOid: 2,
    restored: true,
    oldList: [],
    swappedAt: "2026-12-05T01:00:00Z",
    removed: 0,
    oldDropped: false,
    oldLeft,
  },
  removal: null,
  dropOldAt: "2026-12-05T01:00:00Z",
  failure: null,
};

let c: FakeCollaborators;
const started = (): readonly string[] => c.workflows.started.map(({ name }) => name);
beforeEach(async () => {
  c = fakeCollaborators({ now: new Date("2026-12-05T01:05:00Z") });
  await c.catalog.createEnvironment(environment(TARGET));
});

test("it is started when it is due, and six hours later again", async () => {
  await c.catalog.createEndedRestore(completed);
  expect(await dropOldDatabases(c)).toEqual(["restore-1"]);
  expect(await dropOldDatabases(c)).toEqual([]);
  c.clock.set("2026-12-05T07:05:00Z");
  expect(await dropOldDatabases(c)).toEqual(["restore-1"]);
  expect(started()).toEqual(["restore-1-old-1796432400", "restore-1-old-1796454300"]);
  expect(c.workflows.started[0]?.input).toEqual({ restoreId: "restore-1" });
});

test("a start whose note was lost is not made twice", async () => {
  await c.catalog.createEndedRestore(completed);
  c.table.onRequest = (operation) => {
    if (operation === "update") throw new Error("the catalog is away");
  };
  await expect(dropOldDatabases(c)).rejects.toThrow("away");
  c.table.onRequest = undefined;
  await dropOldDatabases(c);
  expect(new Set(started()).size).toBe(1);
});

test("a restore that completes with one left is listed by the very write that completes it", async () => {
  const { dropOldAt: _, ...open } = completed;
  await c.catalog.createRestore({ ...open, state: "running" });
  expect(await dropOldDatabases(c)).toEqual([]);
  await c.catalog.updateRestore("restore-1", { state: "completed", dropOldAt: "2026-12-05T01:00:00Z" });
  c.workflows.endAll = true;
  expect(await resumeRestores(c)).toEqual([]);
  expect(await dropOldDatabases(c)).toEqual(["restore-1"]);
  await c.catalog.updateRestore("restore-1", { dropOldAt: null });
  c.clock.set("2026-12-06T01:00:00Z");
  expect(await dropOldDatabases(c)).toEqual([]);
});

test("its execution takes neither lease nor pin, and knows the network", async () => {
  await c.catalog.createEndedRestore(completed);
  const input = { restoreId: "restore-1", executionArn: EXECUTION };
  expect(await begin(input, c)).toMatchObject({ outcome: "drop-old", network: { subnets: ["subnet-1"] } });
  expect(await c.catalog.getLease(TARGET)).toBeUndefined();
  expect((await c.catalog.listPins("shop-production")).items).toEqual([]);
  await c.catalog.updateRestore("restore-1", { dropOldAt: null });
  expect(await begin(input, c)).toMatchObject({ outcome: "skip" });
});

test("an environment that is no longer registered has nothing tried", async () => {
  await c.catalog.createEndedRestore({ ...completed, targetEnvironmentId: "gone" });
  expect(await begin({ restoreId: "restore-1", executionArn: EXECUTION }, c)).toMatchObject({ outcome: "skip" });
});

test("when the restore is forgotten somebody is told to drop it by hand", async () => {
  await c.catalog.createEndedRestore(completed);
  c.clock.set("2027-03-05T00:00:01Z");
  expect(await forgetRestores(c)).toBe(1);
  expect(c.notifier.told).toEqual([
    {
      subject: "The database shop__old_1 is left to you",
      message: expect.stringMatching(/"shop__old_1", which could never be dropped, .* by hand\. Somebody holds it\.$/),
    },
  ]);
  expect(await c.catalog.getRestore("restore-1")).toBeUndefined();
});

test("one run starts twenty at most; the others have their turn five minutes later", async () => {
  for (let n = 0; n < 25; n++) await c.catalog.createEndedRestore({ ...completed, restoreId: `restore-${n}` });
  expect(await dropOldDatabases(c)).toHaveLength(20);
  expect(await dropOldDatabases(c)).toHaveLength(5);
});

describe("forgetting", () => {
  beforeEach(() => c.clock.set("2027-03-05T00:00:00Z"));
  test("takes at most 200 at once; the others have their turn later", async () => {
    for (let n = 0; n < 201; n++)
      await c.catalog.createEndedRestore({ ...completed, database: null, restoreId: `restore-${n}` });
    expect(await forgetRestores(c)).toBe(200);
    expect(await forgetRestores(c)).toBe(1);
    expect(c.notifier.told).toEqual([]);
  });
  test("leaves one that is open, passes over one that has left, and takes a failed one", async () => {
    for (const state of ["running", "queued", "failed"] as const)
      await c.catalog.createEndedRestore({ ...completed, database: null, restoreId: state, state });
    c.catalog.listForgottenRestores = async () => ({ items: ["gone", "running", "queued", "failed"] });
    expect(await forgetRestores(c)).toBe(1);
    expect(await c.catalog.getRestore("failed")).toBeUndefined();
    expect(await c.catalog.getRestore("running")).toBeDefined();
    expect(await c.catalog.getRestore("queued")).toBeDefined();
  });
  test("says nothing of a database that was dropped, and keeps subjects short", async () => {
    const database = must(completed.database);
    const long = { ...oldLeft, database: "d".repeat(120) };
    await c.catalog.createEndedRestore({ ...completed, database: { ...database, oldLeft: long } });
    await c.catalog.createEndedRestore({ ...completed, restoreId: "two", database: { ...database, oldLeft: null } });
    expect(await forgetRestores(c)).toBe(2);
    expect(c.notifier.told.map(({ subject }) => subject)).toEqual([`The database ${"d".repeat(87)}`]);
  });
});
