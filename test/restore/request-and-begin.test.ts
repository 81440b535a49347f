import { verifySnapshot } from "../../lambda/restore/verify-snapshot";
import { dryRun } from "../../lambda/restore/plan";
import type { SnapshotItem } from "../../lambda/catalog/items";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import {
  call,
  EXECUTION,
  item,
  planned,
  preflight,
  request,
  RESTORE,
  runPreflight,
  standing,
  STATE_MACHINE,
} from "./restore-fixture";
import { environment, sealSnapshot, SNAPSHOT, SOURCE, TARGET } from "./snapshot-fixture";

const EXPIRY = "2026-12-19T00:10:00Z";
const files = new Map([
  ["a", Buffer.from("A")],
  ["b", Buffer.from("B")],
]);
const sealed = async (): Promise<FakeCollaborators> => {
  const c = fakeCollaborators({ now: new Date("2026-12-06T00:00:00Z") });
  await sealSnapshot(c, { files });
  return c;
};
const change = (c: FakeCollaborators, to: Partial<SnapshotItem>): Promise<void> =>
  c.catalog.updateSnapshot(SOURCE, SNAPSHOT, to);

describe("asking for a restore", () => {
  test("creates the item and starts the execution, once, however often it is asked", async () => {
    const c = await sealed();
    expect(await request(c)).toMatchObject({ restoreId: RESTORE, state: "queued" });
    await request(c);
    expect(c.workflows.started).toEqual([
      { stateMachineArn: STATE_MACHINE, name: RESTORE, input: { restoreId: RESTORE } },
    ]);
    const { restoreId: other } = await request(c, { restoreId: undefined as unknown as string });
    expect(other).toMatch(/^restore-[0-9a-f]{32}$/);
  });

  test("a crash before the start is made good by asking again, even after the expiry", async () => {
    const c = await sealed();
    c.workflows.start = () => Promise.reject(new Error("gone"));
    await expect(request(c)).rejects.toThrow("gone");
    delete (c.workflows as { start?: unknown }).start;
    c.clock.set(EXPIRY);
    await request(c);
    expect(c.workflows.started).toHaveLength(1);
  });

  test.each<[string, (c: FakeCollaborators) => unknown, Parameters<typeof request>[1]]>([
    ["SnapshotNotFound", () => undefined, { snapshotId: "no-such" }],
    ["SnapshotFailed", (c) => change(c, { state: "failed", statusMessage: "no room" }), {}],
    ["SnapshotNotCompleted", (c) => change(c, { state: "running" }), {}],
    ["SnapshotNotCompleted", (c) => change(c, { state: "queued" }), {}],
    ["SnapshotDeleted", (c) => change(c, { deleting: true }), {}],
    ["SnapshotExpired", (c) => c.clock.set(EXPIRY), {}],
    ["EnvironmentNotFound", () => undefined, { targetEnvironmentId: "no-such" }],
    ["EnvironmentNotFound", () => undefined, { sourceEnvironmentId: "no-such" }],
    [
      "TargetOfOtherApp",
      (c) =>
        c.catalog.updateEnvironment(TARGET, { registration: { ...environment(TARGET).registration, appId: "blog" } }),
      {},
    ],
    [
      "TargetInOtherRegion",
      (c) =>
        c.catalog.updateEnvironment(TARGET, {
          registration: { ...environment(TARGET).registration, region: "eu-west-1" },
        }),
      {},
    ],
  ])("refuses with %s in one sentence, and leaves nothing behind", async (code, prepare, wish) => {
    const c = await sealed();
    await prepare(c);
    const before = c.table.all();
    const failure = await request(c, wish).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: code,
      retryable: false,
      message: expect.stringMatching(/^[A-Z].*\.$/) as string,
    });
    expect(c.table.all()).toEqual(before);
    expect(c.workflows.started).toEqual([]);
  });

  test("offers a snapshot until its expiry second, not one more or less (I4)", async () => {
    const c = await sealed();
    c.clock.set("2026-12-19T00:09:59.999Z");
    await expect(request(c)).resolves.toMatchObject({ state: "queued" });
    c.clock.set(EXPIRY);
    await expect(request(c, { restoreId: "restore-2" })).rejects.toMatchObject({ name: "SnapshotExpired" });
  });
});

describe("begin", () => {
  test("takes the lease, pins the source, says how the target's network is reached, and can be repeated", async () => {
    const c = await sealed();
    await request(c);
    const begun = await call(c, "begin");
    expect(begun).toEqual({
      outcome: "begun",
      network: { subnets: ["subnet-1"], securityGroups: ["sg-1"], assignPublicIp: "DISABLED" },
      databaseOnly: false,
      resumed: false,
      recoveryPoint: false,
      message: "",
    });
    const lease = await c.catalog.getLease(TARGET);
    expect(lease).toMatchObject({ purpose: "restore", executionArn: EXECUTION });
    expect((await c.catalog.listPins(SOURCE)).items).toMatchObject([
      { snapshotId: SNAPSHOT, holder: RESTORE, executionArn: EXECUTION },
    ]);
    expect(await call(c, "begin")).toEqual(begun);
    expect(await c.catalog.getLease(TARGET)).toEqual(lease);
    expect(await item(c)).toMatchObject({ state: "running", leaseToken: lease?.token });
  });

  test("waits while another operation runs, keeps the snapshot meanwhile past its expiry, then restores it", async () => {
    const c = await sealed();
    const other = {
      environmentId: TARGET,
      executionArn: "backup-1",
      purpose: "backup",
      token: "t",
      takenAt: "",
      taskArn: null,
    } as const;
    await c.catalog.acquireLease(other);
    await request(c);
    expect(await call(c, "begin")).toMatchObject({ outcome: "busy" });
    expect(await item(c)).toMatchObject({
      state: "queued",
      statusMessage: expect.stringContaining("backup") as string,
    });
    c.clock.set("2027-01-01T00:00:00Z");
    expect((await c.catalog.listPins(SOURCE)).items).toHaveLength(1);
    await c.catalog.releaseLease(TARGET, "t");
    expect(await call(c, "begin")).toMatchObject({ outcome: "begun" });
    await runPreflight(c);
    expect(await call(c, "plan")).toMatchObject({ outcome: "go" });
    expect(await call(c, "files")).toMatchObject({ outcome: "done" });
    expect(standing(c)).toHaveLength(2);
  });

  test.each<[string, (c: FakeCollaborators) => unknown]>([
    ["SnapshotExpired", (c) => c.clock.set(EXPIRY)],
    ["SnapshotDeleted", (c) => change(c, { deleting: true })],
    ["SnapshotNotFound", (c) => c.catalog.deleteSnapshot(SOURCE, SNAPSHOT)],
  ])("refuses with %s what went between the request and the beginning", async (code, prepare) => {
    const c = await sealed();
    await request(c);
    await prepare(c);
    const failure = await call(c, "begin").catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ name: code });
    await call(c, "fail", { Error: code, Cause: JSON.stringify({ errorMessage: (failure as Error).message }) });
    expect(await item(c)).toMatchObject({ state: "failed", statusMessage: (failure as Error).message });
    expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
    expect(await c.catalog.getLease(TARGET)).toBeUndefined();
  });

  test("skips a restore that has ended", async () => {
    const c = await sealed();
    await request(c);
    await call(c, "fail", { Error: "States.Timeout" });
    expect(await call(c, "begin")).toMatchObject({ outcome: "skip" });
    expect(await item(c)).toMatchObject({
      state: "failed",
      statusMessage: expect.stringContaining("States.Timeout") as string,
    });
  });
});

describe("fail", () => {
  test.each<[string, { Error?: string; Cause?: string }, string]>([
    [
      "a function's exception",
      { Error: "X", Cause: '{"errorType":"X","errorMessage":"The sentence."}' },
      "The sentence.",
    ],
    ["the task's sentence", { Error: "States.TaskFailed", Cause: '{"StoppedReason":"…"}' }, "The task's sentence."],
    [
      "that a later task could not be started",
      { Error: "AmazonECS.Unknown", Cause: '{"Failures":[{"Reason":"Capacity is unavailable at this time."}]}' },
      "For 20 hours the database task could not be started: Fargate had no capacity in the environment's subnets; try again later, or register subnets in more Availability Zones.",
    ],
  ])("records %s", async (_, error, sentence) => {
    const c = await sealed();
    await planned(c);
    await c.catalog.updateRestore(RESTORE, { failure: { name: "Y", message: "The task's sentence." } });
    await call(c, "fail", error);
    expect(await item(c)).toMatchObject({ state: "failed", statusMessage: sentence });
    expect(c.notifier.told[0]?.message).toContain(sentence);
  });

  test("says that the target was switched over when only the rest failed", async () => {
    const c = await sealed();
    await planned(c);
    const database = {
      oldOid: 1,
      newName: "n",
      newOid: 2,
      restored: true,
      oldList: [],
      swappedAt: "2026-12-06T00:00:00Z",
      removed: 0,
      oldDropped: false,
    };
    await c.catalog.updateRestore(RESTORE, { database });
    await call(c, "fail", { Error: "States.Timeout" });
    expect((await item(c)).statusMessage).toMatch(/^The target works with the restored database/);
  });

  test("leaves another execution's lease alone", async () => {
    const c = await sealed();
    await planned(c);
    const ours = await c.catalog.getLease(TARGET);
    await c.catalog.releaseLease(TARGET, ours?.token ?? "");
    const other = {
      environmentId: TARGET,
      executionArn: "backup-1",
      purpose: "backup",
      token: "t",
      takenAt: "",
      taskArn: null,
    } as const;
    await c.catalog.acquireLease(other);
    await call(c, "fail", {});
    expect(await c.catalog.getLease(TARGET)).toEqual(other);
  });
});

test("a database-only restore puts, undoes and removes no file", async () => {
  const c = await sealed();
  expect(await planned(c, { databaseOnly: true })).toMatchObject({ outcome: "go", databaseOnly: true });
  expect((await item(c)).plan).toMatchObject({ filesToPut: 0, warnings: [] });
  for (const step of ["files", "plan-removal", "undo-files"] as const)
    expect(await call(c, step)).toMatchObject({ outcome: "done" });
  expect(standing(c)).toEqual([]);
});

test("a dry run says what would happen and changes nothing at all", async () => {
  const c = await sealed();
  const before = [c.table.all(), JSON.stringify(c.store.versions(c.settings.PRIMARY_BUCKET).length)];
  const wish = { sourceEnvironmentId: SOURCE, snapshotId: SNAPSHOT, targetEnvironmentId: TARGET, databaseOnly: false };
  expect(await dryRun(c, wish, preflight)).toMatchObject({ refusals: [], warnings: [], filesToPut: 2, bytesToPut: 2 });
  expect(await dryRun(c, wish, null)).toMatchObject({ warnings: [{ code: "DatabaseNotExamined" }] });
  expect([c.table.all(), JSON.stringify(c.store.versions(c.settings.PRIMARY_BUCKET).length)]).toEqual(before);
  expect(standing(c)).toEqual([]);
  expect(c.notifier.told).toEqual([]);
});

test("a snapshot without files verifies and restores", async () => {
  const c = fakeCollaborators();
  const manifest = await sealSnapshot(c, { files: new Map(), packs: 0 });
  expect(await verifySnapshot(c.store, c.settings.PRIMARY_BUCKET, manifest, { replica: false })).toMatchObject({
    ok: true,
    files: 0,
  });
  expect((await planned(c)).outcome).toBe("go");
  expect((await call(c, "files")).outcome).toBe("done");
});
