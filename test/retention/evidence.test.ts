/** What retention gathers before it judges: which pins count, which records are read, and what they say. */
import type { EnvironmentItem, RestoreItem } from "../../lambda/catalog/items";
import { putSnapshotRecord, RECORD_FORMAT, type SnapshotRecord } from "../../lambda/catalog/records";
import { gatherEvidence, refreshPins } from "../../lambda/retention/evidence";
import { restoreOutcomeRecordKey, restorePutKey, snapshotRecordKey } from "../../lambda/storage/object-keys";
import { StoreUnavailable } from "../../lambda/storage/storage-errors";
import { fakeCollaborators, PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import { attempt } from "./evidence-of";
import { createEnvironment, ENVIRONMENT, seal } from "./sealed-environment";

const NOW = "2026-12-03T03:18:00Z";
const EXPIRY = "2026-12-17T03:18:00Z";
const LATER = "2027-01-01T00:00:00Z";

let world: FakeCollaborators;
let environment: EnvironmentItem;
beforeEach(async () => {
  world = fakeCollaborators({ now: new Date(NOW) });
  environment = await createEnvironment(world);
});
const gather = () => gatherEvidence(environment, world);
const withRestore = (restoreId: string, state: RestoreItem["state"], undoStuck: string | null = null) =>
  world.table.put({ pk: `RESTORE#${restoreId}`, sk: "RESTORE", restoreId, state, files: { undoStuck } });
const RESTORES = [
  ["queued", true],
  ["running", true],
  ["completed", false],
  ["failed", false],
] as const;

describe("objects under the other class", () => {
  it.each(["replicated", "single-region"] as const)("beside a %s environment are seen", async (own) => {
    const other = own === "replicated" ? "single-region" : "replicated";
    const place = { ...environment, replication: own };
    const put = (replication: string) =>
      world.store.put({ bucket: PRIMARY_BUCKET, key: `${replication}/${ENVIRONMENT}/x`, body: Buffer.from("x") });
    await put(own);
    expect(await gatherEvidence(place, world)).toMatchObject({ strayClass: false });
    await put(other);
    expect(await gatherEvidence(place, world)).toMatchObject({ strayClass: true });
  });
});

test("regions are known of replicas, and of nothing else", async () => {
  const former = { region: "eu-south-1", bucket: "former", store: world.replicaStore };
  world.replicaStore.createBucket("former", { objectLock: true });
  expect([...(await gatherEvidence(environment, { ...world, formerReplicas: [former] })).regions]).toStrictEqual([
    ["replica", "eu-west-1"],
    ["replica-eu-south-1", "eu-south-1"],
  ]);
  expect([...(await gatherEvidence({ ...environment, replication: "single-region" }, world)).regions]).toStrictEqual(
    [],
  );
});

describe("pins", () => {
  const pin = (holder: string, executionArn = "ended") => ({
    environmentId: ENVIRONMENT,
    snapshotId: "one",
    holder,
    executionArn,
    since: NOW,
  });
  const held = async () => {
    const { pins, stalePins } = await gather();
    return { pins: pins.map(({ holder }) => holder), stale: stalePins.map(({ holder }) => holder) };
  };
  beforeEach(() => void world.workflows.ended.add("ended"));
  it("count while their execution runs, whatever their restore says, and are stale afterwards", async () => {
    await world.catalog.pin(pin("running", "runs"));
    await withRestore("running", "failed");
    await world.catalog.pin(pin("nobody's"));
    expect(await held()).toStrictEqual({ pins: ["running"], stale: ["nobody's"] });
  });
  it.each(RESTORES)("of an ended execution whose restore is %s", async (state, counts) => {
    await world.catalog.pin(pin("r"));
    await withRestore("r", state);
    expect(await held()).toStrictEqual(counts ? { pins: ["r"], stale: [] } : { pins: [], stale: ["r"] });
  });
  it("of an execution that is not found count while they are young", async () => {
    await world.catalog.pin(pin("young", "unseen"));
    world.workflows.unfound.add("unseen");
    world.clock.advance(599_000);
    expect(await held()).toStrictEqual({ pins: ["young"], stale: [] });
    world.clock.advance(1000);
    expect(await held()).toStrictEqual({ pins: [], stale: ["young"] });
  });
  it("of one execution are asked about once", async () => {
    let asked = 0;
    const hasEnded = world.workflows.hasEnded.bind(world.workflows);
    world.workflows.hasEnded = async (arn, since) => (asked++, hasEnded(arn, since));
    for (const holder of ["a", "b", "c"]) await world.catalog.pin(pin(holder, holder === "c" ? "runs" : "ended"));
    expect(await held()).toStrictEqual({ pins: ["c"], stale: ["a", "b"] });
    expect(asked).toBe(2);
  });
  it("are read again when asked for, and nothing else is", async () => {
    const before = await gather();
    await world.catalog.pin(pin("a", "runs"));
    const after = await refreshPins(before, world);
    expect(after.pins.map(({ holder }) => holder)).toStrictEqual(["a"]);
    expect(after).toStrictEqual({ ...before, pins: after.pins });
  });
});

describe("attempts that run", () => {
  const running = async () => (await gather()).runningAttempts.map(({ attemptId }) => attemptId);
  it.each([
    ["queued", ["a"]],
    ["running", ["a"]],
    ["completed", []],
    ["failed", []],
  ] as const)("of a snapshot that is %s", async (state, expected) => {
    const sealed = await seal(world, environment, "one");
    await world.catalog.createSnapshot({ ...sealed, snapshotId: "two", state, manifest: null, attemptId: "a" });
    await world.catalog.putAttempt({ ...attempt("a", "two"), environmentId: ENVIRONMENT, executionArn: "backup" });
    expect(await running()).toStrictEqual(expected);
    world.workflows.ended.add("backup");
    expect(await running()).toStrictEqual([]);
  });
  it("are none where a snapshot has no attempt, or none that is known", async () => {
    const sealed = await seal(world, environment, "one");
    for (const attemptId of [null, "lost"])
      await world.catalog.createSnapshot({ ...sealed, snapshotId: `of ${attemptId}`, state: "queued", attemptId });
    const asked: string[] = [];
    const getAttempt = world.catalog.getAttempt.bind(world.catalog);
    world.catalog.getAttempt = async (id) => (asked.push(id), getAttempt(id));
    expect(await running()).toStrictEqual([]);
    expect(asked).toStrictEqual(["lost"]);
  });
});

describe("a snapshot's record", () => {
  const deletion = { requestedBy: "owner", requestedAt: NOW, packs: [], completedAt: null };
  const put = (change: Partial<SnapshotRecord> = {}, snapshotId = "one") =>
    putSnapshotRecord(
      environment,
      {
        format: RECORD_FORMAT,
        environmentId: ENVIRONMENT,
        snapshotId,
        comment: null,
        keepUntil: null,
        deletion: null,
        updatedAt: NOW,
        ...change,
      },
      world,
    );
  const said = async () => {
    const { keptUntil, deletedByUser, damagedRecords, behind, snapshots } = await gather();
    return {
      keptUntil: [...keptUntil],
      deleted: [...deletedByUser],
      damagedRecords,
      behind: behind.map(({ snapshotId, expiresAt }) => [snapshotId, expiresAt]),
      expiries: snapshots.map(({ expiresAt }) => expiresAt),
    };
  };
  const SILENT = { keptUntil: [], deleted: [], damagedRecords: [], behind: [], expiries: [EXPIRY] };
  const reads = async (): Promise<number> => {
    world.store.resetRequests();
    await gather();
    const key = snapshotRecordKey(environment, "one");
    return world.store.requests.filter(({ operation, ref }) => operation === "get" && ref.key === key).length;
  };
  beforeEach(() => seal(world, environment, "one"));

  it("is not read while the snapshot lives as it was sealed", async () => {
    await put({ keepUntil: LATER, deletion });
    expect(await said()).toStrictEqual(SILENT);
    expect(await reads()).toBe(0);
  });
  it("is read from the second on at which it expires", async () => {
    await put({ keepUntil: LATER });
    world.clock.set("2026-12-17T03:17:59.999Z");
    expect(await reads()).toBe(0);
    world.clock.set(EXPIRY);
    expect(await reads()).toBe(1);
    expect(await said()).toStrictEqual({
      ...SILENT,
      keptUntil: [["one", LATER]],
      behind: [["one", LATER]],
      expiries: [LATER],
    });
  });
  it("is not looked for where none stands", async () => {
    world.clock.set(EXPIRY);
    world.store.resetRequests();
    await gather();
    const key = snapshotRecordKey(environment, "one");
    expect(world.store.requests.filter(({ ref }) => ref.prefix === key)).toStrictEqual([]);
  });
  it("is read when it is being deleted", async () => {
    await put({ deletion });
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { deleting: true });
    expect(await said()).toStrictEqual({ ...SILENT, deleted: ["one"] });
  });
  it("is read when the catalog has another expiry than the manifest", async () => {
    await put({ keepUntil: LATER });
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { expiresAt: LATER });
    expect(await said()).toStrictEqual({ ...SILENT, keptUntil: [["one", LATER]], expiries: [LATER] });
  });
  it("is read when the catalog knows nothing of its manifest, and not where there is none", async () => {
    await put({ deletion });
    await world.catalog.deleteSnapshot(ENVIRONMENT, "one");
    await put({ deletion, keepUntil: LATER }, "nobody's");
    expect(await said()).toStrictEqual({ ...SILENT, deleted: ["one"], expiries: [] });
  });
  it("is read of a snapshot without a manifest", async () => {
    const item = must(await world.catalog.getSnapshot(ENVIRONMENT, "one"));
    await world.catalog.createSnapshot({ ...item, snapshotId: "two", manifest: null });
    await put({ keepUntil: LATER }, "two");
    expect(await said()).toStrictEqual({
      ...SILENT,
      keptUntil: [["two", LATER]],
      behind: [["two", LATER]],
      expiries: [EXPIRY, LATER],
    });
  });
  it("makes only what is completed live longer", async () => {
    await put({ keepUntil: LATER });
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { state: "failed", deleting: true });
    expect(await said()).toStrictEqual({ ...SILENT, keptUntil: [["one", LATER]] });
  });
  it("that can't be read is a sentence; a store that can't be reached is a failure", async () => {
    const key = snapshotRecordKey(environment, "one");
    await world.store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from("{") });
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { deleting: true });
    expect(await said()).toStrictEqual({ ...SILENT, damagedRecords: [expect.stringContaining(key)] });
    world.store.onRequest = (operation, ref) => {
      if (operation === "get" && ref.key === key) throw new StoreUnavailable("away");
    };
    await expect(gather()).rejects.toThrow("away");
  });
});

describe("restores into the environment", () => {
  const put = (restoreId: string) =>
    world.store.put({
      bucket: PRIMARY_BUCKET,
      key: restorePutKey(environment, restoreId, 0),
      body: Buffer.from("x"),
    });
  it.each(RESTORES)("of which one is %s", async (state, runs) => {
    await put("r");
    await put("nobody's");
    await withRestore("r", state);
    // It has another restore's outcome, and none of its own records.
    await withRestore("elsewhere", "running");
    const key = restoreOutcomeRecordKey(environment, "elsewhere");
    await world.store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from("x") });
    expect([...(await gather()).runningRestores]).toStrictEqual(runs ? ["r"] : []);
  });
  it.each([
    ["failed", true],
    ["completed", false],
  ] as const)("of a %s one that could not undo all its files the records are kept: %s", async (state, kept) => {
    await put("r");
    await withRestore("r", state, "The version is gone.");
    expect([...(await gather()).runningRestores]).toStrictEqual(kept ? ["r"] : []);
  });
});
