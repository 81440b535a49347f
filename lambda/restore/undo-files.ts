/**
 * Undoing the files step, batch by batch from the newest record: what it put goes, by version where the bucket keeps
 * versions, so that no trace remains, and what it put files over comes back. What stands at a key that the record names
 * was put by this restore if it has the snapshot's bytes, for the record says that other bytes, other attributes, or
 * nothing, stood there before; anything else is another's and stays. Repeatable; once the database has been swapped it says `forward` and
 * removes nothing. A crash leaves files that nothing refers to and that the next call sees to.
 */
import type { RestoreItem } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { copyObject } from "../storage/copy-object";
import { PART_BYTES, type ListedVersion, type ObjectInfo } from "../storage/object-store";
import { removeObjects, type LeftObject } from "../storage/remove-objects";
import { ObjectNotFound } from "../storage/storage-errors";
import { mapInOrder } from "./concurrency";
import type { RestoreOutput } from "./contract";
import { batchRecords, numberOf, readBatch, type PutLine, type Records } from "./put-records";
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
import { asideOf, putBack } from "./set-aside";
import { atTarget, compareBytes, targetFiles, type TargetFiles } from "./target-files";
import { abortUnfinished } from "./unfinished-uploads";

type UndoCollaborators = Pick<Collaborators, "catalog" | "clock" | "remainingMs" | "settings" | "store">;

const HEADS_AT_ONCE = 32;
/** After every record's key. */
const LAST = "\uffff";
/** `x-amz-meta-restore-id`: what the version before this one put on files, and recorded by key alone. */
const FORMER_MARK = "restore-id";

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
  return (await undoAll(collaborators, restore)) ? output(restore, "done") : output(restore, "more");
};

const undoAll = async (collaborators: UndoCollaborators, restore: RestoreItem): Promise<boolean> => {
  const { store, settings, remainingMs } = collaborators;
  const { restoreId } = restore;
  const environment = await loadEnvironment(collaborators, restore.targetEnvironmentId);
  const target = targetFiles(store, environment.registration);
  const records: Records = { store, bucket: settings.PRIMARY_BUCKET, place: placeOf(environment), restoreId };
  const batches: ListedVersion[] = [];
  for await (const batch of batchRecords(records)) batches.push(batch);
  const [first] = batches;
  if (first === undefined) return true;
  for (const batch of batches.toReversed()) {
    if (batch.key >= (restore.files.undoneTo ?? LAST)) continue;
    await requireLease(collaborators, restore);
    await new BatchUndo(target, records, numberOf(records, batch), first.lastModified).undo(
      await readBatch(records, batch),
    );
    const files = { ...restore.files, undoneTo: batch.key };
    await record(collaborators, restore, { files });
    if (remainingMs() < HAND_BACK_MS) return false;
  }
  return true;
};

class BatchUndo {
  constructor(
    private readonly target: TargetFiles,
    private readonly records: Records,
    private readonly batch: number,
    /** When the restore wrote its first record, by the server's clock. */
    private readonly since: Date,
  ) {}

  async undo(lines: readonly PutLine[]): Promise<void> {
    const { store, bucket, prefix } = this.target;
    async function* each() {
      yield* lines.entries();
    }
    const ours = new Map<string, Ours>();
    for await (const found of mapInOrder(each(), HEADS_AT_ONCE, ([place, line]) => this.undoLine(place, line)))
      if (found !== undefined) ours.set(prefix + found.line.key, found);
    if (ours.size === 0) return;
    const versions = [...ours].map(([key, { versionId }]) => (versionId === undefined ? { key } : { key, versionId }));
    const left = await removeObjects(store, bucket, versions);
    const stuck: LeftObject[] = [];
    for (const one of left) if (!(await this.hide(ours.get(one.key)))) stuck.push(one);
    const [first] = stuck;
    if (first === undefined) return;
    throw new ServiceFailure(
      "UndoRefused",
      `${stuck.length} files that a failed restore put can't be removed from bucket ${bucket}, such as ` +
        `${JSON.stringify(first.key)} (${first.code}: ${first.message}): allow it.`,
      true,
    );
  }

  /** What is to be deleted at the key, unless the file that stood there has been copied back. */
  private async undoLine(place: number, line: PutLine): Promise<Ours | undefined> {
    const { target } = this;
    if (line.size > PART_BYTES) await abortUnfinished(target, line.key, this.since);
    const info = await standing(target, line.key);
    if (info === undefined || !(await this.isOurs(line, info))) return undefined;
    const { was } = line;
    const { versionId } = info;
    if (was === undefined) return { line, ...(versionId === undefined ? {} : { versionId }) };
    if (was.versionId === undefined && versionId === undefined) {
      await putBack(target, asideOf(this.records, this.batch, place), { key: line.key, was }, info);
      return undefined;
    }
    if (was.versionId !== undefined) await this.requireKept(line.key, was.versionId);
    return { line, versionId: versionId ?? "null" };
  }

  private async isOurs(line: PutLine, info: ObjectInfo): Promise<boolean> {
    const { restoreId } = this.records;
    const { key, etag, sha256, size } = line;
    if (sha256 === undefined || etag === undefined) return info.metadata[FORMER_MARK] === restoreId;
    if (info.size !== size || isUntouched(line, info)) return false;
    return info.etag === etag || (await compareBytes(this.target, { key, size, sha256 })) === "same";
  }

  /** Where versions are deleted by a rule of the bucket, what stood there may be gone: then what stands must stay. */
  private async requireKept(key: string, versionId: string): Promise<void> {
    if ((await standing(this.target, key, versionId)) !== undefined) return;
    throw new ServiceFailure(
      "UndoRefused",
      `The version ${versionId} of ${JSON.stringify(this.target.prefix + key)} in bucket ${this.target.bucket}, over which a failed restore ` +
        "put a file, is gone, so that file stays: look at the bucket's lifecycle rules.",
      true,
    );
  }

  /** Where a version may not be deleted, as under a lock, what stood there is put over it again. */
  private async hide(ours: Ours | undefined): Promise<boolean> {
    const { store, bucket, prefix } = this.target;
    if (ours?.versionId === undefined) return false;
    const ref = { bucket, key: prefix + ours.line.key };
    const { was } = ours.line;
    if (was === undefined) return (await removeObjects(store, bucket, [ref])).length === 0;
    const { versionId, size, attributes } = was;
    if (versionId === undefined) return false;
    await atTarget(this.target, "writing", () =>
      copyObject(store, { ...ref, versionId }, size, { ...ref, attributes }),
    );
    return true;
  }
}

/**
 * What stood there still stands. Without versions nobody can tell where only attributes differ: then what was set aside is
 * put back, which changes nothing if it was never put over.
 */
const isUntouched = ({ etag, was }: PutLine, info: ObjectInfo): boolean =>
  was !== undefined &&
  info.etag === was.etag &&
  (was.versionId === undefined ? was.etag !== etag : info.versionId === was.versionId);

/** A file that this restore put; of a versioned bucket its version. */
interface Ours {
  readonly line: PutLine;
  readonly versionId?: string;
}

const standing = async (target: TargetFiles, name: string, versionId?: string): Promise<ObjectInfo | undefined> => {
  const { store, bucket, prefix } = target;
  const ref = { bucket, key: prefix + name, ...(versionId === undefined ? {} : { versionId }) };
  try {
    return await atTarget(target, "reading", () => store.head(ref));
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined;
    throw error;
  }
};
