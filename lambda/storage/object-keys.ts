/**
 * Every object key of the service, and nothing else builds one. Replicated and single-region environments live
 * under prefixes of their own, because S3's replication rule selects by prefix.
 */
export type ReplicationClass = "replicated" | "single-region";

export interface EnvironmentPlace {
  readonly replication: ReplicationClass;
  readonly environmentId: string;
}

export const environmentPrefix = (place: EnvironmentPlace): string => `${place.replication}/${place.environmentId}/`;
export const snapshotsPrefix = (place: EnvironmentPlace): string => `${environmentPrefix(place)}snapshots/`;
export const snapshotPrefix = (place: EnvironmentPlace, snapshotId: string): string =>
  `${snapshotsPrefix(place)}${snapshotId}/`;
export const manifestKey = (place: EnvironmentPlace, snapshotId: string): string =>
  `${snapshotPrefix(place, snapshotId)}manifest.json`;
export const attemptPrefix = (place: EnvironmentPlace, snapshotId: string, attemptId: string): string =>
  `${snapshotPrefix(place, snapshotId)}${attemptId}/`;
/**
 * The dump. `run` is random: a dump task that runs again for the same attempt must not meet what its forerunner stored.
 */
export const databaseKey = (place: EnvironmentPlace, snapshotId: string, attemptId: string, run?: string): string =>
  `${attemptPrefix(place, snapshotId, attemptId)}database${suffix(run)}.gz`;
/** List segments: the sorted file keys (or listing) as read in the dump's own database snapshot. */
export const fileListKey = (
  place: EnvironmentPlace,
  snapshotId: string,
  attemptId: string,
  segment: number,
  run?: string,
): string => `${attemptPrefix(place, snapshotId, attemptId)}list/${padded(segment)}${suffix(run)}.ndjson.gz`;
/**
 * Part `part` of shard `shard` of the file index; parts in order, then shards in order, are the whole index. `run`
 * is random: a packer that is started again after a crash must not meet the part that its forerunner stored.
 */
export const fileIndexKey = (
  place: EnvironmentPlace,
  snapshotId: string,
  attemptId: string,
  shard: number,
  part: number,
  run?: string,
): string =>
  `${attemptPrefix(place, snapshotId, attemptId)}files/${padded(shard)}-${padded(part)}${suffix(run)}.ndjson.gz`;
export const packsPrefix = (place: EnvironmentPlace): string => `${environmentPrefix(place)}packs/`;
export const packKey = (place: EnvironmentPlace, packId: string): string => `${packsPrefix(place)}${packId}.tar.gz`;
export const recordsPrefix = (place: EnvironmentPlace): string => `${environmentPrefix(place)}records/`;
export const registrationRecordKey = (place: EnvironmentPlace): string => `${recordsPrefix(place)}registration.json`;
/** Mutable facts of one snapshot: comment, keep-until, audit. */
export const snapshotRecordKey = (place: EnvironmentPlace, snapshotId: string): string =>
  `${recordsPrefix(place)}snapshots/${snapshotId}.json`;
/** What became of a snapshot, as far as its manifest does not tell: failed and why, or when it was seen at the replica. */
export const outcomeRecordKey = (place: EnvironmentPlace, snapshotId: string): string =>
  `${recordsPrefix(place)}outcomes/${snapshotId}.json`;
/** What the last probe found. */
export const probeRecordKey = (place: EnvironmentPlace): string => `${recordsPrefix(place)}probe.json`;
/** What became of a restore into the environment. */
export const restoreOutcomeRecordKey = (place: EnvironmentPlace, restoreId: string): string =>
  `${recordsPrefix(place)}restore-outcomes/${restoreId}.json`;
export const restoreRecordsPrefix = (place: EnvironmentPlace, restoreId: string): string =>
  `${recordsPrefix(place)}restores/${restoreId}/`;
/** Keys of the files that the restore is about to put at the target, written before the first is put. */
export const restorePutKey = (place: EnvironmentPlace, restoreId: string, batch: number): string =>
  `${restoreRecordsPrefix(place, restoreId)}put/${padded(batch)}.ndjson.gz`;
/** Keys that the target's old database referred to. */
export const restoreOldListKey = (place: EnvironmentPlace, restoreId: string, segment: number, run?: string): string =>
  `${restoreRecordsPrefix(place, restoreId)}old-list/${padded(segment)}${suffix(run)}.ndjson.gz`;
/** Files that the plan had to read and found the same, each with its ETag at the target. */
export const restoreReadKey = (place: EnvironmentPlace, restoreId: string, segment: number): string =>
  `${restoreRecordsPrefix(place, restoreId)}read/${padded(segment)}.ndjson.gz`;
/** Keys to remove from the target after the swap, fixed before it. */
export const restoreRemovalKey = (place: EnvironmentPlace, restoreId: string, segment: number): string =>
  `${restoreRecordsPrefix(place, restoreId)}removal/${padded(segment)}.ndjson.gz`;
/** Keys that could not be removed, `seen` being the place of the last of them in the removal; `run` is random. */
export const restoreLeftKey = (place: EnvironmentPlace, restoreId: string, seen: number, run: string): string =>
  `${restoreRecordsPrefix(place, restoreId)}left/${padded(seen)}${suffix(run)}.ndjson.gz`;
/** What stood at the target before a file of the batch was put over it, where its bucket keeps no versions. */
export const restoreAsideKey = (place: EnvironmentPlace, restoreId: string, batch: number, line: number): string =>
  `${restoreRecordsPrefix(place, restoreId)}aside/${padded(batch)}/${padded(line)}`;
/** The environment's last restore drills. */
export const drillsRecordKey = (place: EnvironmentPlace): string => `${recordsPrefix(place)}drills.json`;
/** One change and who made it. `at` is ISO 8601, so that a listing is in order of time. */
export const auditRecordKey = (place: EnvironmentPlace, at: string, id: string): string =>
  `${recordsPrefix(place)}audit/${at}-${id}.json`;
/** Changes that belong to no environment: who may do what. */
export const SERVICE_RECORDS_PREFIX = "service/records/";
/** Where the region's restore drills take place. */
export const drillTargetRecordKey = (): string => `${SERVICE_RECORDS_PREFIX}drill-target.json`;
export const serviceAuditRecordKey = (at: string, id: string): string =>
  `${SERVICE_RECORDS_PREFIX}audit/${at}-${id}.json`;
/** Who may sign in and do what. Names may hold anything, so keys hold their SHA-256 in hex. */
export const PRINCIPAL_RECORDS_PREFIX = `${SERVICE_RECORDS_PREFIX}principals/`;
export const principalRecordKey = (nameHash: string): string => `${PRINCIPAL_RECORDS_PREFIX}${nameHash}/principal.json`;
export const apiKeyRecordKey = (nameHash: string, keyHash: string): string =>
  `${PRINCIPAL_RECORDS_PREFIX}${nameHash}/keys/${keyHash}.json`;

/**
 * The environments that are registered, by name alone. S3 replicates it, so that a recovery knows those that have
 * nothing else in the replication region.
 */
export const REGISTER_PREFIX = `${SERVICE_RECORDS_PREFIX}register/`;
export const registerEntryKey = (environmentId: string): string => `${REGISTER_PREFIX}${environmentId}.json`;

// In the transfer bucket, where nothing lives longer than a day.

export const ARCHIVES_PREFIX = "archives/";
/** An archive's finished file, and what is kept while it is put together. */
export const archivePrefix = (archiveId: string): string => `${ARCHIVES_PREFIX}${archiveId}/`;
export const archiveKey = (archiveId: string, fileName: string): string => `${archivePrefix(archiveId)}${fileName}`;
export const UPLOADS_PREFIX = "uploads/";
export const uploadKey = (uploadId: string): string => `${UPLOADS_PREFIX}${uploadId}/archive`;
/** Files of restore drills: put, read back, and removed. */
export const DRILLS_PREFIX = "drills/";
export const drillPrefix = (drillId: string): string => `${DRILLS_PREFIX}${drillId}/`;

const padded = (number: number): string => String(number).padStart(6, "0");
const suffix = (run: string | undefined): string => (run === undefined ? "" : `-${run}`);
