/**
 * Copies an object of the primary bucket to the replica once more, where S3 gave up. A failure leaves nothing, an
 * unfinished multipart upload (swept within a day), or the whole object, perhaps not yet locked: the next round of
 * the check sees which.
 */
import type { StoredObjectEntry } from "../snapshot/manifest";
import type { Lock, ObjectStore, PartResult, VersionRef } from "../storage/object-store";
import { crc32ToBase64 } from "../storage/crc32-text";
import { ObjectUpload } from "../storage/object-upload";
import { ObjectExists, ObjectNotFound, StoreUnavailable } from "../storage/storage-errors";

export interface CopySides {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly replicaStore: ObjectStore;
  readonly replicaBucket: string;
}

/** CopyObject's limit. */
const LARGEST_COPY_BYTES = 5 * 1000 ** 3;
/** At most 5,000 parts for the 5 TB that an object can have. */
const COPY_PART_BYTES = 1024 ** 3;

export async function copyAgain(entry: StoredObjectEntry, lock: Lock, sides: CopySides): Promise<void> {
  const source: VersionRef = { bucket: sides.bucket, key: entry.key, versionId: entry.versionId };
  try {
    const versionId =
      entry.size <= LARGEST_COPY_BYTES
        ? await copyWhole(source, lock, sides)
        : await copyInParts(source, entry, lock, sides);
    // Copies and multipart uploads may lose the lock that they were asked to have.
    if (versionId !== undefined)
      await sides.replicaStore.retain({ bucket: sides.replicaBucket, key: entry.key, versionId }, lock);
  } catch (error) {
    if (error instanceof ObjectExists) return;
    if (error instanceof ObjectNotFound || error instanceof StoreUnavailable) throw error;
    // The server may refuse to copy between regions or keys: then the bytes pass through here.
    await stream(source, lock, sides);
  }
}

async function copyWhole(
  source: VersionRef,
  lock: Lock,
  { replicaStore, replicaBucket }: CopySides,
): Promise<string | undefined> {
  return (await replicaStore.copy(source, { bucket: replicaBucket, key: source.key, lock, onlyIfAbsent: true }))
    .versionId;
}

async function copyInParts(
  source: VersionRef,
  entry: StoredObjectEntry,
  lock: Lock,
  { replicaStore, replicaBucket }: CopySides,
): Promise<string | undefined> {
  const target = { bucket: replicaBucket, key: source.key };
  const uploadId = await replicaStore.createMultipart({ ...target, lock });
  try {
    const parts: PartResult[] = [];
    for (let first = 0; first < entry.size; first += COPY_PART_BYTES) {
      const last = Math.min(first + COPY_PART_BYTES, entry.size) - 1;
      parts.push(await replicaStore.uploadPartCopy(target, uploadId, parts.length + 1, source, [first, last]));
    }
    return (
      await replicaStore.completeMultipart(target, uploadId, parts, {
        onlyIfAbsent: true,
        crc32: crc32ToBase64(entry.crc32),
      })
    ).versionId;
  } catch (error) {
    // The first failure is the one to tell; what can't be aborted now is swept.
    await replicaStore.abortMultipart(target, uploadId).catch(() => undefined);
    throw error;
  }
}

async function stream(
  source: VersionRef,
  lock: Lock,
  { store, replicaStore, replicaBucket }: CopySides,
): Promise<void> {
  const upload = new ObjectUpload(replicaStore, { bucket: replicaBucket, key: source.key, lock });
  try {
    for await (const chunk of (await store.get(source)).body) await upload.write(chunk);
    await upload.finish();
  } catch (error) {
    await upload.abort().catch(() => undefined);
    throw error;
  }
}
