/**
 * What stands at a key after a write: whether it is what we wrote, and whether it is locked as asked. Both only look,
 * or lengthen a lock, so they can be repeated at any time.
 */
import { createHash } from "node:crypto";
import { crc32FromBase64 } from "./crc32-text";
import type { Lock, ObjectInfo, ObjectStore } from "./object-store";
import { ObjectDamaged, StorageError } from "./storage-errors";

/** What we wrote, or tried to. */
export interface WrittenObject {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
  readonly crc32: number;
  readonly lock?: Lock;
}

/** The version id of the current version if its bytes are ours; undefined if they are another's. */
export const standingIfOurs = async (store: ObjectStore, object: WrittenObject): Promise<string | undefined> => {
  const { bucket, key } = object;
  const info = await store.head({ bucket, key });
  if (info.size !== object.size) return undefined;
  const versionId = versionOf(object, info);
  const known = sameByChecksum(object, info);
  if (known !== undefined) return known ? versionId : undefined;
  const content = await store.get({ bucket, key, versionId });
  const sha256 = createHash("sha256");
  for await (const piece of content.body) sha256.update(piece);
  return sha256.digest("hex") === object.sha256 ? versionId : undefined;
};

/**
 * Checks by head that the version has our size, our checksum and the lock asked for, setting the lock where it is
 * missing. Returns the version id. Throws ObjectDamaged.
 */
export const secureStanding = async (store: ObjectStore, object: WrittenObject, known?: string): Promise<string> => {
  const { bucket, key, lock } = object;
  const info = await store.head({ bucket, key, ...(known === undefined ? {} : { versionId: known }) });
  if (info.size !== object.size || sameByChecksum(object, info) === false) {
    throw new ObjectDamaged(
      `The object ${key} in ${bucket} is not what was written: ${info.size} instead of ${object.size} bytes, or another checksum.`,
    );
  }
  const versionId = known ?? versionOf(object, info);
  if (lock === undefined || isLocked(info, lock)) return versionId;
  await store.retain({ bucket, key, versionId }, lock);
  if (!isLocked(await store.head({ bucket, key, versionId }), lock)) {
    throw new ObjectDamaged(
      `The object ${key} in ${bucket} has no ${lock.mode} lock until ${lock.until.toISOString()}, though the server accepted it.`,
    );
  }
  return versionId;
};

/** Locked in this mode (or the stricter one), at least until then. */
export const isLocked = (info: Pick<ObjectInfo, "lock">, lock: Lock): boolean =>
  info.lock !== undefined &&
  (info.lock.mode === lock.mode || info.lock.mode === "COMPLIANCE") &&
  info.lock.until.getTime() >= lock.until.getTime();

/** Undefined where the server keeps no checksum of the whole object. */
const sameByChecksum = (object: WrittenObject, info: ObjectInfo): boolean | undefined => {
  if (info.sha256 !== undefined) return Buffer.from(info.sha256, "base64").toString("hex") === object.sha256;
  const crc32 = crc32FromBase64(info.crc32);
  return crc32 === undefined ? undefined : crc32 === object.crc32;
};

const versionOf = (object: WrittenObject, info: ObjectInfo): string => {
  if (info.versionId !== undefined) return info.versionId;
  throw new StorageError(`The bucket ${object.bucket} keeps no versions: snapshots need a bucket with Object Lock.`);
};
