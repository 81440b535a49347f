/**
 * Removes from the target's bucket the files that only the old database referred to; the keys were fixed before the
 * swap. Plain deletes: on a versioned bucket they leave delete markers. Before each batch the live database must still
 * be the one that this restore swapped in. What can't be removed is recorded and left: the swap has happened, and no
 * file that nobody names is worth a restore that never ends. A failure leaves the count of those done; deleting again
 * does no harm.
 */
import type { FilesLeft, RestoreDatabaseProgress } from "../catalog/items";
import { compareKeys } from "../pack/key-order";
import { LinesWriter } from "../pack/ndjson-object";
import { SnapshotReader, type ReaderCollaborators } from "../restore/snapshot-reader";
import { listLines } from "../restore/stored-lines";
import type { ListLine } from "../snapshot/file-index";
import { restoreLeftKey } from "../storage/object-keys";
import { DELETED_AT_ONCE, removeObjects, type LeftObject } from "../storage/remove-objects";
import { StoreUnavailable } from "../storage/storage-errors";
import type { RestoreTarget } from "./restore-target";
import { runName } from "./run-name";
import type { TaskContext } from "./task-context";

const KEYS_NAMED = 20;
/** A server that is down is waited for by the workflow, about 20 minutes; then its files are left. */
const TRIES = 10;
/** With that many batches given up, the rest is left unasked: the server doesn't answer. */
const BATCHES_GIVEN_UP = 3;

type RemovalContext = ReaderCollaborators & Pick<TaskContext, "random">;
type Removed = Pick<RestoreDatabaseProgress, "removed" | "left" | "removalTries">;

/** `mayRemove` is asked before each batch and throws when not; `record` gets how far it has come, earlier tries included. */
export const removeFiles = async (
  context: RemovalContext,
  { restore, target }: Pick<RestoreTarget, "restore" | "target">,
  before: Removed,
  mayRemove: () => Promise<void>,
  record: (progress: Removed) => Promise<void>,
): Promise<void> => {
  const { bucket, prefix } = target.registration.files;
  const place = { replication: target.replication, environmentId: target.environmentId };
  const reader = new SnapshotReader(context, target.replication === "replicated", "records");
  if (before.removed >= (restore.removal?.count ?? 0)) return;
  const removalTries = (before.removalTries ?? 0) + 1;
  await record({ ...before, removalTries });
  let { left } = before;
  let seen = 0;
  let givenUp = 0;
  let batch: string[] = [];
  const remove = async (keys: readonly string[]): Promise<readonly LeftObject[]> => {
    const objects = keys.map((key) => ({ key: prefix + key }));
    const unasked = (message: string) => objects.map((object) => ({ ...object, code: "StoreUnavailable", message }));
    if (givenUp >= BATCHES_GIVEN_UP) return unasked("The bucket did not answer.");
    try {
      return await removeObjects(context.store, bucket, objects);
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || removalTries < TRIES) throw error;
      givenUp++;
      return unasked(error.message);
    }
  };
  const flush = async (): Promise<void> => {
    await mayRemove();
    const refused = await remove(batch);
    if (refused.length > 0) {
      const key = restoreLeftKey(place, restore.restoreId, seen, runName(context.random));
      const names = refused.map((one) => one.key.slice(prefix.length));
      await storeLeft(context, key, names);
      left = withLeft(left, names, refused[0]?.message ?? "");
      context.log.warn("Files could not be removed and are left.", { restoreId: restore.restoreId, ...left });
    }
    batch = [];
    await record({ removed: seen, removalTries, ...(left === undefined ? {} : { left }) });
  };
  for await (const { key } of listLines(reader, restore.removal?.segments ?? [], null)) {
    if (seen++ < before.removed) continue;
    batch.push(key);
    if (batch.length === DELETED_AT_ONCE) await flush();
  }
  if (batch.length > 0) await flush();
};

const storeLeft = async ({ store, settings }: RemovalContext, key: string, names: readonly string[]): Promise<void> => {
  const writer = new LinesWriter<ListLine>(store, { bucket: settings.PRIMARY_BUCKET, key });
  for (const name of names.toSorted(compareKeys)) await writer.add({ key: name });
  await writer.finish();
};

const withLeft = (left: FilesLeft | undefined, names: readonly string[], reason: string): FilesLeft => ({
  count: (left?.count ?? 0) + names.length,
  keys: [...(left?.keys ?? []), ...names].slice(0, KEYS_NAMED),
  reason: left?.reason ?? reason,
});
