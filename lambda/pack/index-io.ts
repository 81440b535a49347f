/** Parts of the file index and list segments: the lines of `ndjson-object.ts` with their own fields and sums. */
import type { ListSegment } from "../catalog/items";
import { faultOfAttributes } from "../snapshot/file-attributes";
import type { IndexLine, ListLine, MissingEntry } from "../snapshot/file-index";
import type { IndexPartEntry } from "../snapshot/manifest";
import type { Lock, ObjectStore } from "../storage/object-store";
import { LinesWriter, readLines, type LinesTarget, type ReadRange } from "./ndjson-object";

export type { ReadRange } from "./ndjson-object";

export const isMissing = (line: IndexLine): line is MissingEntry => "missing" in line;

export class IndexPartWriter {
  private readonly writer: LinesWriter<IndexLine>;
  private missing = 0;
  private fileBytes = 0;

  constructor(store: ObjectStore, target: LinesTarget) {
    this.writer = new LinesWriter(store, target);
  }
  get lines(): number {
    return this.writer.lines;
  }
  get lastKey(): string | null {
    return this.writer.lastKey;
  }
  /** Gives a promise only when it must be waited for. */
  add(line: IndexLine): Promise<void> | undefined {
    if (isMissing(line)) this.missing++;
    else this.fileBytes += line.size;
    return this.writer.add(line);
  }
  async finish(): Promise<IndexPartEntry> {
    const { lines, ...object } = await this.writer.finish();
    const entries = lines - this.missing;
    return { ...object, entries, missing: this.missing, fileBytes: this.fileBytes, attributes: true };
  }
  abort(): Promise<void> {
    return this.writer.abort();
  }
}

/** The file index in key order, in batches. Throws ObjectDamaged and what reading objects throws. */
export const readIndex = (
  store: ObjectStore,
  bucket: string,
  parts: readonly IndexPartEntry[],
  range: ReadRange = {},
): AsyncGenerator<IndexLine[]> =>
  readLines<IndexLine>(
    store,
    bucket,
    parts.map((part) => ({ ...part, lines: part.entries + part.missing })),
    range,
    faultOfIndexLine,
  );

/** Lines a segment of a list holds: about 10 MB. */
const LIST_SEGMENT_LINES = 250_000;

export interface ListTarget {
  readonly bucket: string;
  readonly keyOf: (segment: number) => string;
  readonly lock?: Lock;
  /** @default 250,000 */
  readonly linesPerSegment?: number;
}

/** Writes a sorted list of any length as segments. After a failure `abort`; segments already stored are swept. */
export class ListWriter {
  private readonly segments: ListSegment[] = [];
  private open: LinesWriter<ListLine> | undefined;
  private last: ListLine | undefined;

  constructor(
    private readonly store: ObjectStore,
    private readonly target: ListTarget,
  ) {}

  /** Lines that repeat the one before are dropped. Throws RangeError on disorder, and on one key with two markers. */
  async add(line: ListLine): Promise<void> {
    if (this.last !== undefined && this.last.key === line.key) {
      if (this.last.marker === line.marker) return;
      throw new RangeError(`The key "${line.key}" is listed twice, with different markers.`);
    }
    if (this.open !== undefined && this.open.lines >= (this.target.linesPerSegment ?? LIST_SEGMENT_LINES))
      await this.close();
    const { bucket, keyOf, lock } = this.target;
    this.open ??= new LinesWriter(this.store, {
      bucket,
      key: keyOf(this.segments.length),
      ...(lock === undefined ? {} : { lock }),
    });
    await this.open.add(line);
    this.last = line;
  }

  async finish(): Promise<ListSegment[]> {
    await this.close();
    return this.segments;
  }

  async abort(): Promise<void> {
    await this.open?.abort();
  }

  private async close(): Promise<void> {
    if (this.open === undefined) return;
    const { firstKey, lastKey, ...segment } = await this.open.finish();
    this.segments.push({ ...segment, firstKey: firstKey ?? "", lastKey: lastKey ?? "" });
    this.open = undefined;
  }
}

/** A list in key order, in batches. Throws ObjectDamaged and what reading objects throws. */
export const readList = (
  store: ObjectStore,
  bucket: string,
  segments: readonly ListSegment[],
  range: ReadRange = {},
): AsyncGenerator<ListLine[]> => readLines<ListLine>(store, bucket, segments, range, faultOfListLine);

/** One line after another, where speed does not matter. */
export async function* flat<T>(batches: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

function faultOfIndexLine(line: IndexLine): string | undefined {
  if (line.marker !== undefined && typeof line.marker !== "string") return "the marker is no text";
  if (isMissing(line)) return (line.missing as unknown) === true ? undefined : "`missing` is not true";
  if (!isCount(line.size) || !isCount(line.offset) || !isCount(line.crc32)) return "a number is missing or wrong";
  if (!isCount(line.length) || line.length === 0) return "the length is missing or wrong";
  if (!isCount(line.rawLength) || line.rawLength <= line.size) return "the uncompressed length is missing or wrong";
  if (typeof line.pack !== "string" || line.pack === "" || typeof line.etag !== "string")
    return "the pack or ETag is missing";
  if (typeof line.sha256 !== "string" || line.sha256.length !== 64) return "the SHA-256 is missing";
  return faultOfAttributes(line.attributes);
}
function faultOfListLine(line: ListLine): string | undefined {
  if (line.marker !== undefined && typeof line.marker !== "string") return "the marker is no text";
  return line.size === undefined || isCount(line.size) ? undefined : "the size is wrong";
}
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
