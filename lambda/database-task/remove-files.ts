/**
 * Removes from the target's bucket the files that only the old database referred to; the keys were fixed before the
 * swap. Plain deletes: on a versioned bucket they leave delete markers. Before each batch the live database must still
 * be the one that this restore swapped in. A failure leaves the count of those done; deleting again does no harm.
 */
import { SnapshotReader } from "../restore/snapshot-reader";
import { listLines } from "../restore/stored-lines";
import { ServiceFailure } from "../runtime/collaborators";
import { bucketFailure } from "./bucket-listing";
import type { RestoreTarget } from "./restore-target";
import type { TaskContext } from "./task-context";

/** S3's limit. */
const BATCH = 1000;

/** `mayRemove` is asked before each batch and throws when not; `removed` counts those done, earlier tries included. */
export const removeFiles = async (
  context: TaskContext,
  { restore, target }: RestoreTarget,
  alreadyRemoved: number,
  mayRemove: () => Promise<void>,
  record: (removed: number) => Promise<void>,
): Promise<void> => {
  const { prefix } = target.registration.files;
  const reader = new SnapshotReader(context, target.replication === "replicated", "records");
  let seen = 0;
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    await mayRemove();
    await deleteFiles(context, target.registration.files.bucket, batch);
    batch = [];
    await record(seen);
  };
  for await (const { key } of listLines(reader, restore.removal?.segments ?? [], null)) {
    if (seen++ < alreadyRemoved) continue;
    batch.push(prefix + key);
    if (batch.length === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
};

const deleteFiles = async ({ store }: TaskContext, bucket: string, keys: readonly string[]): Promise<void> => {
  try {
    const { refused } = await store.deleteBatch(
      bucket,
      keys.map((key) => ({ key })),
    );
    const [first] = refused;
    if (first !== undefined)
      throw new ServiceFailure(
        "FilesNotRemoved",
        `${refused.length} file(s) that the restored database no longer names can't be deleted from the bucket "${bucket}": "${first.key}": ${first.message}; allow s3:DeleteObject there.`,
        true,
      );
  } catch (error) {
    throw bucketFailure(error, "deleting", bucket) ?? error;
  }
};
