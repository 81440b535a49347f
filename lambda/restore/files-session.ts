/**
 * One call of the files step: batches are recorded, what they replace is set aside, they are put, and counted in the
 * restore item, in this order. A batch that has to stop halfway does not move the cursor; its files are found standing by
 * the next call.
 */
import type { EnvironmentItem, RestoreFilesProgress, RestoreItem } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { IndexEntry } from "../snapshot/file-index";
import type { Manifest } from "../snapshot/manifest";
import { tellsAttributes } from "./compare-files";
import { mapInOrder } from "./concurrency";
import { FilePutter } from "./file-putter";
import { batchRecords, recordBatch, type PutLine, type Records } from "./put-records";
import { HAND_BACK_MS, placeOf, record, requireGoingForward } from "./restore-state";
import type { SnapshotReader } from "./snapshot-reader";
import { lookAt, setAside } from "./set-aside";
import { targetFiles, type TargetFiles } from "./target-files";

type SessionCollaborators = Pick<Collaborators, "catalog" | "clock" | "remainingMs" | "settings" | "store">;

/** What a slow stream of one large file still manages: by it we judge whether there is time to begin. */
const SLOWEST_BYTES_PER_MS = 30_000;
/** What copies at the server still manage, many at once. */
const SLOWEST_COPIED_BYTES_PER_MS = 100_000;
const LOOKS_AT_ONCE = 16;

/** A file to put, and whether other bytes stood at its key when it was compared. */
export interface FileToPut {
  readonly entry: IndexEntry;
  readonly taken: boolean;
}
export interface Batch {
  readonly batch: readonly FileToPut[];
  /** Bytes that may have to be set aside before the first of it is put. */
  readonly heavy: number;
  /** Files among those compared that stand at the target already. */
  readonly same: number;
  /** The last key compared; null when the index has come to its end. */
  readonly upTo: string | null;
  readonly last: boolean;
}

export class FilesSession {
  readonly target: TargetFiles;
  private readonly records: Records;
  private readonly putter: FilePutter;
  private progress: RestoreFilesProgress;
  private begun = false;

  constructor(
    private readonly collaborators: SessionCollaborators,
    private readonly restore: RestoreItem,
    environment: EnvironmentItem,
    private readonly manifest: Manifest,
    reader: SnapshotReader,
  ) {
    const { store, settings } = collaborators;
    const { restoreId } = restore;
    this.progress = restore.files;
    this.target = targetFiles(store, environment.registration);
    this.records = { store, bucket: settings.PRIMARY_BUCKET, place: placeOf(environment), restoreId };
    this.putter = new FilePutter({
      reader,
      packs: new Map(manifest.files.packs.map((pack) => [pack.packId, pack])),
      target: this.target,
      firstRecordAt: () => this.firstRecordAt(),
      attributesKnown: tellsAttributes(manifest),
    });
  }

  /** Also for setting aside this many bytes. */
  hasTime(heavy = 0): boolean {
    return this.collaborators.remainingMs() >= HAND_BACK_MS + heavy / SLOWEST_COPIED_BYTES_PER_MS;
  }

  /** Puts what the batch lacks and records the progress; false when the time is up and another call must go on. */
  async flush({ batch, heavy, same, upTo, last }: Batch): Promise<boolean> {
    await requireGoingForward(this.collaborators, this.restore);
    // What was set aside in vain would be set aside again by the next call. The first work is begun, as below.
    if (batch.length > 0 && this.begun && !this.hasTime(heavy)) return false;
    let { batches } = this.progress;
    const before = { put: this.putter.put, kept: this.putter.kept, replaced: this.putter.replaced };
    let all = true;
    if (batch.length > 0) {
      const lines = await this.look(batch);
      const number = await recordBatch(this.records, batches, lines);
      batches = number + 1;
      await setAside(this.target, this.records, number, lines);
      const taken = lines.flatMap(({ key, was }) => (was === undefined ? [] : [[key, was] as const]));
      const entries = batch.map(({ entry }) => entry);
      all = await this.putter.putAll(entries, (bytes) => this.mayBegin(bytes), new Map(taken));
    }
    const put = this.putter.put - before.put;
    const replacedNow = this.putter.replaced - before.replaced;
    const { put: putSoFar, replaced: replacedSoFar = 0, kept, again = 0 } = this.progress;
    const replaced = replacedSoFar + replacedNow;
    this.progress = all
      ? {
          ...this.progress,
          batches,
          put: putSoFar + put,
          replaced,
          kept: kept + same + this.putter.kept - before.kept - again,
          again: 0,
          after: upTo ?? this.progress.after,
          part: upTo === null ? this.manifest.files.index.length : this.progress.part,
          done: last,
        }
      : { ...this.progress, batches, put: putSoFar + put, replaced, again: again + put + replacedNow };
    await record(this.collaborators, this.restore, { files: this.progress, phase: "files" });
    return all && (last || this.hasTime());
  }

  /** A file that stood there when it was compared may have gone since, and is then put as any other. */
  private async look(batch: readonly FileToPut[]): Promise<PutLine[]> {
    async function* each() {
      yield* batch;
    }
    const lines: PutLine[] = [];
    for await (const line of mapInOrder(each(), LOOKS_AT_ONCE, async ({ entry, taken }) => {
      const { key, size, etag, sha256 } = entry;
      const was = taken ? await lookAt(this.target, entry) : undefined;
      return { key, size, etag, sha256, ...(was === undefined ? {} : { was }) };
    }))
      lines.push(line);
    return lines;
  }

  /** The first work of a call is always begun, so that every call gets on. */
  private mayBegin(bytes: number): boolean {
    const may = !this.begun || this.collaborators.remainingMs() >= HAND_BACK_MS + bytes / SLOWEST_BYTES_PER_MS;
    this.begun = true;
    return may;
  }

  private async firstRecordAt(): Promise<Date> {
    for await (const { lastModified } of batchRecords(this.records)) return lastModified;
    const { restoreId } = this.restore;
    throw new ServiceFailure("RecordsMissing", `Restore ${restoreId} has no records of the files it puts.`, false);
  }
}
