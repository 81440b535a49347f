/**
 * The merge of tonight's list with the previous snapshot's index: one pass over both, in key order, in constant
 * memory. It decides what is carried over, what is read and what is gone; it stores nothing.
 */
import type { IndexEntry, IndexLine, ListLine } from "../snapshot/file-index";
import { ObjectDamaged, ObjectNotFound, StorageError } from "../storage/storage-errors";
import { isMissing } from "./index-io";
import { compareKeys } from "./key-order";
import { isMarkerOf, undatedMarker } from "./listed-marker";

export type MergeStep =
  /** The index holds this file with the same marker (usually none): carried over without a request. */
  | { readonly kind: "unchanged"; readonly line: ListLine; readonly entry: IndexEntry }
  /** New, changed, or missing last time: to be read. */
  | { readonly kind: "changed"; readonly line: ListLine }
  /** In the index, no longer in the list. */
  | { readonly kind: "gone"; readonly line: IndexLine };

/** The previous index is damaged or absent. Packing anew, without a base, is the way out. */
export class BaseIndexUnreadable extends StorageError {
  override name = "BaseIndexUnreadable";
}

export async function* mergeWithBase(
  list: AsyncIterable<readonly ListLine[]>,
  base: AsyncIterable<readonly IndexLine[]>,
): AsyncGenerator<MergeStep[]> {
  const left = new Cursor(list);
  const right = new Cursor(namingDamage(base));
  try {
    for (;;) {
      if (left.isEmpty) await left.fill();
      if (right.isEmpty) await right.fill();
      const steps = mergeBatches(left, right);
      if (steps.length === 0) return;
      yield steps;
    }
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}

/** Goes on until one of the two batches is used up (or, at an end, the other). */
function mergeBatches(list: Cursor<ListLine>, base: Cursor<IndexLine>): MergeStep[] {
  const steps: MergeStep[] = [];
  for (;;) {
    if ((list.isEmpty && !list.ended) || (base.isEmpty && !base.ended)) return steps;
    const line = list.current;
    const entry = base.current;
    if (line === undefined && entry === undefined) return steps;
    const order = line === undefined ? 1 : entry === undefined ? -1 : compareKeys(line.key, entry.key);
    if (line !== undefined && order <= 0) {
      steps.push(
        order === 0 && entry !== undefined && isUnchanged(line, entry)
          ? { kind: "unchanged", line, entry: withMarker(entry, line) }
          : { kind: "changed", line },
      );
      list.advance();
    }
    if (entry !== undefined && order >= 0) {
      if (order > 0) steps.push({ kind: "gone", line: entry });
      base.advance();
    }
  }
}

const isUnchanged = (line: ListLine, entry: IndexLine): entry is IndexEntry => {
  if (isMissing(entry) || line.unlisted === true) return false;
  return line.marker === entry.marker ? line.size === undefined || line.size === entry.size : isListedSame(line, entry);
};

/** An entry may be from before its files were compared by listing, or from when that went without their dates. */
const isListedSame = ({ size, marker }: ListLine, entry: IndexEntry): boolean => {
  if (size === undefined || marker === undefined || size !== entry.size) return false;
  const earlier = entry.marker === undefined || entry.marker === undatedMarker(entry);
  return earlier && isMarkerOf(marker, entry);
};

const withMarker = (entry: IndexEntry, { marker }: ListLine): IndexEntry =>
  marker === undefined || marker === entry.marker ? entry : { ...entry, marker };

/** Steps through batches without a promise a line. */
class Cursor<T> {
  ended = false;
  private batch: readonly T[] = [];
  private at = 0;
  private readonly batches: AsyncIterator<readonly T[]>;

  constructor(batches: AsyncIterable<readonly T[]>) {
    this.batches = batches[Symbol.asyncIterator]();
  }
  get isEmpty(): boolean {
    return this.at >= this.batch.length;
  }
  get current(): T | undefined {
    return this.batch[this.at];
  }
  advance(): void {
    this.at++;
  }
  async fill(): Promise<void> {
    while (this.isEmpty && !this.ended) {
      const next = await this.batches.next();
      this.at = 0;
      this.batch = next.done === true ? [] : next.value;
      this.ended = next.done === true;
    }
  }
  async close(): Promise<void> {
    await this.batches.return?.();
  }
}

async function* namingDamage(base: AsyncIterable<readonly IndexLine[]>): AsyncGenerator<readonly IndexLine[]> {
  try {
    yield* base;
  } catch (error) {
    if (!(error instanceof ObjectDamaged || error instanceof ObjectNotFound)) throw error;
    throw new BaseIndexUnreadable(`The previous snapshot's file index can't be used: ${error.message}`, {
      cause: error,
    });
  }
}
