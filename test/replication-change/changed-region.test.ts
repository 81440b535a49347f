/**
 * The replication region changes from Dublin to Paris, in memory with three stores: nights before, the change, nights
 * after. New snapshots count as replicated only once all of them, carried-over packs too, stands in Paris; old replicas
 * live out their time in Dublin, serve restores, and go on their second; and in the end Dublin is empty.
 */
import type { EnvironmentItem, SnapshotItem } from "../../lambda/catalog/items";
import { deleteSnapshot } from "../../lambda/deletion/delete-snapshot";
import { KEEP_START } from "../../lambda/keep/contract";
import { keepSnapshot } from "../../lambda/keep/keep-snapshot";
import { checkReplication } from "../../lambda/replication-check/check-replication";
import { SnapshotReader } from "../../lambda/restore/snapshot-reader";
import { packKey } from "../../lambda/storage/object-keys";
import { run } from "../retention/retention-run";
import { createEnvironment, ENVIRONMENT, seal } from "../retention/sealed-environment";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { MemoryStore } from "../support/memory-store";
import { must } from "../support/must";

const PARIS_BUCKET = "test-replica-eu-west-3";
const DAY = 86_400_000;

interface Scene {
  /** As the functions see it after the change. */
  readonly after: FakeCollaborators;
  readonly dublin: MemoryStore;
  readonly environment: EnvironmentItem;
}

/** Two nights that share a pack, replicated to Dublin; then the change. */
async function changed(): Promise<Scene> {
  const before = fakeCollaborators({ now: new Date("2026-12-03T03:18:00Z") });
  const environment = await createEnvironment(before);
  await seal(before, environment, "first", { packs: ["shared", "only-first"] });
  before.clock.advance(DAY);
  await seal(before, environment, "second", { packs: ["shared", "carried"] });
  before.clock.advance(DAY);

  const paris = new MemoryStore({ now: before.clock.now, name: "paris" });
  paris.createBucket(PARIS_BUCKET, { objectLock: true });
  before.store.link(paris);
  const after: FakeCollaborators = {
    ...before,
    settings: { ...before.settings, REPLICA_REGION: "eu-west-3", REPLICA_BUCKET: PARIS_BUCKET },
    replicaStore: paris,
    formerReplicas: [{ region: "eu-west-1", bucket: REPLICA_BUCKET, store: before.replicaStore }],
  };
  return { after, dublin: before.replicaStore, environment };
}

/** A night after the change; S3 replicates only what is written now, and the check does the rest. */
async function night(
  { after, environment }: Scene,
  snapshotId: string,
  packs: readonly string[],
): Promise<SnapshotItem> {
  const known = new Set(after.store.versions(PRIMARY_BUCKET).map(({ versionId }) => versionId));
  const snapshot = await seal(after, environment, snapshotId, { packs, replicated: false });
  for (const { key, body, lock, versionId } of after.store.versions(PRIMARY_BUCKET)) {
    if (known.has(versionId)) continue;
    await after.replicaStore.put({ bucket: PARIS_BUCKET, key, body, ...(lock === undefined ? {} : { lock }) });
  }
  return snapshot;
}
const check = ({ after }: Scene, snapshotId: string) =>
  checkReplication({ environmentId: ENVIRONMENT, snapshotId, executionArn: "check", waitedSeconds: 0 }, after);
async function nightAndCheck(scene: Scene, snapshotId: string, packs: readonly string[]): Promise<SnapshotItem> {
  const snapshot = await night(scene, snapshotId, packs);
  scene.after.clock.advance(1_800_000);
  await check(scene, snapshotId);
  expect(await check(scene, snapshotId)).toMatchObject({ outcome: "replicated" });
  return snapshot;
}
const keysAt = (store: MemoryStore, bucket: string): readonly string[] =>
  store
    .versions(bucket)
    .filter(({ isDeleteMarker, key }) => !isDeleteMarker && !key.includes("/records/"))
    .map(({ key }) => key.slice(key.indexOf(ENVIRONMENT) + ENVIRONMENT.length + 1));
const packsAt = (store: MemoryStore, bucket: string): readonly string[] =>
  keysAt(store, bucket)
    .filter((key) => key.startsWith("packs/"))
    .toSorted();

test("a new snapshot is not replicated before its carried-over packs stand in the new region, locked until its expiry", async () => {
  const scene = await changed();
  const { after } = scene;
  const { expiresAt } = await night(scene, "third", ["shared", "carried", "new"]);
  expect(packsAt(after.replicaStore, PARIS_BUCKET)).toEqual(["packs/new.tar.gz"]);
  // S3 says of a carried-over pack that it is replicated, because it once was: to the former region.
  expect(await check(scene, "third")).toMatchObject({ outcome: "waiting" });
  expect((await after.catalog.getSnapshot(ENVIRONMENT, "third"))?.replicatedAt).toBeNull();
  after.clock.advance(1_800_000);
  expect(await check(scene, "third")).toMatchObject({ outcome: "waiting" });
  expect(await check(scene, "third")).toMatchObject({ outcome: "replicated" });
  expect(packsAt(after.replicaStore, PARIS_BUCKET)).toEqual([
    "packs/carried.tar.gz",
    "packs/new.tar.gz",
    "packs/shared.tar.gz",
  ]);
  const locks = after.replicaStore.versions(PARIS_BUCKET).map(({ lock }) => lock?.until.toISOString());
  expect(new Set(locks)).toEqual(new Set([new Date(expiresAt).toISOString()]));
});

test("snapshots from before keep what they had, and are checked where their manifest says", async () => {
  const scene = await changed();
  await scene.after.catalog.updateSnapshot(ENVIRONMENT, "second", { replicatedAt: null });
  expect(await check(scene, "second")).toMatchObject({ outcome: "replicated" });
  expect(keysAt(scene.after.replicaStore, PARIS_BUCKET)).toEqual([]);
  await run(scene.after);
  expect(scene.after.notifier.told).toEqual([]);
  expect(keysAt(scene.dublin, REPLICA_BUCKET)).toHaveLength(9);
});

test("a restore reads the former replica of what the primary has lost, and the new one's of new snapshots", async () => {
  const scene = await changed();
  const { after, dublin, environment } = scene;
  await nightAndCheck(scene, "third", ["shared", "new"]);
  const lose = async (store: MemoryStore, bucket: string, key: string): Promise<void> => {
    const objects = store.versions(bucket, key).map(({ versionId }) => ({ key, versionId }));
    await store.deleteBatch(bucket, objects, { bypassGovernance: true });
  };
  for (const [pack, home] of [
    ["only-first", dublin],
    ["new", after.replicaStore],
    ["shared", after.replicaStore],
  ] as const) {
    const key = packKey(environment, pack);
    const { versionId, body } = must(after.store.versions(PRIMARY_BUCKET, key)[0]);
    await lose(after.store, PRIMARY_BUCKET, key);
    const copy = await new SnapshotReader(after, true).read({ key, versionId }, async (found) => {
      await found.store.head(found.ref);
      return found;
    });
    expect(copy.store === home).toBe(true);
    const pieces: Uint8Array[] = [];
    for await (const piece of (await copy.store.get(copy.ref)).body) pieces.push(piece);
    expect(Buffer.concat(pieces)).toEqual(Buffer.from(body));
  }
});

test("I4: old snapshots go on their second in all three places, and the former region ends empty", async () => {
  const scene = await changed();
  const { after, dublin, environment } = scene;
  await nightAndCheck(scene, "third", ["shared", "carried", "new"]);
  after.clock.set("2026-12-17T03:17:59Z");
  await run(after);
  expect(keysAt(dublin, REPLICA_BUCKET).filter((key) => key.includes("first"))).toHaveLength(4);
  after.clock.set("2026-12-17T03:18:00Z");
  await run(after);
  const everywhere = (): readonly string[] => [
    ...keysAt(after.store, PRIMARY_BUCKET),
    ...keysAt(dublin, REPLICA_BUCKET),
    ...keysAt(after.replicaStore, PARIS_BUCKET),
  ];
  expect(everywhere().filter((key) => key.includes("first"))).toEqual([]);
  expect(packsAt(dublin, REPLICA_BUCKET)).toEqual(["packs/carried.tar.gz", "packs/shared.tar.gz"]);
  after.clock.set("2026-12-18T03:18:00Z");
  await run(after);
  // The third still needs both packs: in the primary region and in the new one.
  expect(keysAt(dublin, REPLICA_BUCKET)).toEqual([]);
  for (const [store, bucket] of [
    [after.store, PRIMARY_BUCKET],
    [after.replicaStore, PARIS_BUCKET],
  ] as const)
    expect(packsAt(store, bucket)).toEqual(["packs/carried.tar.gz", "packs/new.tar.gz", "packs/shared.tar.gz"]);
  expect(await after.catalog.getSnapshot(ENVIRONMENT, "third")).toMatchObject({ state: "completed", deleting: false });
  expect(after.notifier.told.filter(({ subject }) => subject.includes("stopped"))).toEqual([]);
  expect(
    (await after.store.head({ bucket: PRIMARY_BUCKET, key: packKey(environment, "shared") })).size,
  ).toBeGreaterThan(0);
});

test("a user's delete removes an old snapshot in the former region, and nothing that others need anywhere", async () => {
  const scene = await changed();
  const { after, dublin } = scene;
  await nightAndCheck(scene, "third", ["shared", "carried"]);
  const input = { executionArn: "deletion", environmentId: ENVIRONMENT, snapshotId: "second", requestedBy: "owner" };
  expect(await deleteSnapshot(input, after)).toMatchObject({ outcome: "done" });
  expect(keysAt(dublin, REPLICA_BUCKET).filter((key) => key.includes("second"))).toEqual([]);
  // The first needs the shared pack in Dublin; the carried one was needed there by the second alone.
  expect(packsAt(dublin, REPLICA_BUCKET)).toEqual(["packs/only-first.tar.gz", "packs/shared.tar.gz"]);
  expect(packsAt(after.replicaStore, PARIS_BUCKET)).toEqual(["packs/carried.tar.gz", "packs/shared.tar.gz"]);
  expect(packsAt(after.store, PRIMARY_BUCKET)).toEqual([
    "packs/carried.tar.gz",
    "packs/only-first.tar.gz",
    "packs/shared.tar.gz",
  ]);
});

test("an old snapshot that is kept longer is locked in the former region, and stays there", async () => {
  const scene = await changed();
  const { after, dublin } = scene;
  const until = "2027-06-01T00:00:00Z";
  const input = { executionArn: "keep", environmentId: ENVIRONMENT, snapshotId: "first", until, requestedBy: "admin" };
  expect(await keepSnapshot({ ...input, progress: KEEP_START }, after)).toMatchObject({ outcome: "done" });
  after.clock.set("2026-12-20T00:00:00Z");
  await run(after);
  expect(packsAt(dublin, REPLICA_BUCKET)).toEqual(["packs/only-first.tar.gz", "packs/shared.tar.gz"]);
  const locks = dublin.versions(REPLICA_BUCKET).map(({ lock }) => lock?.until.toISOString());
  expect(new Set(locks)).toEqual(new Set([new Date(until).toISOString()]));
});

test("a former region that was taken away too early: its snapshots' replicas are named as lost, and nothing else is deleted", async () => {
  const scene = await changed();
  const { formerReplicas: _gone, ...rest } = scene.after;
  const without = rest as FakeCollaborators;
  await run(without);
  expect(without.notifier.told).toMatchObject([{ subject: `Backups of ${ENVIRONMENT}: expiry has stopped` }]);
  expect(keysAt(without.store, PRIMARY_BUCKET)).toHaveLength(9);
});
