/** An environment with sealed snapshots, as backups leave them: objects with locks, manifest, catalog item, replica. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { isoSeconds } from "../../lambda/catalog/catalog";
import type { EnvironmentItem, SnapshotItem, Tier } from "../../lambda/catalog/items";
import { registration as registrationSchema, type Registration } from "../../lambda/catalog/registration";
import { attemptLock } from "../../lambda/rules/attempt-lock";
import { expiryOf } from "../../lambda/rules/retention-calendar";
import { MANIFEST_FORMAT, type Manifest, type StoredObjectEntry } from "../../lambda/snapshot/manifest";
import {
  databaseKey,
  fileIndexKey,
  fileListKey,
  manifestKey,
  packKey,
  type ReplicationClass,
} from "../../lambda/storage/object-keys";
import { PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";

export const ENVIRONMENT = "orders-production";
export const RETENTION_EXECUTION = "arn:aws:states:eu-central-1:111111111111:execution:retention:now";

export const someRegistration = (change: Partial<Registration> = {}): Registration => ({
  ...registrationSchema.parse({
    environmentId: ENVIRONMENT,
    appId: "orders",
    region: "eu-central-1",
    database: { host: "db.example", name: "orders", secret: "orders-db" },
    network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
    files: { bucket: "orders-files" },
  }),
  ...change,
});

export async function createEnvironment(
  collaborators: FakeCollaborators,
  replication: ReplicationClass = "replicated",
  environmentId = ENVIRONMENT,
): Promise<EnvironmentItem> {
  const registration = someRegistration({ environmentId, replication: replication === "replicated" ? "on" : "off" });
  const environment: EnvironmentItem = {
    environmentId,
    registration,
    replication,
    registeredAt: isoSeconds(collaborators.clock.now()),
    firstStartedAt: isoSeconds(collaborators.clock.now()),
    running: true,
    modelVersion: "1.0.0",
    lastDurationSeconds: null,
    lastSnapshotId: null,
    probe: null,
  };
  await collaborators.catalog.createEnvironment(environment);
  return environment;
}

export interface SealOptions {
  readonly tier?: Tier;
  /** Packs that the snapshot refers to; those that don't stand yet are written. @default one of its own */
  readonly packs?: readonly string[];
  /** @default true for replicated environments */
  readonly replicated?: boolean;
  /** List segments that nobody needs after the seal. @default false */
  readonly withLists?: boolean;
}

/** A completed snapshot, created now. */
export async function seal(
  collaborators: FakeCollaborators,
  environment: EnvironmentItem,
  snapshotId: string,
  options: SealOptions = {},
): Promise<SnapshotItem> {
  const { catalog, store, replicaStore, clock, settings } = collaborators;
  const { environmentId, replication } = environment;
  const now = clock.now();
  const tier = options.tier ?? "nightly";
  const expiresAt = expiryOf(tier, now);
  const attemptId = `attempt-of-${snapshotId}`;
  const lock = { mode: settings.LOCK_MODE, until: expiresAt };
  const write = async (key: string, body = Buffer.from(`${key}\n`)): Promise<StoredObjectEntry> => {
    const standing = store.versions(PRIMARY_BUCKET, key)[0];
    const versionId =
      standing?.versionId ??
      (await store.put({ bucket: PRIMARY_BUCKET, key, body, lock, onlyIfAbsent: true })).versionId ??
      "";
    const locked = standing?.lock?.until ?? new Date(0);
    if (standing !== undefined && locked < expiresAt)
      await store.retain({ bucket: PRIMARY_BUCKET, key, versionId }, lock);
    return {
      key,
      versionId,
      size: body.length,
      sha256: createHash("sha256").update(body).digest("hex"),
      crc32: crc32(body),
    };
  };
  const database = await write(databaseKey(environment, snapshotId, attemptId));
  const index = await write(fileIndexKey(environment, snapshotId, attemptId, 0, 0));
  const packs: StoredObjectEntry[] = [];
  for (const packId of options.packs ?? [`pack-of-${snapshotId}`])
    packs.push(await write(packKey(environment, packId)));
  if (options.withLists === true) {
    const key = fileListKey(environment, snapshotId, attemptId, 0);
    await store.put({
      bucket: PRIMARY_BUCKET,
      key,
      body: Buffer.from("list"),
      lock: attemptLock(settings.LOCK_MODE, now),
    });
  }
  const manifest: Manifest = {
    format: MANIFEST_FORMAT,
    snapshotId,
    attemptId,
    environmentId,
    appId: "orders",
    region: settings.REGION,
    replication,
    replicationRegion: replication === "replicated" ? settings.REPLICA_REGION : null,
    tier,
    night: null,
    createdAt: isoSeconds(now),
    completedAt: isoSeconds(now),
    expiresAt: isoSeconds(expiresAt),
    createdBy: "Nightly",
    comment: "",
    modelVersion: "1.0.0",
    consistency: "reference-query",
    baseSnapshotId: environment.lastSnapshotId,
    database: {
      ...database,
      dumpSize: 1,
      dumpSha256: database.sha256,
      dumpCrc32: 1,
      segment: { offset: 10, length: 1 },
      databaseSize: 1,
      serverVersion: "15.1",
      dumpVersion: "1.14",
      encoding: "UTF8",
      collate: "C",
      ctype: "C",
      extensions: [],
      policyRoles: [],
    },
    files: {
      count: 0,
      bytes: 0,
      missing: { count: 0, keys: [] },
      index: [{ ...index, entries: 0, missing: 0, firstKey: null, lastKey: null, fileBytes: 0 }],
      packs: packs.map((pack, position) => ({
        ...pack,
        packId: (options.packs ?? [`pack-of-${snapshotId}`])[position] ?? "",
        segments: 1,
        liveSegments: 1,
        liveBytes: 1,
        lockedUntil: isoSeconds(expiresAt),
      })),
    },
    warnings: [],
  };
  const entry = await write(manifestKey(environment, snapshotId), Buffer.from(JSON.stringify(manifest)));
  const replicated = options.replicated ?? replication === "replicated";
  if (replicated) store.replicateTo(replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET);
  const item: SnapshotItem = {
    snapshotId,
    environmentId,
    tier,
    night: null,
    state: "completed",
    statusMessage: "",
    attempt: 1,
    attemptId,
    createdBy: "Nightly",
    comment: "",
    modelVersion: "1.0.0",
    createdAt: isoSeconds(now),
    updatedAt: isoSeconds(now),
    finishedAt: isoSeconds(now),
    expiresAt: isoSeconds(expiresAt),
    replicatedAt: replicated ? isoSeconds(now) : null,
    replicationMessage: "",
    dumpSize: 1,
    filesSize: 0,
    fileCount: 0,
    missingCount: 0,
    manifest: entry,
    deleting: false,
  };
  await catalog.createSnapshot(item);
  await catalog.updateEnvironment(environmentId, { lastSnapshotId: snapshotId });
  return item;
}

/** Objects of an attempt that never reached its seal: a dump, a list segment, an index part and a pack. */
export async function leaveFailedAttempt(
  { store, replicaStore, settings, clock }: FakeCollaborators,
  environment: EnvironmentItem,
  snapshotId: string,
  attemptId: string,
): Promise<readonly string[]> {
  const keys = [
    databaseKey(environment, snapshotId, attemptId),
    fileListKey(environment, snapshotId, attemptId, 0),
    fileIndexKey(environment, snapshotId, attemptId, 0, 0),
    packKey(environment, `pack-of-${attemptId}`),
  ];
  for (const key of keys) {
    const lock = attemptLock(settings.LOCK_MODE, clock.now());
    await store.put({ bucket: PRIMARY_BUCKET, key, body: Buffer.from(key), lock });
  }
  if (environment.replication === "replicated") store.replicateTo(replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET);
  return keys;
}

/** Keys of data versions (no markers) that stand on either side, as `side key`. */
export const standing = ({ store, replicaStore }: FakeCollaborators): readonly string[] => [
  ...store
    .versions(PRIMARY_BUCKET)
    .filter((one) => !one.isDeleteMarker)
    .map((one) => `primary ${one.key}`),
  ...replicaStore
    .versions(REPLICA_BUCKET)
    .filter((one) => !one.isDeleteMarker)
    .map((one) => `replica ${one.key}`),
];
/** Everything that mentions an id, on either side. */
export const standingOf = (collaborators: FakeCollaborators, id: string): readonly string[] =>
  standing(collaborators).filter((name) => name.includes(id));
