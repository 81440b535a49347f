/** What must hold after the run that follows a crash. */
import { dumpOf } from "../../lambda/snapshot/manifest";
import { allPages } from "../../lambda/catalog/catalog";
import { readManifest } from "../../lambda/backup/committed-manifest";
import type { MemoryStore } from "../support/memory-store";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { expectVerified, retain } from "./runs";
import { SOURCE, TARGET, type SmallWorld } from "./small-world";

const DAY = 86_400_000;
const ENVIRONMENTS = [SOURCE, TARGET] as const;

/** The snapshot is completed and whole, or failed with a reason; nobody holds the lease, nothing is pinned. */
export const expectSettled = async (world: SmallWorld, snapshotId: string): Promise<void> => {
  const { catalog } = world.service.base;
  const snapshot = await catalog.getSnapshot(SOURCE, snapshotId);
  if (snapshot?.state === "completed") {
    await expectVerified(world, snapshotId);
  } else if (snapshot?.state === "queued") {
    // Its execution died before Begin: nothing was done, and the daily sweep ends it.
  } else {
    expect(snapshot).toMatchObject({ state: "failed" });
    expect(snapshot?.statusMessage).toMatch(/\w+ .*\.$/s);
  }
  await expectNothingHeld(world);
};

export const expectNothingHeld = async ({ service }: SmallWorld): Promise<void> => {
  for (const environmentId of ENVIRONMENTS) {
    expect(await service.base.catalog.getLease(environmentId)).toBeUndefined();
    expect((await service.base.catalog.listPins(environmentId)).items).toEqual([]);
  }
};

/** Two days after the last crash the buckets hold what living snapshots refer to, and after every expiry nothing but records. */
export const expectNothingLeaked = async (world: SmallWorld): Promise<void> => {
  const { service } = world;
  service.base.clock.advance(3 * DAY);
  await sweep(world);
  const referred = await referredKeys(world);
  for (const key of dataKeys(service.base.store, PRIMARY_BUCKET)) expect(referred).toContain(key);
  for (const key of dataKeys(service.base.replicaStore, REPLICA_BUCKET)) expect(referred).toContain(key);
  expect(service.base.store.uploads(PRIMARY_BUCKET)).toEqual([]);
  service.base.clock.advance(100 * DAY);
  await sweep(world);
  expect(dataKeys(service.base.store, PRIMARY_BUCKET)).toEqual([]);
  expect(dataKeys(service.base.replicaStore, REPLICA_BUCKET)).toEqual([]);
  for (const environmentId of ENVIRONMENTS) {
    expect((await service.base.catalog.listSnapshots(environmentId)).items).toEqual([]);
  }
  await expectNothingHeld(world);
};

const sweep = async (world: SmallWorld): Promise<void> => {
  for (let round = 0; round < 3; round++) {
    await retain(world);
    world.service.base.clock.advance(5 * 60_000);
  }
};

const dataKeys = (store: MemoryStore, bucket: string): readonly string[] =>
  store
    .versions(bucket)
    .map(({ key }) => key)
    .filter((key) => !key.includes("/records/"));

const referredKeys = async ({ service }: SmallWorld): Promise<Set<string>> => {
  const { catalog, store } = service.base;
  const keys = new Set<string>();
  for await (const snapshot of allPages((cursor) => catalog.listSnapshots(SOURCE, cursor))) {
    if (snapshot.manifest === null) continue;
    const manifest = await readManifest(snapshot.manifest, PRIMARY_BUCKET, store);
    keys.add(snapshot.manifest.key);
    keys.add(dumpOf(manifest).key);
    for (const { key } of [...manifest.files.index, ...manifest.files.packs]) keys.add(key);
  }
  return keys;
};
