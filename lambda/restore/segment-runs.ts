/**
 * Which segments are read together. Files that neighbour each other in the key order do so in a pack too, so one
 * ranged GET can give thousands of small files. Pure.
 */
import type { IndexEntry } from "../snapshot/file-index";
import { PART_BYTES } from "../storage/object-store";

export interface SegmentRun {
  readonly pack: string;
  /** Bytes of the pack, both inclusive. */
  readonly first: number;
  readonly last: number;
  /** By offset. A run of one file may be too large for the memory. */
  readonly entries: readonly IndexEntry[];
}

export const RUN_BYTES = 8 * 1024 ** 2;
/** Reading this many bytes for nothing costs less than another request. */
export const GAP_BYTES = 128 * 1024;

/** A file that fits into memory beside others; larger ones are streamed. */
export const isSmall = (entry: IndexEntry): boolean => entry.size <= PART_BYTES && entry.length <= RUN_BYTES;

export const segmentRuns = (entries: readonly IndexEntry[]): SegmentRun[] => {
  const runs: SegmentRun[] = [];
  const packs = new Map<string, IndexEntry[]>();
  for (const entry of entries) {
    const inPack = packs.get(entry.pack);
    if (inPack === undefined) packs.set(entry.pack, [entry]);
    else inPack.push(entry);
  }
  for (const inPack of packs.values()) {
    let open: IndexEntry[] = [];
    for (const entry of inPack.toSorted((a, b) => a.offset - b.offset)) {
      if (open.length > 0 && !continues(open, entry)) {
        runs.push(runOf(open));
        open = [];
      }
      open.push(entry);
    }
    runs.push(runOf(open));
  }
  return runs;
};

const continues = (open: readonly IndexEntry[], entry: IndexEntry): boolean => {
  const [first, last] = [open[0], open[open.length - 1]];
  if (first === undefined || last === undefined || !isSmall(last) || !isSmall(entry)) return false;
  const gap = entry.offset - (last.offset + last.length);
  return gap <= GAP_BYTES && entry.offset + entry.length - first.offset <= RUN_BYTES;
};

const runOf = (entries: readonly IndexEntry[]): SegmentRun => {
  const [first, last] = [entries[0], entries[entries.length - 1]];
  if (first === undefined || last === undefined) throw new RangeError("A run has at least one segment.");
  return { pack: first.pack, first: first.offset, last: last.offset + last.length - 1, entries };
};
