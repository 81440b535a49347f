/** Reads the head of a stored dump back: one ranged GET, one inflate, checked against length and CRC-32. Only reads. */
import { crc32 } from "node:zlib";
import { HeadIncomplete, parseToc, type Toc, TocUnreadable } from "../dump/toc";
import type { ObjectRef, ObjectStore } from "../storage/object-store";
import { ObjectDamaged } from "../storage/storage-errors";
import type { StoredDump } from "./dump-segment";
import { GZIP_HEADER_SUM, joinSums, type RawSum } from "./gzip";
import { inflateSegment } from "./inflate";
import { readRange } from "./ranged-read";

export interface StoredHead {
  readonly toc: Toc;
  /** Compressed. */
  readonly length: number;
  /** Of the object's bytes up to the dump's data: what precedes a copy of the data. */
  readonly before: RawSum;
}

/** Undefined where the dump was stored as one segment. Throws ObjectDamaged, ObjectNotFound, AccessRefused. */
export const readStoredHead = async (
  store: ObjectStore,
  ref: ObjectRef,
  { key, head, segment }: Pick<StoredDump, "key" | "head" | "segment">,
): Promise<StoredHead | undefined> => {
  if (head === undefined) return undefined;
  const name = `The head of the database dump "${key}"`;
  const chunks: Uint8Array[] = [];
  for await (const chunk of readRange(store, ref, segment.offset, segment.offset + head.length - 1)) chunks.push(chunk);
  const compressed = Buffer.concat(chunks);
  const raw = inflateSegment(compressed, head.rawLength, name);
  if (raw.length !== head.rawLength || crc32(raw) !== head.crc32)
    throw new ObjectDamaged(`${name} is damaged: length or CRC-32 is not what was stored.`);
  const { length } = compressed;
  const before = joinSums(GZIP_HEADER_SUM, { crc32: crc32(compressed), rawLength: length });
  return { toc: tocOf(raw, name), length, before };
};

const tocOf = (raw: Buffer, name: string): Toc => {
  try {
    return parseToc(raw);
  } catch (error) {
    if (!(error instanceof TocUnreadable) && !(error instanceof HeadIncomplete)) throw error;
    throw new ObjectDamaged(`${name} can't be read (${error.message || "it is cut short"}).`, { cause: error });
  }
};
