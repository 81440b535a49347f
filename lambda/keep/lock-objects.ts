/**
 * Locks the objects of a snapshot until a later date, in order of their keys, and sees that each is there, whole and
 * locked. Locks only move forward: what is locked for long enough is only looked at, so every call may be repeated, and
 * a failure leaves some objects locked for longer than anybody has been promised.
 */
import { atOnce } from "../runtime/at-once";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { StoredObjectEntry } from "../snapshot/manifest";
import { crc32FromBase64 } from "../storage/crc32-text";
import type { LockMode, ObjectInfo, ObjectStore, VersionRef } from "../storage/object-store";
import { isLocked } from "../storage/standing-object";
import { AccessRefused, ObjectNotFound } from "../storage/storage-errors";

/** Three requests each: ten thousand packs take about two minutes a side. */
const OBJECTS_AT_ONCE = 16;
const BATCH = 256;
/** A batch takes seconds; with less time the next invocation goes on. */
const RESERVE_MS = 60_000;

export interface Locking {
  readonly store: ObjectStore;
  readonly bucket: string;
  /** Sorted by key; undefined: no version of it stands on this side. */
  readonly objects: readonly { readonly entry: StoredObjectEntry; readonly versionId: string | undefined }[];
  readonly mode: LockMode;
  readonly until: Date;
  /** What may be absent is left out: a snapshot that is not proven replicated yet. */
  readonly mayBeAbsent: boolean;
}

/** The last key that is done; null when all are. Throws NotKept with the first object that is not as it should be. */
export async function lockObjects(
  locking: Locking,
  after: string,
  { remainingMs }: Pick<Collaborators, "remainingMs">,
): Promise<string | null> {
  const rest = locking.objects.filter(({ entry }) => entry.key > after);
  for (let start = 0; start < rest.length; start += BATCH) {
    if (remainingMs() < RESERVE_MS) return rest[start - 1]?.entry.key ?? after;
    await atOnce(OBJECTS_AT_ONCE, rest.slice(start, start + BATCH), (object) => lockOne(object, locking));
  }
  return null;
}

async function lockOne({ entry, versionId }: Locking["objects"][number], locking: Locking): Promise<void> {
  const { store, bucket, mayBeAbsent } = locking;
  const info = versionId === undefined ? undefined : await headOrNothing(store, { bucket, key: entry.key, versionId });
  if (versionId === undefined || info === undefined) {
    if (mayBeAbsent) return;
    throw new NotKept(`The object ${entry.key} is missing in ${bucket}`);
  }
  checkBytes(entry, info, bucket);
  // Its own mode: the setting may have changed since it was sealed, and a stricter mode can't be loosened.
  const lock = { mode: info.lock?.mode ?? locking.mode, until: locking.until };
  if (isLocked(info, lock)) return;
  const ref = { bucket, key: entry.key, versionId };
  try {
    await store.retain(ref, lock);
  } catch (error) {
    // Locked for longer meanwhile, or we may not: the head tells which.
    if (!(error instanceof AccessRefused)) throw error;
  }
  const locked = await headOrNothing(store, ref);
  if (locked === undefined || !isLocked(locked, lock))
    throw new NotKept(`The object ${entry.key} in ${bucket} can't be locked until ${lock.until.toISOString()}`);
}

function checkBytes(entry: StoredObjectEntry, info: ObjectInfo, bucket: string): void {
  const crc32 = crc32FromBase64(info.crc32);
  if (info.size === entry.size && (crc32 === undefined || crc32 === entry.crc32)) return;
  throw new NotKept(`The object ${entry.key} in ${bucket} is damaged: its size or checksum is not the manifest's`);
}

async function headOrNothing(store: ObjectStore, ref: VersionRef): Promise<ObjectInfo | undefined> {
  try {
    return await store.head(ref);
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined;
    throw error;
  }
}

/** The snapshot can't be kept as it stands; nothing has been promised. */
export class NotKept extends ServiceFailure {
  constructor(reason: string) {
    super("SnapshotNotKept", `${reason}; the snapshot's expiry stays as it is: take a new snapshot.`, false);
  }
}

/** AWS Backup would have to keep both recovery points longer too, which this service does not ask of it. */
export const notForRecoveryPoints = (snapshotId: string): string =>
  `The database of snapshot ${snapshotId} is a recovery point, which AWS Backup deletes at the expiry it was taken with`;
