/**
 * Copies an object of the primary bucket to the replica once more, where S3 gave up. A failure leaves nothing, an
 * unfinished multipart upload (swept within a day), or the whole object, perhaps not yet locked: the next round of
 * the check sees which.
 */
import type { StoredObjectEntry } from "../snapshot/manifest";
import { copyObject } from "../storage/copy-object";
import type { Lock, ObjectStore, VersionRef } from "../storage/object-store";
import { crc32ToBase64 } from "../storage/crc32-text";
import { ObjectUpload } from "../storage/object-upload";
import { ObjectExists, ObjectNotFound, StoreUnavailable } from "../storage/storage-errors";

export interface CopySides {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly replicaStore: ObjectStore;
  readonly replicaBucket: string;
}

export async function copyAgain(entry: StoredObjectEntry, lock: Lock, sides: CopySides): Promise<void> {
  const source: VersionRef = { bucket: sides.bucket, key: entry.key, versionId: entry.versionId };
  try {
    const target = { bucket: sides.replicaBucket, key: entry.key, lock, onlyIfAbsent: true };
    const crc32 = { crc32: crc32ToBase64(entry.crc32) };
    const { versionId } = await copyObject(sides.replicaStore, source, entry.size, target, crc32);
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
