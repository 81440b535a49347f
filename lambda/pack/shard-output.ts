/**
 * What a packer writes: packs and parts of the file index, in key order, and its progress. Progress is saved only
 * when every pack that the stored parts refer to is stored too; so after a crash the next packer goes on from the
 * last save, and objects stored since are left behind under their two-day lock, referred to by nothing.
 */
import type { ShardProgress } from "../catalog/items";
import type { IndexEntry, ListLine } from "../snapshot/file-index";
import { MISSING_KEYS_LISTED, type IndexPartEntry, type PackEntry } from "../snapshot/manifest";
import type { Randomness } from "../runtime/collaborators";
import { fileIndexKey, type EnvironmentPlace } from "../storage/object-keys";
import type { Lock, ObjectStore } from "../storage/object-store";
import type { FileFacts } from "./file-source";
import { IndexPartWriter } from "./index-io";
import { markerOfRead } from "./listed-marker";
import { PackWriter, type PlaceInPack } from "./pack-writer";
import type { Segment, SegmentFacts, Sink } from "./segment";

export interface OutputTarget {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly place: EnvironmentPlace;
  readonly snapshotId: string;
  readonly attemptId: string;
  readonly lock: Lock;
  readonly random: Randomness;
  readonly saveProgress: (progress: ShardProgress) => Promise<void>;
}
export interface OutputLimits {
  readonly packBytes: number;
  readonly partLines: number;
  /** Full packs after which index part and progress are stored, though the part is not full. */
  readonly packsBetweenSaves: number;
}

/** Keys of missing files are kept in the catalog too, but never more than fits well into an item. */
const MISSING_KEY_BYTES = 64 * 1024;

export class ShardOutput {
  /** Lines written since the output was opened. */
  lines = 0;
  private pack: PackWriter | undefined;
  private part: IndexPartWriter | undefined;
  private readonly run: string;
  /** Stored since the last save. */
  private parts: IndexPartEntry[] = [];
  private packs: PackEntry[] = [];
  private missing: string[] = [];
  private readonly carried = new Map<string, { segments: number; bytes: number }>();

  constructor(
    private readonly target: OutputTarget,
    private readonly limits: OutputLimits,
    private readonly basePacks: ReadonlyMap<string, PackEntry>,
    private progress: ShardProgress,
  ) {
    this.run = hex(target.random(4));
  }

  /** An unchanged file stays where it is. Throws RangeError when the base has no such pack. */
  carryOver(entry: IndexEntry): Promise<void> | undefined {
    const share = this.carried.get(entry.pack);
    if (share === undefined) this.carried.set(entry.pack, { segments: 1, bytes: entry.length });
    else {
      share.segments++;
      share.bytes += entry.length;
    }
    return this.write(entry);
  }

  addMissing({ key, marker }: ListLine): Promise<void> | undefined {
    if (this.missing.length < MISSING_KEYS_LISTED) this.missing.push(key);
    return this.write({ key, missing: true, ...(marker === undefined ? {} : { marker }) });
  }

  async addFile(line: ListLine, file: FileFacts, segment: Segment): Promise<void> {
    const pack = await this.packWithRoom(segment.length);
    await this.write(entryOf(line, file, segment, await pack.add(segment)));
  }

  /** `produce` streams the file's segment; its length is not known before, but hardly exceeds the file's size. */
  async addLargeFile(line: ListLine, file: FileFacts, produce: (sink: Sink) => Promise<SegmentFacts>): Promise<void> {
    const { place, facts } = await this.stream(file.size, produce);
    await this.write(entryOf(line, file, facts, place));
  }

  async addCopy(entry: IndexEntry, segment: Segment): Promise<void> {
    const pack = await this.packWithRoom(segment.length);
    await this.write({ ...entry, ...(await pack.add(segment)) });
  }

  async addLargeCopy(entry: IndexEntry, produce: (sink: Sink) => Promise<IndexEntry>): Promise<void> {
    const { place } = await this.stream(entry.length, produce);
    await this.write({ ...entry, ...place });
  }

  /** Stores everything and saves the progress. */
  async save(done: boolean): Promise<void> {
    await this.closePack();
    await this.closePart();
    const last = this.parts.findLast((part) => part.lastKey !== null);
    const missingKeys = withinBudget([...this.progress.missingKeys, ...this.missing]);
    const packs = mergePacks([...this.progress.packs, ...this.packs, ...this.sharesOfBase()]);
    const parts = [...this.progress.parts, ...this.parts];
    this.progress = { ...this.progress, done, after: last?.lastKey ?? this.progress.after, parts, packs, missingKeys };
    await this.target.saveProgress(this.progress);
    this.parts = [];
    this.packs = [];
    this.missing = [];
    this.carried.clear();
  }

  /** What the last save saved. */
  get saved(): ShardProgress {
    return this.progress;
  }

  /** Leaves no unfinished uploads; the failure that led here is the one to tell. */
  async abort(): Promise<void> {
    await Promise.allSettled([this.pack?.abort(), this.part?.abort()]);
  }

  private write(line: Parameters<IndexPartWriter["add"]>[0]): Promise<void> | undefined {
    const { bucket, place, snapshotId, attemptId, lock, store } = this.target;
    if (this.part === undefined) {
      const number = this.progress.parts.length + this.parts.length;
      const key = fileIndexKey(place, snapshotId, attemptId, this.progress.shard, number, this.run);
      this.part = new IndexPartWriter(store, { bucket, key, lock });
    }
    this.lines++;
    const wait = this.part.add(line);
    return this.part.lines < this.limits.partLines ? wait : this.endPart(wait);
  }

  private async endPart(wait: Promise<void> | undefined): Promise<void> {
    await wait;
    await this.closePart();
    if (this.pack === undefined) await this.save(false);
  }

  private async stream<T extends { crc32: number; rawLength: number }>(
    bytes: number,
    produce: (sink: Sink) => Promise<T>,
  ): Promise<{ place: PlaceInPack; facts: T }> {
    if (bytes < this.limits.packBytes) return (await this.packWithRoom(bytes)).addStream(produce);
    // A file as large as a pack gets one of its own, while the open pack waits for the next files.
    await this.saveBetweenPacks();
    const own = this.newPack();
    try {
      const added = await own.addStream(produce);
      this.packs.push(await own.finish());
      return added;
    } catch (error) {
      await own.abort().catch(() => undefined); // the first failure is the one to tell
      throw error;
    }
  }

  private async packWithRoom(bytes: number): Promise<PackWriter> {
    if (this.pack !== undefined && this.pack.size + bytes > this.limits.packBytes) await this.closePack();
    await this.saveBetweenPacks();
    this.pack ??= this.newPack();
    return this.pack;
  }

  /** No pack is closed half empty only to save progress. */
  private async saveBetweenPacks(): Promise<void> {
    if (this.pack === undefined && this.packs.length >= this.limits.packsBetweenSaves) await this.save(false);
  }

  private newPack(): PackWriter {
    const { store, bucket, place, lock, random } = this.target;
    return new PackWriter(store, { bucket, place, lock, packId: hex(random(12)) });
  }

  private async closePack(): Promise<void> {
    if (this.pack === undefined) return;
    this.packs.push(await this.pack.finish());
    this.pack = undefined;
  }

  private async closePart(): Promise<void> {
    if (this.part === undefined) return;
    this.parts.push(await this.part.finish());
    this.part = undefined;
  }

  private sharesOfBase(): PackEntry[] {
    return [...this.carried].map(([packId, { segments, bytes }]) => {
      const pack = this.basePacks.get(packId);
      if (pack === undefined)
        throw new RangeError(`The previous index names the pack "${packId}", which its manifest lacks.`);
      return { ...pack, liveSegments: segments, liveBytes: bytes };
    });
  }
}

/** Packs in order of first mention, with the live shares of equal ones added up. */
export function mergePacks(packs: Iterable<PackEntry>): PackEntry[] {
  const sums = new Map<string, PackEntry>();
  for (const pack of packs) {
    const sum = sums.get(pack.packId);
    sums.set(
      pack.packId,
      sum === undefined
        ? pack
        : {
            ...sum,
            liveSegments: sum.liveSegments + pack.liveSegments,
            liveBytes: sum.liveBytes + pack.liveBytes,
            lockedUntil: sum.lockedUntil > pack.lockedUntil ? sum.lockedUntil : pack.lockedUntil,
          },
    );
  }
  return [...sums.values()];
}

function entryOf(line: ListLine, file: FileFacts, segment: SegmentFacts, place: PlaceInPack): IndexEntry {
  const { version, attributes } = file;
  const marker = markerOfRead(line, file);
  return {
    key: line.key,
    size: file.size,
    ...(version === undefined ? {} : { version }),
    etag: file.etag,
    ...(marker === undefined ? {} : { marker }),
    ...(attributes === undefined ? {} : { attributes }),
    sha256: segment.sha256,
    ...place,
    crc32: segment.crc32,
    rawLength: segment.rawLength,
  };
}

function withinBudget(keys: readonly string[]): string[] {
  let bytes = 0;
  return keys.slice(0, MISSING_KEYS_LISTED).filter((key) => (bytes += Buffer.byteLength(key)) <= MISSING_KEY_BYTES);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
