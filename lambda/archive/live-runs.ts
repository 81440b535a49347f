/**
 * The live segments of one pack, as runs of neighbours: 28 bytes a run, however many files. Files come in key order,
 * and so do a pack's segments; a pack in another order is read in its own order all the same. Pure.
 */
import { EMPTY_SUM, joinSums, type RawSum } from "../pack/gzip";

/** Bytes of an object. */
export interface Run {
  readonly first: number;
  readonly length: number;
}
export interface LiveRuns extends Iterable<Run> {
  /** Compressed bytes of all runs. */
  readonly bytes: number;
  /** Of the longest run. */
  readonly longest: number;
  /** Where the last run ends, exclusive. */
  readonly end: number;
  /** Of everything inflated, in the order of the runs. */
  readonly sum: RawSum;
}

const FIRST_CAPACITY = 16;
const LARGEST_CAPACITY = 4096;

/** Typed arrays, because a night's changes may leave a million runs. */
interface Chunk {
  readonly first: Float64Array;
  readonly length: Float64Array;
  readonly rawLength: Float64Array;
  readonly crc32: Uint32Array;
}
const newChunk = (capacity: number): Chunk => ({
  first: new Float64Array(capacity),
  length: new Float64Array(capacity),
  rawLength: new Float64Array(capacity),
  crc32: new Uint32Array(capacity),
});

export class RunCollector {
  private readonly chunks: Chunk[] = [];
  /** Runs in the last chunk. */
  private used = 0;
  private inOrder = true;

  /** A live segment at `offset`. */
  add(offset: number, length: number, sum: RawSum): void {
    const chunk = this.chunks[this.chunks.length - 1];
    const at = this.used - 1;
    const end = chunk === undefined ? 0 : (chunk.first[at] ?? 0) + (chunk.length[at] ?? 0);
    if (chunk !== undefined && end === offset) {
      const joined = joinSums({ crc32: chunk.crc32[at] ?? 0, rawLength: chunk.rawLength[at] ?? 0 }, sum);
      chunk.length[at] = (chunk.length[at] ?? 0) + length;
      chunk.crc32[at] = joined.crc32;
      chunk.rawLength[at] = joined.rawLength;
      return;
    }
    if (offset < end) this.inOrder = false;
    const open = this.room();
    open.first[this.used] = offset;
    open.length[this.used] = length;
    open.crc32[this.used] = sum.crc32;
    open.rawLength[this.used] = sum.rawLength;
    this.used++;
  }

  /** The runs by offset, neighbours joined. Throws RangeError where two segments share bytes. */
  finish(): LiveRuns {
    const order = this.inOrder ? undefined : this.byOffset();
    const summary = { bytes: 0, longest: 0, end: 0, sum: EMPTY_SUM };
    for (const { first, length, ...sum } of this.joined(order)) {
      summary.bytes += length;
      summary.end = first + length;
      summary.longest = Math.max(summary.longest, length);
      summary.sum = joinSums(summary.sum, sum);
    }
    return { ...summary, [Symbol.iterator]: () => this.joined(order) };
  }

  private room(): Chunk {
    const last = this.chunks[this.chunks.length - 1];
    if (last !== undefined && this.used < last.first.length) return last;
    const next = newChunk(Math.min(LARGEST_CAPACITY, last === undefined ? FIRST_CAPACITY : 2 * last.first.length));
    this.chunks.push(next);
    this.used = 0;
    return next;
  }

  private *stored(): Generator<Run & RawSum> {
    for (const [number, chunk] of this.chunks.entries()) {
      const count = number === this.chunks.length - 1 ? this.used : chunk.first.length;
      for (let at = 0; at < count; at++) yield runOf(chunk, at);
    }
  }

  private *joined(order: readonly (Run & RawSum)[] | undefined): Generator<Run & RawSum> {
    let open: (Run & RawSum) | undefined;
    for (const run of order ?? this.stored()) {
      if (open === undefined) {
        open = run;
        continue;
      }
      const end = open.first + open.length;
      if (run.first < end) throw new RangeError(`Two segments share the byte at offset ${run.first}.`);
      if (run.first === end) {
        open = { first: open.first, length: open.length + run.length, ...joinSums(open, run) };
        continue;
      }
      yield open;
      open = run;
    }
    if (open !== undefined) yield open;
  }

  /** Only for packs that this service would have written otherwise: memory is no concern. */
  private byOffset(): readonly (Run & RawSum)[] {
    return [...this.stored()].toSorted((a, b) => a.first - b.first);
  }
}

const runOf = (chunk: Chunk, at: number): Run & RawSum => ({
  first: chunk.first[at] ?? 0,
  length: chunk.length[at] ?? 0,
  crc32: chunk.crc32[at] ?? 0,
  rawLength: chunk.rawLength[at] ?? 0,
});
