/**
 * Undoing the files step, batch by batch from the newest record: what it put goes, by version where the bucket keeps
 * versions, so that no trace remains, and what it put files over comes back. What stands at a key that the record names
 * was put by this restore if it has the snapshot's bytes, for the record says that other bytes, other attributes, or
 * nothing, stood there before; anything else is another's and stays. A file that can't be undone holds up no other.
 * Repeatable; once the database has been swapped it says `forward` and removes nothing. A crash leaves files that nothing
 * refers to and that the next call sees to.
 */
import type { RestoreItem } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { differingAttributes } from "../snapshot/file-attributes";
import { copyObject } from "../storage/copy-object";
import { PART_BYTES, type ListedVersion, type ObjectInfo } from "../storage/object-store";
import { removeObjects, type LeftObject } from "../storage/remove-objects";
import { ObjectNotFound } from "../storage/storage-errors";
import { mapInOrder } from "./concurrency";
import type { RestoreOutput } from "./contract";
import { batchRecords, numberOf, readBatch, type PutLine, type Records, type StoodThere } from "./put-records";
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
import { asideOf, lookAt, putBack } from "./set-aside";
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
  const keep = (files: Partial<RestoreItem["files"]>): Promise<RestoreItem> =>
    record(collaborators, restore, { files: { ...restore.files, ...files } });
  const { undoneTo = null, undoStuck = null } = restore.files;
  let stuck = undoneTo === null ? null : undoStuck;
  let longest = 0;
  for (const batch of batches.toReversed()) {
    if (batch.key >= (undoneTo ?? LAST)) continue;
    const before = remainingMs();
    await requireLease(collaborators, restore);
    const undo = new BatchUndo(target, records, numberOf(records, batch), first.lastModified);
    const refused = await undo.undo(await readBatch(records, batch));
    stuck ??= refused;
    await keep({ undoneTo: batch.key, undoStuck: stuck });
    longest = Math.max(longest, before - remainingMs());
    // A batch of large files is read back, which takes minutes: the next one must not be cut off by the time.
    if (remainingMs() < HAND_BACK_MS + longest) return false;
  }
  if (stuck === null) return true;
  // All that can be undone is; the next try begins anew, and finds what has been allowed meanwhile.
  await keep({ undoneTo: null, undoStuck: stuck });
  throw new ServiceFailure("UndoRefused", stuck, true);
};

/** One record's files. What can't be undone holds up nothing else. */
class BatchUndo {
  constructor(
    private readonly target: TargetFiles,
    private readonly records: Records,
    private readonly batch: number,
    /** When the restore wrote its first record, by the server's clock. */
    private readonly since: Date,
  ) {}

  /** Why not all of it could be undone: one sentence, or null. */
  async undo(lines: readonly PutLine[]): Promise<string | null> {
    let stuck: string | null = null;
    let places: readonly number[] = [...lines.keys()];
    // A put whose answer was lost may have made two versions: what was beneath is looked at again.
    for (let round = 0; places.length > 0 && round < ROUNDS; round++) {
      const judged = await this.judge(lines, places);
      const refused = await this.remove(judged.ours);
      stuck ??= judged.stuck ?? refused;
      if (refused !== null) return stuck;
      places = judged.ours.flatMap(({ place, line }) => (line.was === undefined ? [] : [place]));
    }
    return stuck;
  }

  private async judge(
    lines: readonly PutLine[],
    places: readonly number[],
  ): Promise<{ readonly ours: readonly Ours[]; readonly stuck: string | undefined }> {
    async function* each() {
      yield* places;
    }
    const ours: Ours[] = [];
    let stuck: string | undefined;
    for await (const found of mapInOrder(each(), HEADS_AT_ONCE, async (place) => {
      const line = lines[place];
      return line === undefined ? undefined : this.undoLine(place, line);
    })) {
      if (typeof found === "string") stuck ??= found;
      else if (found !== undefined) ours.push(found);
    }
    return { ours, stuck };
  }

  private async remove(ours: readonly Ours[]): Promise<string | null> {
    const { store, bucket, prefix } = this.target;
    const byKey = new Map(ours.map((one) => [prefix + one.line.key, one]));
    const versions = [...byKey].map(([key, { versionId }]) => (versionId === undefined ? { key } : { key, versionId }));
    const stuck: LeftObject[] = [];
    for (const one of await removeObjects(store, bucket, versions))
      if (!(await this.hide(byKey.get(one.key)))) stuck.push(one);
    const [first] = stuck;
    return first === undefined
      ? null
      : `${stuck.length} files that a failed restore put can't be removed from bucket ${bucket}, such as ` +
          `${JSON.stringify(first.key)} (${first.code}: ${first.message}): allow it.`;
  }

  /** What is to be deleted at the key, unless what stood there has been copied back; a sentence where it can't be. */
  private async undoLine(place: number, line: PutLine): Promise<Ours | string | undefined> {
    const { target } = this;
    if (line.size > PART_BYTES) await abortUnfinished(target, line.key, this.since);
    const info = await standing(target, line.key);
    if (info === undefined || !(await this.isOurs(line, info))) return undefined;
    const { was } = line;
    const { versionId } = info;
    if (was === undefined) return { place, line, ...(versionId === undefined ? {} : { versionId }) };
    const hasVersions = was.versionId !== undefined || versionId !== undefined;
    const isBeneath = hasVersions && (await standing(target, line.key, was.versionId ?? NULL_VERSION)) !== undefined;
    if (isBeneath) return { place, line, versionId: versionId ?? NULL_VERSION };
    if (was.versionId === undefined) return this.copyBack(place, { key: line.key, was }, info);
    // Where versions are deleted by a rule of the bucket, what stood there may be gone: then what stands must stay.
    return (
      `The version ${was.versionId} of ${JSON.stringify(target.prefix + line.key)} in bucket ${target.bucket}, over which a failed ` +
      "restore put a file, is gone, so that file stays: look at the bucket's lifecycle rules."
    );
  }

  /** What was set aside, if it ever was: before that nothing was put. */
  private async copyBack(
    place: number,
    line: { readonly key: string; readonly was: StoodThere },
    info: ObjectInfo,
  ): Promise<undefined> {
    await putBack(this.target, asideOf(this.records, this.batch, place), line, info);
    return undefined;
  }

  private async isOurs(line: PutLine, info: ObjectInfo): Promise<boolean> {
    const { restoreId } = this.records;
    const { key, etag, sha256, size } = line;
    if (sha256 === undefined || etag === undefined) return info.metadata[FORMER_MARK] === restoreId;
    if (info.size !== size || (await this.isUntouched(line, info))) return false;
    return info.etag === etag || (await compareBytes(this.target, { key, size, sha256 })) === "same";
  }

  /** What stood there still stands: the same version, or the same bytes with the same attributes. */
  private async isUntouched({ key, was }: PutLine, info: ObjectInfo): Promise<boolean> {
    if (was === undefined || info.etag !== was.etag) return false;
    if (was.versionId !== undefined && info.versionId === was.versionId) return true;
    const now = await lookAt(this.target, { key });
    return now?.etag === was.etag && differingAttributes(now.attributes, was.attributes).length === 0;
  }

  /** Where a version may not be deleted, as under a lock, what stood there is put over it again. */
  private async hide(ours: Ours | undefined): Promise<boolean> {
    const { store, bucket, prefix } = this.target;
    if (ours?.versionId === undefined) return false;
    const ref = { bucket, key: prefix + ours.line.key };
    const { was } = ours.line;
    if (was === undefined) return (await removeObjects(store, bucket, [ref])).length === 0;
    const { versionId = NULL_VERSION, size, attributes } = was;
    await atTarget(this.target, "writing", () =>
      copyObject(store, { ...ref, versionId }, size, { ...ref, attributes }),
    );
    return true;
  }
}

/** Of an object from before its bucket kept versions. */
const NULL_VERSION = "null";
/** How often a key is looked at: each of S3's tries at one put may have made a version. */
const ROUNDS = 10;

/** A file that this restore put; of a versioned bucket its version. */
interface Ours {
  readonly place: number;
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
