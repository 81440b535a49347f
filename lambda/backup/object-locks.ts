/**
 * Locks of an attempt's objects: renewed while it runs, extended to the expiry at the seal. Locks are only ever
 * moved forward, so every call can be repeated, and a failure leaves some objects locked for longer than they need.
 */
import { ServiceFailure } from "../runtime/collaborators";
import type { PackEntry, StoredObjectEntry } from "../snapshot/manifest";
import { crc32FromBase64 } from "../storage/crc32-text";
import type { Lock, ObjectInfo, ObjectStore } from "../storage/object-store";
import { isLocked } from "../storage/standing-object";
import { AccessRefused, ObjectNotFound } from "../storage/storage-errors";

/** Two requests for an object that this attempt wrote: lock it, then see that it is there, whole and locked. */
export async function lockAndCheck(
  store: ObjectStore,
  bucket: string,
  entry: StoredObjectEntry,
  lock: Lock,
): Promise<void> {
  await extend(store, bucket, entry, lock);
  await check(store, bucket, entry, lock);
}

/**
 * One request for a pack carried over; two if the lock turns out to be longer than we knew. With `lookFirst`, for seals
 * that were interrupted long ago, the lock that stands is looked at before: not every server refuses to shorten it.
 */
export async function lockCarriedOver(
  store: ObjectStore,
  bucket: string,
  pack: PackEntry,
  lock: Lock,
  lookFirst: boolean,
): Promise<void> {
  if (Date.parse(pack.lockedUntil) >= lock.until.getTime()) return check(store, bucket, pack, lock);
  if (lookFirst && isLocked(await headOf(store, bucket, pack), lock)) return check(store, bucket, pack, lock);
  const extended = await extend(store, bucket, pack, lock);
  if (!extended) await check(store, bucket, pack, lock);
}

/** False when the server refuses: the lock is longer already, or we may not. Only a head can tell which. */
export async function extend(
  store: ObjectStore,
  bucket: string,
  entry: StoredObjectEntry,
  lock: Lock,
): Promise<boolean> {
  try {
    await store.retain({ bucket, key: entry.key, versionId: entry.versionId }, lock);
    return true;
  } catch (error) {
    if (error instanceof AccessRefused) return false;
    throw error instanceof ObjectNotFound ? gone(bucket, entry, error) : error;
  }
}

export async function check(store: ObjectStore, bucket: string, entry: StoredObjectEntry, lock: Lock): Promise<void> {
  const info = await headOf(store, bucket, entry);
  const crc32 = crc32FromBase64(info.crc32);
  if (info.size !== entry.size || (crc32 !== undefined && crc32 !== entry.crc32)) {
    throw new DamagedObject(
      `The object ${entry.key} in ${bucket} is damaged: its size or checksum is not what was written.`,
    );
  }
  if (!isLocked(info, lock)) {
    throw new ServiceFailure(
      "ObjectNotLocked",
      `The object ${entry.key} in ${bucket} can't be locked until ${lock.until.toISOString()}; check that the bucket has Object Lock and the role may set retention.`,
      true,
    );
  }
}

async function headOf(store: ObjectStore, bucket: string, entry: StoredObjectEntry): Promise<ObjectInfo> {
  try {
    return await store.head({ bucket, key: entry.key, versionId: entry.versionId });
  } catch (error) {
    throw error instanceof ObjectNotFound ? gone(bucket, entry, error) : error;
  }
}

/** An object that the snapshot needs is absent or not what was written. */
export class DamagedObject extends ServiceFailure {
  constructor(message: string, options?: ErrorOptions) {
    super("ObjectDamaged", message, true, options);
  }
}
const gone = (bucket: string, entry: StoredObjectEntry, cause: unknown): DamagedObject =>
  new DamagedObject(`The object ${entry.key} (version ${entry.versionId}) is gone from ${bucket}.`, { cause });
