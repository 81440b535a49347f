/**
 * A world in which something is wrong: the two environments of the crash tests, one good snapshot from before, and
 * what must be the same after a fault as before it. A fault ends in one sentence.
 */
import { createHash } from "node:crypto";
import { readManifest } from "../../lambda/backup/committed-manifest";
import { requestBackup } from "../../lambda/backup/request-backup";
import { queueBackup } from "../../lambda/backup/queue-backup";
import type { RestoreItem, SnapshotItem } from "../../lambda/catalog/items";
import type { Registration } from "../../lambda/catalog/registration";
import { requestRestore } from "../../lambda/restore/request";
import { verifySnapshot } from "../../lambda/restore/verify-snapshot";
import type { Manifest } from "../../lambda/snapshot/manifest";
import { nightRequest } from "../backup/night";
import { expectNothingHeld } from "../crash/invariants";
import { backUp, RESTORE_MACHINE } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { changeBack, contentsOf, furnish, SOURCE, TARGET, type Contents, type SmallWorld } from "../crash/small-world";
import { FILES_BUCKET, PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import type { MemoryVersion } from "../support/memory-store";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";

export const SOURCE_DATABASE = "crash_source";
const HOUR = 3_600_000;

export interface FaultWorld extends SmallWorld {
  /** A good snapshot, taken before anything is wrong. */
  readonly first: string;
}

export const faultWorld = async (postgres: PostgresServer): Promise<FaultWorld> => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  await changeBack(world);
  await furnish(world);
  const first = await backUp(world);
  await expectWhole(world, first);
  world.service.base.clock.advance(HOUR);
  return { ...world, first };
};

/** File `number` as the source's database names it. */
export const fileName = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
export const sourceKey = (number: number): string => `${SOURCE}/${fileName(number)}`;

export const removeSourceFile = ({ service }: SmallWorld, number: number): Promise<unknown> =>
  service.base.store.deleteBatch(FILES_BUCKET, [{ key: sourceKey(number) }]);
export const putSourceFile = ({ service }: SmallWorld, number: number, body: string): Promise<unknown> =>
  service.base.store.put({ bucket: FILES_BUCKET, key: sourceKey(number), body: Buffer.from(body) });

export const changeRegistration = async (
  { service }: SmallWorld,
  environmentId: string,
  change: (standing: Registration) => Registration,
): Promise<void> => {
  const { catalog } = service.base;
  const environment = must(await catalog.getEnvironment(environmentId));
  await catalog.updateEnvironment(environmentId, { registration: change(environment.registration) });
};

// Runs

export const snapshotOf = async ({ service }: SmallWorld, snapshotId: string): Promise<SnapshotItem> =>
  must(await service.base.catalog.getSnapshot(SOURCE, snapshotId));

/** A nightly backup with all its attempts. */
export const backUpNightly = async ({ service }: SmallWorld): Promise<string> => {
  const request = nightRequest("2026-12-05", 1, SOURCE);
  await queueBackup(request, { modelVersion: "1.2.3" }, service.outside());
  await service.drain();
  return request.snapshotId;
};

export const queueSecond = async ({ service }: SmallWorld): Promise<string> =>
  (await requestBackup(service.outside(), { environmentId: SOURCE, createdBy: "a test", comment: "" })).snapshotId;

let restores = 0;
export const restoreOf = async (
  { service }: SmallWorld,
  snapshotId: string,
  change: { readonly acknowledged?: readonly string[]; readonly targetEnvironmentId?: string } = {},
): Promise<RestoreItem> => {
  const restoreId = `restore-${++restores}`;
  await requestRestore(
    service.outside(),
    {
      restoreId,
      sourceEnvironmentId: SOURCE,
      snapshotId,
      targetEnvironmentId: TARGET,
      databaseOnly: false,
      acknowledged: [],
      requestedBy: "a test",
      ...change,
    },
    RESTORE_MACHINE,
  );
  await service.drain();
  return must(await service.base.catalog.getRestore(restoreId));
};

// What must hold

/** One sentence: it begins and ends as one, holds no second one, and nothing that only a program would say. */
export const expectSentence = (text: string, wanted: string | RegExp): void => {
  if (typeof wanted === "string") expect(text).toBe(wanted);
  else expect(text).toMatch(wanted);
  expect(text).toMatch(/^["A-Z0-9][^\n]*\.$/);
  expect(text.split(/[.!?][)\]]?\s+(?=["“A-Z])/)).toHaveLength(1);
  expect(text).not.toMatch(/undefined|\bnull\b|NaN|\[object|\bError:|States\./);
};

export interface Picture {
  readonly source: Contents;
  readonly target: Contents;
  readonly objects: ReadonlyMap<string, string>;
}
/** Both environments, and every object version in both buckets with its bytes. */
export const picture = async (world: SmallWorld): Promise<Picture> => ({
  source: await contentsOf(world, SOURCE),
  target: await contentsOf(world, TARGET),
  objects: objectsOf(world),
});

const objectsOf = ({ service }: SmallWorld): Map<string, string> => {
  const { store, replicaStore } = service.base;
  const all = [...store.versions(PRIMARY_BUCKET), ...replicaStore.versions(REPLICA_BUCKET)];
  return new Map(
    all
      .filter(({ key }) => !key.includes("/records/"))
      .map((one) => [`${one.key} ${one.versionId}`, createHash("sha256").update(one.body).digest("hex")]),
  );
};

/** Source, target and every object version from before are as they were, and nobody holds a lease or a pin. */
export const expectUnchanged = async (world: FaultWorld, before: Picture): Promise<void> => {
  expect(await contentsOf(world, SOURCE)).toEqual(before.source);
  expect(await contentsOf(world, TARGET)).toEqual(before.target);
  const objects = objectsOf(world);
  for (const [name, sha256] of before.objects) expect([name, objects.get(name)]).toEqual([name, sha256]);
  await expectNothingHeld(world);
};

/** Completed, and every byte of it verified at the primary and, once replicated, at the replica. */
export const expectWhole = async ({ service }: SmallWorld, snapshotId: string): Promise<Manifest> => {
  const { base } = service;
  const snapshot = must(await base.catalog.getSnapshot(SOURCE, snapshotId));
  expect(snapshot).toMatchObject({ state: "completed" });
  expect(snapshot.replicatedAt).not.toBeNull();
  const manifest = await readManifest(must(snapshot.manifest), PRIMARY_BUCKET, base.store);
  expect((await verifySnapshot(base.store, PRIMARY_BUCKET, manifest, { replica: false })).problems).toEqual([]);
  expect((await verifySnapshot(base.replicaStore, REPLICA_BUCKET, manifest, { replica: true })).problems).toEqual([]);
  return manifest;
};

export const manifestOf = async ({ service }: SmallWorld, snapshotId: string): Promise<Manifest> => {
  const snapshot = must(await service.base.catalog.getSnapshot(SOURCE, snapshotId));
  return readManifest(must(snapshot.manifest), PRIMARY_BUCKET, service.base.store);
};

/** Flips a byte of every version of the key, in the given stores' buckets; gives what puts them right again. */
export const damage = (
  { service }: SmallWorld,
  key: string,
  where: readonly ("primary" | "replica")[],
): (() => void) => {
  const { store, replicaStore } = service.base;
  const versions: MemoryVersion[] = [
    ...(where.includes("primary") ? store.versions(PRIMARY_BUCKET, key) : []),
    ...(where.includes("replica") ? replicaStore.versions(REPLICA_BUCKET, key) : []),
  ];
  expect(versions).toHaveLength(where.length);
  const flip = (): void => {
    for (const version of versions) {
      const middle = Math.floor(version.body.length / 2);
      version.body = version.body.map((byte, position) => (position === middle ? byte ^ 0xff : byte));
    }
  };
  flip();
  return flip;
};
