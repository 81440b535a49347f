/**
 * What an archive consists of, in order: bytes of its own, and byte ranges of the snapshot's objects. All of it is one
 * gzip member, whose checksum follows from those of its pieces. Packs of which everything is streamed come first, so
 * that as little as possible has to be borrowed between them and what is copied. Pure.
 */
import { END_SEGMENT, END_SUM, GZIP_HEADER, GZIP_HEADER_SUM, gzipEnd, joinSums, type RawSum } from "../pack/gzip";
import { tarHeader, tarPadding } from "../pack/tar-header";
import type { Manifest, StoredObjectEntry } from "../snapshot/manifest";
import type { DumpPart } from "./dump-part";
import type { LiveRuns, Run } from "./live-runs";
import { DUMP_PATH, metadataEntry, metadataOf, ownSegment } from "./metadata";

/** An object of the snapshot, and what of it goes into the archive. */
export interface Source {
  readonly entry: StoredObjectEntry;
  readonly runs: Iterable<Run>;
  readonly bytes: number;
  readonly longest: number;
  /** Where the last run ends, exclusive. */
  readonly end: number;
  readonly sum: RawSum;
  /** What precedes the runs in the object, and what follows them, if they are all that lies between. */
  readonly before: RawSum;
  readonly tail: Buffer;
}
export interface Layout {
  readonly items: readonly (Buffer | Source)[];
  /** Bytes of the archive. */
  readonly size: number;
}

export const packSource = (entry: StoredObjectEntry, runs: LiveRuns): Source => ({
  entry,
  runs,
  bytes: runs.bytes,
  longest: runs.longest,
  end: runs.end,
  sum: runs.sum,
  before: GZIP_HEADER_SUM,
  tail: Buffer.concat([END_SEGMENT, gzipEnd(joinSums(runs.sum, END_SUM))]),
});

export const layOut = (
  manifest: Manifest,
  packs: readonly Source[],
  /** Null leaves the database out. */
  dump: DumpPart | null,
  isStreamed: (source: Source) => boolean,
): Layout => {
  const own = ownSegment(metadataEntry(metadataOf(manifest, dump)));
  const items: (Buffer | Source)[] = [];
  let literal: Buffer = Buffer.concat([GZIP_HEADER, own.bytes]);
  let sum: RawSum = own;
  const addOwn = (raw: Buffer): void => {
    if (raw.length === 0) return;
    const segment = ownSegment(raw);
    literal = Buffer.concat([literal, segment.bytes]);
    sum = joinSums(sum, segment);
  };
  const addSource = (source: Source): void => {
    if (literal.length > 0) items.push(literal);
    literal = Buffer.alloc(0);
    items.push(source);
    sum = joinSums(sum, source.sum);
  };
  if (dump !== null) {
    addOwn(Buffer.concat([tarHeader(DUMP_PATH, dump.size), dump.head]));
    addSource(dump.source);
    addOwn(Buffer.alloc(tarPadding(dump.size)));
  }
  const filled = packs.filter(({ bytes }) => bytes > 0);
  for (const source of filled.filter(isStreamed)) addSource(source);
  for (const source of filled.filter((one) => !isStreamed(one))) addSource(source);
  sum = joinSums(sum, END_SUM);
  items.push(Buffer.concat([literal, END_SEGMENT, gzipEnd(sum)]));
  return { items, size: items.reduce((size, item) => size + (Buffer.isBuffer(item) ? item.length : item.bytes), 0) };
};
