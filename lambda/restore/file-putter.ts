/**
 * Puts files of a snapshot at the target, where nothing stands or over exactly the object that was looked at, small ones
 * read in runs, large ones streamed, many at once in bounded memory. A failure leaves some of them put.
 */
import { readFile } from "../pack/read-segment";
import { ServiceFailure } from "../runtime/collaborators";
import { attributesOf, keptAttributes, scratchAttributesOf } from "../snapshot/file-attributes";
import type { IndexEntry } from "../snapshot/file-index";
import type { PackEntry } from "../snapshot/manifest";
import type { ObjectAttributes } from "../storage/object-attributes";
import type { WriteCondition } from "../storage/object-store";
import { ObjectDamaged, ObjectExists, ObjectNotFound } from "../storage/storage-errors";
import { Gate } from "./concurrency";
import { uploadFile } from "./file-upload";
import type { StoodThere } from "./put-records";
import { fileOfSegment } from "./segment";
import { isSmall, segmentRuns, type SegmentRun } from "./segment-runs";
import { readBytes, type SnapshotReader } from "./snapshot-reader";
import { atTarget, compareBytes, type TargetFiles } from "./target-files";
import { abortUnfinished } from "./unfinished-uploads";

export interface PutterOptions {
  readonly reader: SnapshotReader;
  readonly packs: ReadonlyMap<string, PackEntry>;
  readonly target: TargetFiles;
  /** When this restore wrote its first batch record, by the server's clock. */
  readonly firstRecordAt: () => Promise<Date>;
  /** The files are read back and removed. @default false */
  readonly scratch?: boolean;
  /** Otherwise a file that replaces another keeps that one's attributes, rather than lose what nobody knows. @default true */
  readonly attributesKnown?: boolean;
}

/** Objects that are to be replaced, by the file's key. */
export type TakenKeys = ReadonlyMap<string, Pick<StoodThere, "etag" | "attributes">>;

/** Together at most about 150 MB: runs with their bytes, files on their way. */
const RUNS = { count: 4, bytes: 32 * 1024 ** 2 };
const PUTS = { count: 32, bytes: 64 * 1024 ** 2 };
/** What a put holds besides its body. */
const PUT_BYTES = 4 * 1024;

export class FilePutter {
  put = 0;
  replaced = 0;
  /** Files that stood there with the same bytes when we came to put them. */
  kept = 0;

  private taken: TakenKeys = new Map();

  constructor(private readonly options: PutterOptions) {}

  /** Puts all, or as many as `mayGoOn` allows; says whether all are there. After a failure nothing is under way. */
  async putAll(
    entries: readonly IndexEntry[],
    mayGoOn: (bytes: number) => boolean,
    taken: TakenKeys = new Map(),
  ): Promise<boolean> {
    this.taken = taken;
    const runs = new Gate(RUNS);
    const puts = new Gate(PUTS);
    let all = true;
    try {
      for (const run of segmentRuns(entries)) {
        const bytes = run.entries.reduce((sum, entry) => sum + entry.size, 0);
        all = mayGoOn(bytes);
        if (!all) break;
        await runs.start(run.last - run.first + 1, () => this.putRun(run, puts));
      }
      await runs.drain();
      await puts.drain();
      return all;
    } finally {
      await runs.settle();
      await puts.settle();
    }
  }

  private async putRun(run: SegmentRun, puts: Gate): Promise<void> {
    const { reader } = this.options;
    const pack = this.packOf(run);
    const [only] = run.entries;
    if (only !== undefined && !isSmall(only)) return this.putLarge(only, pack);
    const bytes = await reader.read(pack, (copy) => readBytes(copy, run.first, run.last));
    for (const entry of run.entries) {
      const start = entry.offset - run.first;
      const content = await this.contentOf(entry, pack, bytes.subarray(start, start + entry.length));
      await puts.start(content.length + PUT_BYTES, () => this.putSmall(entry, content));
    }
  }

  /** The file, or where the run's bytes are damaged, what another reading or the other region gives. */
  private async contentOf(entry: IndexEntry, pack: PackEntry, segment: Uint8Array): Promise<Buffer> {
    try {
      return fileOfSegment(segment, entry);
    } catch (error) {
      if (!(error instanceof ObjectDamaged)) throw error;
      const last = entry.offset + entry.length - 1;
      return this.options.reader.read(pack, async (copy) =>
        fileOfSegment(await readBytes(copy, entry.offset, last), entry),
      );
    }
  }

  private async putSmall(entry: IndexEntry, body: Buffer): Promise<void> {
    const { target } = this.options;
    const { store, bucket, prefix } = target;
    const attributes = this.attributesOf(entry);
    await this.unlessTaken(entry, (condition) =>
      atTarget(target, "writing", () =>
        store.put({ bucket, key: prefix + entry.key, body, attributes, ...condition }).then(() => undefined),
      ),
    );
  }

  private async putLarge(entry: IndexEntry, pack: PackEntry): Promise<void> {
    const { target, reader, firstRecordAt } = this.options;
    await abortUnfinished(target, entry.key, await firstRecordAt());
    await reader.read(pack, ({ store, ref }) =>
      this.unlessTaken(entry, (condition) =>
        uploadFile(target, entry.key, readFile(store, { bucket: ref.bucket, pack: ref }, entry), {
          attributes: this.attributesOf(entry),
          condition,
        }),
      ),
    );
  }

  /** A taken key is well if its bytes are the file's: our own earlier put whose answer was lost, for one. */
  private async unlessTaken(entry: IndexEntry, put: (condition: WriteCondition) => Promise<void>): Promise<void> {
    const etag = this.taken.get(entry.key)?.etag;
    try {
      await put(etag === undefined ? { onlyIfAbsent: true } : { onlyIfMatch: etag });
      if (etag === undefined) this.put++;
      else this.replaced++;
    } catch (error) {
      const isOther = error instanceof ObjectExists || (etag !== undefined && error instanceof ObjectNotFound);
      if (!isOther) throw error;
      if ((await compareBytes(this.options.target, entry)) !== "same") throw conflict(this.options.target, entry);
      this.kept++;
    }
  }

  private attributesOf(entry: IndexEntry): ObjectAttributes {
    const { scratch = false, attributesKnown = true } = this.options;
    if (scratch) return scratchAttributesOf(entry);
    const stood = this.taken.get(entry.key)?.attributes;
    if (attributesKnown || stood === undefined) return attributesOf(entry);
    return attributesOf({ attributes: entry.attributes ?? keptAttributes(stood) ?? {} });
  }

  private packOf(run: SegmentRun): PackEntry {
    const pack = this.options.packs.get(run.pack);
    if (pack !== undefined) return pack;
    throw new ServiceFailure(
      "SnapshotDamaged",
      `The snapshot is damaged: its file index names the pack ${run.pack}, which its manifest does not: choose another snapshot.`,
      false,
    );
  }
}

export const conflict = ({ bucket, prefix }: TargetFiles, entry: Pick<IndexEntry, "key">): ServiceFailure =>
  new ServiceFailure(
    "FileConflict",
    `The file ${JSON.stringify(prefix + entry.key)} changed in bucket ${bucket} while the restore ran: ` +
      `stop whatever writes there, then restore again.`,
    false,
  );
