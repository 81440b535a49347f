/**
 * The packer: merges one shard of tonight's list with the previous snapshot's index, carries unchanged files over
 * without a request, reads new and changed ones, and copies live segments out of packs that are being repacked.
 * It stores packs and index parts under the attempt's lock and saves its progress; called again it goes on from
 * there. A failure leaves objects that nothing refers to, until their lock ends.
 */
import type { ListSegment, ShardProgress } from "../catalog/items";
import type { Logger } from "../runtime/collaborators";
import type { IndexEntry, ListLine } from "../snapshot/file-index";
import type { IndexPartEntry, PackEntry } from "../snapshot/manifest";
import { ObjectDamaged, ObjectNotFound } from "../storage/storage-errors";
import type { FileSource } from "./file-source";
import { readIndex, readList } from "./index-io";
import type { KeyRange } from "./key-order";
import { LookAhead, type WorkItem } from "./look-ahead";
import { BaseIndexUnreadable, mergeWithBase, type MergeStep } from "./merge";
import { DEFAULT_LIMITS, type PackLimits } from "./pack-limits";
import {
  FileChangedWhileRead,
  giveUp,
  keepsChanging,
  readFile,
  READ_TRIES,
  resumingBody,
  type ReadFile,
} from "./read-files";
import { streamFileSegment, type Segment } from "./segment";
import { SegmentCopier } from "./segment-copier";
import { ShardOutput, type OutputTarget } from "./shard-output";

export interface PackShardInput extends OutputTarget {
  readonly source: FileSource;
  readonly shard: number;
  readonly range: KeyRange;
  /** All list segments of the attempt; only those that overlap the range are read. */
  readonly list: readonly ListSegment[];
  /** The previous snapshot, or null to pack everything. */
  readonly base: { readonly parts: readonly IndexPartEntry[]; readonly packs: readonly PackEntry[] } | null;
  /** Ids of base packs whose live segments are copied. */
  readonly repack: readonly string[];
  readonly progress: ShardProgress | undefined;
  /** Milliseconds that this call may still run. */
  readonly remainingMs: () => number;
  readonly limits?: Partial<PackLimits>;
  readonly log?: Pick<Logger, "warn">;
}

/** `more`: call again. `task`: call again where files of any size can be streamed. Progress is saved in each case. */
export type PackOutcome = "done" | "more" | "task";

/**
 * Throws BaseIndexUnreadable; ObjectDamaged and ObjectNotFound for the list; ServiceFailure where a file can't be
 * read; StoreUnavailable, AccessRefused. Whatever is thrown, progress stands as it was saved last.
 */
export async function packShard(input: PackShardInput): Promise<PackOutcome> {
  let progress = input.progress ?? {
    shard: input.shard,
    done: false,
    after: null,
    parts: [],
    packs: [],
    missingKeys: [],
  };
  for (let tries = 1; !progress.done; tries++) {
    const run = new ShardRun(input, progress);
    try {
      return await run.pack();
    } catch (error) {
      await run.abort();
      // Part of a large file stands in the open pack, which has been given up: begin again from the last save.
      if (!(error instanceof FileChangedWhileRead)) throw error;
      if (tries >= READ_TRIES) throw keepsChanging(error.key, error);
      progress = run.output.saved;
    }
  }
  return "done";
}

class ShardRun {
  readonly output: ShardOutput;
  private readonly limits: PackLimits;
  private readonly copier: SegmentCopier;
  private readonly repack: ReadonlySet<string>;
  private readonly ahead: LookAhead;
  private readonly packs: ReadonlyMap<string, PackEntry>;
  private readonly asks: boolean;

  constructor(
    private readonly input: PackShardInput,
    private readonly progress: ShardProgress,
  ) {
    this.limits = { ...DEFAULT_LIMITS, ...input.limits };
    this.repack = new Set(input.repack);
    this.packs = new Map(input.base?.packs.map((pack) => [pack.packId, pack]));
    this.asks = input.base?.parts.some(({ attributes }) => attributes !== true) ?? false;
    this.copier = new SegmentCopier(input.store, input.bucket, this.packs);
    this.output = new ShardOutput(input, this.limits, this.packs, progress);
    this.ahead = new LookAhead(input.source, this.limits, (step) =>
      step.kind === "unchanged" ? this.isToAsk(step.entry) : step.kind === "changed" && !this.isForTask(step.line.size),
    );
  }

  async pack(): Promise<PackOutcome> {
    let lines = 0;
    for await (const item of this.ahead.items(this.steps())) {
      if ((item.step.kind !== "unchanged" || ++lines % CARRIED_BETWEEN_LOOKS === 0) && this.isTimeUp())
        return this.handBack("more");
      const handBack = await this.handle(item);
      if (handBack !== undefined) return this.handBack(handBack);
    }
    await this.close();
    await this.output.save(true);
    return "done";
  }

  async abort(): Promise<void> {
    await this.close();
    await this.output.abort();
  }

  private steps(): AsyncIterable<MergeStep[]> {
    const { store, bucket, list, base, range } = this.input;
    const wanted = { ...range, after: this.progress.after };
    return mergeWithBase(readList(store, bucket, list, wanted), readIndex(store, bucket, base?.parts ?? [], wanted));
  }

  private handle({ step, file }: WorkItem): Promise<PackOutcome | undefined> | undefined {
    if (step.kind === "gone") return undefined;
    if (step.kind === "changed") return this.packFile(step.line, file);
    return file === undefined ? this.keep(step.line, step.entry) : this.keepIfSame(step.line, step.entry, file);
  }

  private async keepIfSame(
    line: ListLine,
    entry: IndexEntry,
    asked: Promise<ReadFile>,
  ): Promise<PackOutcome | undefined> {
    const file = await asked;
    if (file.kind !== "same") return this.packFile(line, asked);
    const { attributes } = file;
    return this.keep(line, attributes === undefined ? entry : { ...entry, attributes });
  }

  private keep(line: ListLine, entry: IndexEntry): Promise<PackOutcome | undefined> | undefined {
    if (!this.packs.has(entry.pack)) {
      throw new BaseIndexUnreadable(
        `The previous snapshot's file index can't be used: it places "${entry.key}" in the pack "${entry.pack}", which its manifest lacks.`,
      );
    }
    if (this.repack.has(entry.pack)) return this.copy(line, entry);
    return this.output.carryOver(entry)?.then(() => undefined);
  }

  private async packFile(line: ListLine, reading: Promise<ReadFile> | undefined): Promise<PackOutcome | undefined> {
    if (reading === undefined) return "task";
    const file = await reading;
    if (file.kind === "missing") {
      await this.output.addMissing(line);
      return undefined;
    }
    if (file.kind === "small") {
      await this.output.addFile(line, file.facts, file.segment);
      return undefined;
    }
    if (file.kind === "same") throw new RangeError(`"${line.key}" was to be read, and was asked about.`);
    const { size } = file.facts;
    if (this.isForTask(size) || this.isTimeUp(size)) {
      await giveUp(file);
      return this.isForTask(size) ? "task" : "more";
    }
    await this.output.addLargeFile(line, file.facts, (sink) =>
      streamFileSegment(line.key, size, resumingBody(this.input.source, line.key, file.opened), sink),
    );
    return undefined;
  }

  private async copy(line: ListLine, entry: IndexEntry): Promise<PackOutcome | undefined> {
    const large = entry.length > this.limits.smallFile;
    if (large && this.isTimeUp(entry.length)) return "more";
    let checked: number | Segment;
    try {
      checked = large ? await this.copier.check(entry) : await this.copier.small(entry);
    } catch (error) {
      if (!(error instanceof ObjectDamaged || error instanceof ObjectNotFound)) throw error;
      this.input.log?.warn("A stored file is damaged and is read from its source again.", {
        key: entry.key,
        pack: entry.pack,
        reason: error.message,
      });
      if (this.isForTask(entry.size)) return "task";
      return this.packFile(
        line,
        readFile(this.input.source, line.key, this.limits.smallFile, async () => undefined),
      );
    }
    if (typeof checked !== "number") await this.output.addCopy(entry, checked);
    else {
      const sum = checked;
      await this.output.addLargeCopy(entry, (sink) => this.copier.copy(entry, sum, sink));
    }
    return undefined;
  }

  private async handBack(outcome: "more" | "task" | "done"): Promise<PackOutcome> {
    await this.close();
    if (this.output.lines > 0) await this.output.save(false);
    return outcome;
  }

  private async close(): Promise<void> {
    await this.ahead.stop();
    await this.copier.close();
  }

  /** Of entries from before attributes were kept nothing says whether their files have any. */
  private isToAsk(entry: IndexEntry): boolean {
    return this.asks && entry.attributes === undefined;
  }

  private isForTask(size: number | undefined): boolean {
    return size !== undefined && size > this.limits.largestFile;
  }

  /** A call that has written nothing yet goes on, so that every call gets further. */
  private isTimeUp(bytesAhead = 0): boolean {
    return this.output.lines > 0 && this.input.remainingMs() < this.limits.reserveMs + bytesAhead / BYTES_A_MILLISECOND;
  }
}

/** How often the clock is looked at while nothing is read. */
const CARRIED_BETWEEN_LOOKS = 1000;
/** A careful guess at reading, compressing and storing: 20 MB a second. */
const BYTES_A_MILLISECOND = 20_000;
