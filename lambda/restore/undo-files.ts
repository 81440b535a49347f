/**
 * Undoing the files step: removes exactly the files that carry this restore's mark, by version where the bucket keeps
 * versions, so that no trace remains. Repeatable; once the database has been swapped it says `forward` and removes
 * nothing. A crash leaves files that nothing refers to and that the next call removes.
 */
import type { RestoreItem } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { ListLine } from "../snapshot/file-index";
import { PART_BYTES, type VersionToDelete } from "../storage/object-store";
import { ObjectNotFound } from "../storage/storage-errors";
import { mapInOrder } from "./concurrency";
import type { RestoreOutput } from "./contract";
import { batchRecords, readBatch, RESTORE_ID, type Records } from "./restore-mark";
import {
  HAND_BACK_MS,
  isSwapped,
  loadEnvironment,
  loadRestore,
  output,
  placeOf,
  record,
  requireLease,
  UNDO_PHASE,
} from "./restore-state";
import { atTarget, targetFiles, type TargetFiles } from "./target-files";
import { abortUnfinished } from "./unfinished-uploads";

type UndoCollaborators = Pick<Collaborators, "catalog" | "clock" | "remainingMs" | "settings" | "store">;

const HEADS_AT_ONCE = 32;

export const undoFiles = async (
  input: { readonly restoreId: string },
  collaborators: UndoCollaborators,
): Promise<RestoreOutput> => {
  let restore = await loadRestore(collaborators, input.restoreId);
  if (restore.state === "completed" || isSwapped(restore)) return output(restore, "forward");
  // Without a lease nothing was ever put; a restore that has failed has been undone before.
  if (restore.databaseOnly || restore.leaseToken === null || restore.state === "failed") return output(restore, "done");
  await requireLease(collaborators, restore);
  if (restore.phase !== UNDO_PHASE) restore = await record(collaborators, restore, { phase: UNDO_PHASE });
  return (await removeAll(collaborators, restore)) ? output(restore, "done") : output(restore, "more");
};

const removeAll = async (collaborators: UndoCollaborators, restore: RestoreItem): Promise<boolean> => {
  const { store, settings, remainingMs } = collaborators;
  const { restoreId } = restore;
  const environment = await loadEnvironment(collaborators, restore.targetEnvironmentId);
  const target = targetFiles(store, environment.registration);
  const records: Records = { store, bucket: settings.PRIMARY_BUCKET, place: placeOf(environment), restoreId };
  let firstRecordAt: Date | undefined;
  for await (const batch of batchRecords(records, null)) {
    firstRecordAt ??= batch.lastModified;
    if (batch.key <= (restore.files.undone ?? "")) continue;
    await requireLease(collaborators, restore);
    await removeBatch(target, restoreId, await readBatch(records, batch), firstRecordAt);
    const files = { ...restore.files, undone: batch.key };
    await record(collaborators, restore, { files });
    if (remainingMs() < HAND_BACK_MS) return false;
  }
  return true;
};

const removeBatch = async (
  target: TargetFiles,
  restoreId: string,
  candidates: readonly ListLine[],
  since: Date,
): Promise<void> => {
  const { store, bucket } = target;
  async function* each() {
    yield* candidates;
  }
  const ours: VersionToDelete[] = [];
  for await (const found of mapInOrder(each(), HEADS_AT_ONCE, async ({ key, size }) => {
    if (size === undefined || size > PART_BYTES) await abortUnfinished(target, key, since);
    return markedVersion(target, key, restoreId);
  })) {
    if (found !== undefined) ours.push(found);
  }
  // A batch has at most 1,000 candidates, as DeleteObjects has.
  if (ours.length === 0) return;
  const { refused } = await atTarget(target, "deleting", () => store.deleteBatch(bucket, ours));
  const [first] = refused;
  if (first === undefined) return;
  throw new ServiceFailure(
    "UndoRefused",
    `${refused.length} files that a failed restore put can't be removed from bucket ${bucket}, such as ` +
      `${JSON.stringify(first.key)} (${first.code}: ${first.message}): allow it, or remove what carries the metadata ` +
      `${RESTORE_ID}=${restoreId}.`,
    true,
  );
};

/** What to delete at the key, if what stands there was put by this restore. */
const markedVersion = async (
  { store, bucket, prefix, ...target }: TargetFiles,
  name: string,
  restoreId: string,
): Promise<VersionToDelete | undefined> => {
  const key = prefix + name;
  try {
    const info = await atTarget({ store, bucket, prefix, ...target }, "reading", () => store.head({ bucket, key }));
    if (info.metadata[RESTORE_ID] !== restoreId) return undefined;
    return info.versionId === undefined ? { key } : { key, versionId: info.versionId };
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined;
    throw error;
  }
};
