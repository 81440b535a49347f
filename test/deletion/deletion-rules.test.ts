/** What a deletion does where something else gets in its way, or a run before it came so far. */
import type { EnvironmentItem } from "../../lambda/catalog/items";
import { ConditionFailed } from "../../lambda/catalog/catalog-table";
import { putSnapshotRecord, readSnapshotRecord, RECORD_FORMAT } from "../../lambda/catalog/records";
import { deleteSnapshot } from "../../lambda/deletion/delete-snapshot";
import { requestDeletion } from "../../lambda/deletion/request-deletion";
import { manifestKey, outcomeRecordKey, packKey } from "../../lambda/storage/object-keys";
import { StoreUnavailable } from "../../lambda/storage/storage-errors";
import { fakeCollaborators, PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { attempt } from "../retention/evidence-of";
import { createEnvironment, ENVIRONMENT, seal, standing, standingOf } from "../retention/sealed-environment";

const NOW = "2026-12-03T03:18:00Z";
const INPUT = { executionArn: "deletion", environmentId: ENVIRONMENT, requestedBy: "operator" };
const remove = (world: FakeCollaborators, snapshotId = "one") => deleteSnapshot({ ...INPUT, snapshotId }, world);

let world: FakeCollaborators;
let environment: EnvironmentItem;
beforeEach(async () => {
  world = fakeCollaborators({ now: new Date(NOW) });
  environment = await createEnvironment(world);
});
const itemOf = (snapshotId: string) => world.catalog.getSnapshot(ENVIRONMENT, snapshotId);
const wishOf = async (snapshotId: string) => (await readSnapshotRecord(environment, snapshotId, world))?.deletion;

test("an environment that nobody knows is said at once, without a lease", async () => {
  let leases = 0;
  world.catalog.acquireLease = async () => Promise.reject(new Error(`lease ${++leases}`));
  expect(await deleteSnapshot({ ...INPUT, environmentId: "none", snapshotId: "one" }, world)).toEqual({
    outcome: "refused",
    message: "There is no environment none in eu-central-1; check its name and region.",
  });
  expect(leases).toBe(0);
});

test("an environment that goes while the lease is taken is said, and the lease given back", async () => {
  await seal(world, environment, "one");
  const known = world.catalog.getEnvironment.bind(world.catalog);
  let asked = 0;
  world.catalog.getEnvironment = async (id) => (++asked === 1 ? known(id) : undefined);
  expect(await remove(world)).toEqual({ outcome: "refused", message: `There is no environment ${ENVIRONMENT}.` });
  expect(await world.catalog.getLease(ENVIRONMENT)).toBeUndefined();
});

test("a failure gives the lease back, and is the one that is told", async () => {
  await seal(world, environment, "one");
  world.store.onRequest = (operation) => {
    if (operation === "listVersions") throw new StoreUnavailable("The store is away.");
  };
  await expect(remove(world)).rejects.toThrow("The store is away.");
  expect(await world.catalog.getLease(ENVIRONMENT)).toBeUndefined();
  world.catalog.releaseLease = async () => Promise.reject(new Error("The table is away too."));
  await expect(remove(world)).rejects.toThrow("The store is away.");
});

test("a snapshot that is being taken just now is left to its backup", async () => {
  const sealed = await seal(world, environment, "one");
  for (const id of ["other", "two"]) {
    await world.catalog.createSnapshot({ ...sealed, snapshotId: id, state: "queued", manifest: null, attemptId: id });
    await world.catalog.putAttempt({ ...attempt(id, id), environmentId: ENVIRONMENT, executionArn: `backup-${id}` });
  }
  expect(await remove(world, "two")).toEqual({ outcome: "busy", message: "Snapshot two is being taken just now." });
  expect(await itemOf("two")).toMatchObject({ deleting: false });
  world.workflows.ended.add("backup-two");
  expect(await remove(world, "two")).toMatchObject({ outcome: "done" });
  expect(await itemOf("other")).toMatchObject({ state: "queued" });
});

test("one whose backup ended without a word is settled first: its attempt goes with it", async () => {
  const sealed = await seal(world, environment, "one");
  const running = { ...sealed, snapshotId: "two", state: "running", manifest: null, attemptId: "a" } as const;
  await world.catalog.createSnapshot(running);
  await world.catalog.putAttempt({ ...attempt("a", "two"), environmentId: ENVIRONMENT, executionArn: "ended" });
  world.workflows.ended.add("ended");
  expect(await remove(world, "two")).toMatchObject({ outcome: "done" });
  expect(await world.catalog.getAttempt("a")).toBeUndefined();
  // What became of the backup is in the bucket.
  expect(standingOf(world, outcomeRecordKey(environment, "two"))).not.toEqual([]);
});

test("compliance mode by the setting keeps completed snapshots, not what failed", async () => {
  const strict = fakeCollaborators({ settings: { LOCK_MODE: "COMPLIANCE" }, now: new Date(NOW) });
  const sealed = await seal(strict, await createEnvironment(strict), "one");
  await strict.catalog.createSnapshot({ ...sealed, snapshotId: "two", state: "failed", manifest: null });
  expect(await remove(strict, "two")).toMatchObject({ outcome: "done" });
  expect(await remove(strict, "one")).toMatchObject({ outcome: "refused" });
});

test("when time runs out it says how far it came, and goes on from there", async () => {
  await seal(world, environment, "one");
  const all = standingOf(world, "/one/").length;
  let batches = 0;
  world.store.onReply = (operation) => {
    if (operation === "deleteBatch" && ++batches === 1) world.remaining = 1_000;
  };
  expect(await remove(world)).toEqual({
    outcome: "busy",
    message: "Snapshot one is being deleted; 1 object versions are gone.",
  });
  expect(standingOf(world, "/one/")).toHaveLength(all - 1);
  expect(await itemOf("one")).toMatchObject({ deleting: true });
  world.remaining = 900_000;
  expect(await remove(world)).toMatchObject({ outcome: "done" });
  expect(standing(world).filter((name) => !name.includes("/records/"))).toEqual([]);
});

test("what a lock refuses is named, and the item stays", async () => {
  await seal(world, environment, "one");
  const key = packKey(environment, "pack-of-one");
  for (const version of world.store.versions(PRIMARY_BUCKET, key))
    version.lock = { mode: "COMPLIANCE", until: new Date("2027-01-01T00:00:00Z") };
  const { outcome, message } = await remove(world);
  expect(outcome).toBe("refused");
  expect(message).toMatch(
    new RegExp(
      `^1 object versions of snapshot one could not be deleted, among them ${key} in the primary bucket \\(Acc`,
    ),
  );
  expect(await itemOf("one")).toMatchObject({ deleting: true });
  expect(standingOf(world, "manifest")).toEqual([]);
});

test("recovery points that stay keep the item, and are told", async () => {
  await seal(world, environment, "one");
  const recoveryPoint = { vault: "v", arn: "point", copyVault: null, copyArn: null, deleteAt: NOW };
  await world.catalog.updateSnapshot(ENVIRONMENT, "one", { recoveryPoint });
  const stays: FakeCollaborators = {
    ...world,
    recoveryPoints: { ...world.recoveryPoints, delete: async () => ({ outcome: "busy" }) },
  };
  expect(await remove(stays)).toEqual({
    outcome: "refused",
    message:
      "Snapshot one is no longer offered and its files are gone; The recovery point point in eu-central-1 stays for now: AWS Backup is at work on it. Retention goes on.",
  });
  expect(await itemOf("one")).toMatchObject({ deleting: true });
});

test("afterwards retention looks at once, because another snapshot may be the last now", async () => {
  await seal(world, environment, "one");
  expect((await world.catalog.listDueSweeps(world.clock.now())).items).toEqual([]);
  await remove(world);
  expect((await world.catalog.listDueSweeps(world.clock.now())).items).toMatchObject([{ environmentId: ENVIRONMENT }]);
});

test("a wish recorded when it was asked for gets the packs before the manifest goes; a repeated one stays as it was", async () => {
  const item = await seal(world, environment, "one");
  await requestDeletion(world, environment, item, "owner");
  expect(await wishOf("one")).toMatchObject({ requestedBy: "owner", packs: [] });
  world.clock.advance(60_000);
  world.store.onRequest = (operation) => {
    if (operation === "deleteBatch") throw new StoreUnavailable("away");
  };
  await expect(remove(world)).rejects.toThrow("away");
  const packs = [packKey(environment, "pack-of-one")];
  expect(await wishOf("one")).toMatchObject({ requestedBy: "owner", requestedAt: NOW, packs, completedAt: null });
  const writes = () => world.store.requests.filter(({ operation }) => operation === "put").length;
  const before = writes();
  await expect(remove(world)).rejects.toThrow("away");
  expect(writes()).toBe(before);
});

test("what the record says besides stays", async () => {
  await seal(world, environment, "one");
  const kept = { comment: "mine", keepUntil: "2026-12-17T03:18:00Z" };
  const record = { environmentId: ENVIRONMENT, snapshotId: "one", updatedAt: NOW, deletion: null };
  await putSnapshotRecord(environment, { format: RECORD_FORMAT, ...record, ...kept }, world);
  expect(await remove(world)).toMatchObject({ outcome: "done" });
  expect(await readSnapshotRecord(environment, "one", world)).toMatchObject(kept);
});

test("a repetition leaves the mark of the first as it stands, and a completed record too", async () => {
  await seal(world, environment, "one");
  await world.catalog.pin({
    environmentId: ENVIRONMENT,
    snapshotId: "one",
    holder: "r",
    executionArn: "r",
    since: NOW,
  });
  await remove(world);
  world.clock.advance(60_000);
  await remove(world);
  expect(await itemOf("one")).toMatchObject({ deleting: true, updatedAt: NOW });
  world.workflows.ended.add("r");
  await remove(world);
  const writes = () => world.store.requests.filter(({ operation }) => operation === "put").length;
  const before = writes();
  expect(await remove(world)).toMatchObject({ outcome: "done" });
  expect(writes()).toBe(before);
});

test("a snapshot that goes from the catalog meanwhile is deleted all the same; a table that is away is told", async () => {
  await seal(world, environment, "one");
  world.catalog.updateSnapshot = async () => Promise.reject(new Error("The table is away."));
  await expect(remove(world)).rejects.toThrow("The table is away.");
  expect(standingOf(world, manifestKey(environment, "one"))).toHaveLength(2);
  world.catalog.updateSnapshot = async () => Promise.reject(new ConditionFailed("gone"));
  expect(await remove(world)).toMatchObject({ outcome: "done" });
});

describe("asking for it", () => {
  const ask = async (snapshotId: string, by = "owner") => {
    const snapshot = await itemOf(snapshotId);
    if (snapshot === undefined) throw new Error(`no ${snapshotId}`);
    return requestDeletion(world, environment, snapshot, by);
  };
  test.each(["queued", "running"] as const)("of a snapshot that is %s is refused", async (state) => {
    await seal(world, environment, "one");
    await world.catalog.updateSnapshot(ENVIRONMENT, "one", { state });
    await expect(ask("one")).rejects.toMatchObject({
      code: "SnapshotNotEnded",
      retryable: false,
      message: expect.stringContaining(state),
    });
    expect(world.workflows.started).toEqual([]);
  });
  test("of one that is locked is refused with the date, of one that failed it is not", async () => {
    const sealed = await seal(world, environment, "one");
    world = { ...world, settings: { ...world.settings, LOCK_MODE: "COMPLIANCE" } };
    await expect(ask("one")).rejects.toMatchObject({
      code: "LockedInCompliance",
      retryable: false,
      message: expect.stringContaining("can't be deleted before 2026-12-17T03:18:00Z"),
    });
    expect(await wishOf("one")).toBeUndefined();
    await world.catalog.createSnapshot({ ...sealed, snapshotId: "two", state: "failed", manifest: null });
    await ask("two");
    expect(world.workflows.started).toHaveLength(1);
  });
  test("marks it, records who wants it, and starts one deletion by the snapshot's own name", async () => {
    const long = "s".repeat(90);
    await seal(world, environment, long);
    await ask(long);
    expect(world.workflows.started).toMatchObject([
      {
        stateMachineArn: world.settings.DELETION_STATE_MACHINE_ARN,
        name: `${"s".repeat(70)}-asked`,
        input: { environmentId: ENVIRONMENT, snapshotId: long, requestedBy: "owner" },
      },
    ]);
    expect(await itemOf(long)).toMatchObject({ deleting: true });
    expect(await wishOf(long)).toEqual({ requestedBy: "owner", requestedAt: NOW, packs: [], completedAt: null });
    expect(standingOf(world, "audit")).not.toEqual([]);
    world.clock.advance(60_000);
    await ask(long, "somebody else");
    expect(await wishOf(long)).toMatchObject({ requestedBy: "owner", requestedAt: NOW });
  });
  test("keeps what its record says besides", async () => {
    await seal(world, environment, "one");
    const kept = { comment: "mine", keepUntil: "2027-01-01T00:00:00Z" };
    const record = { environmentId: ENVIRONMENT, snapshotId: "one", updatedAt: NOW, deletion: null };
    await putSnapshotRecord(environment, { format: RECORD_FORMAT, ...record, ...kept }, world);
    await ask("one");
    expect(await readSnapshotRecord(environment, "one", world)).toMatchObject(kept);
    expect(await wishOf("one")).toMatchObject({ requestedBy: "owner" });
  });
  test("of one that is gone from the catalog meanwhile is no failure; a table that is away is", async () => {
    await seal(world, environment, "one");
    world.catalog.updateSnapshot = async () => Promise.reject(new ConditionFailed("gone"));
    await ask("one");
    world.catalog.updateSnapshot = async () => Promise.reject(new Error("The table is away."));
    await expect(ask("one")).rejects.toThrow("The table is away.");
  });
});
