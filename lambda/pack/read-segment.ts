/**
 * One file of a snapshot: one ranged GET and one inflate. Length and CRC-32 of the segment and SHA-256 of the file
 * are checked; a difference is ObjectDamaged, after the last byte has been given. So whoever writes the bytes on
 * must commit only after the iteration has ended well.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { IndexEntry } from "../snapshot/file-index";
import type { ObjectRef, ObjectStore } from "../storage/object-store";
import { ObjectDamaged } from "../storage/storage-errors";
import type { RawSum } from "./gzip";
import { inflateSegment, inflateSegmentStream } from "./inflate";
import { readRange } from "./ranged-read";
import { tarPadding } from "./tar-header";

/** Where a pack stands: the primary needs its version id; without one the current version is read. */
export interface PackPlace {
  readonly bucket: string;
  readonly pack: { readonly key: string; readonly versionId?: string };
}
export interface SegmentPlace extends RawSum {
  readonly offset: number;
  readonly length: number;
}

/** The file's bytes. Throws ObjectDamaged, ObjectNotFound (no such pack), StoreUnavailable, AccessRefused. */
export async function* readFile(store: ObjectStore, from: PackPlace, entry: IndexEntry): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  const name = nameOf(from, entry);
  let skip = contentOffset(entry, name);
  let rest = entry.size;
  for await (const raw of readSegment(store, packRef(from), entry, name)) {
    const content = raw.subarray(Math.min(skip, raw.length)).subarray(0, rest);
    skip = Math.max(0, skip - raw.length);
    rest -= content.length;
    if (content.length === 0) continue;
    hash.update(content);
    yield content;
  }
  if (hash.digest("hex") !== entry.sha256)
    throw new ObjectDamaged(`${name} is damaged: its SHA-256 is not the index's.`);
}

/** The whole file in memory, verified before it is given; a caller streams what is larger than `SMALL_FILE`. */
export async function readSmallFile(store: ObjectStore, from: PackPlace, entry: IndexEntry): Promise<Buffer> {
  const name = nameOf(from, entry);
  if (entry.size > SMALL_FILE) throw new RangeError(`${name} has ${entry.size} bytes and must be streamed.`);
  const compressed: Uint8Array[] = [];
  for await (const chunk of readRange(store, packRef(from), entry.offset, entry.offset + entry.length - 1))
    compressed.push(chunk);
  const raw = inflateSegment(Buffer.concat(compressed), entry.rawLength, name);
  const start = contentOffset(entry, name);
  const content = raw.subarray(start, start + entry.size);
  if (
    raw.length !== entry.rawLength ||
    crc32(raw) !== entry.crc32 ||
    createHash("sha256").update(content).digest("hex") !== entry.sha256
  ) {
    throw new ObjectDamaged(`${name} is damaged: its length or checksums are not the index's.`);
  }
  return content;
}
/** 16 MiB. */
export const SMALL_FILE = 16 * 1024 * 1024;

/** The inflated bytes of any segment, checked against length and CRC-32 at the end. */
export async function* readSegment(
  store: ObjectStore,
  ref: ObjectRef,
  place: SegmentPlace,
  name: string,
): AsyncGenerator<Uint8Array> {
  const compressed = readRange(store, ref, place.offset, place.offset + place.length - 1);
  yield* checkedRaw(inflateSegmentStream(compressed, name), place, name);
}

/** Passes bytes through and throws ObjectDamaged when, in the end, they are not what `sum` says. */
export async function* checkedRaw(
  raw: AsyncIterable<Uint8Array>,
  sum: RawSum,
  name: string,
): AsyncGenerator<Uint8Array> {
  let found = 0;
  let length = 0;
  for await (const chunk of raw) {
    length += chunk.length;
    if (length > sum.rawLength) break;
    found = crc32(chunk, found);
    yield chunk;
  }
  if (length !== sum.rawLength || found !== sum.crc32) {
    throw new ObjectDamaged(`${name} is damaged: length or CRC-32 is not what was stored.`);
  }
}

/** Header and PAX come first, then the content, then padding to whole blocks. */
function contentOffset(entry: IndexEntry, name: string): number {
  const offset = entry.rawLength - entry.size - tarPadding(entry.size);
  if (offset <= 0) throw new ObjectDamaged(`${name} has an index entry whose sizes contradict each other.`);
  return offset;
}

const nameOf = (from: PackPlace, entry: IndexEntry): string => `The file "${entry.key}" in "${from.pack.key}"`;

export const packRef = ({ bucket, pack }: PackPlace): ObjectRef => ({
  bucket,
  key: pack.key,
  ...(pack.versionId === undefined ? {} : { versionId: pack.versionId }),
});
