/** Files in their segments, checked against the file index's lengths, CRC-32 and SHA-256. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { inflateSegment, inflateSegmentStream } from "../pack/inflate";
import { checkedRaw } from "../pack/read-segment";
import { tarPadding } from "../pack/tar-header";
import type { IndexEntry } from "../snapshot/file-index";
import { ObjectDamaged } from "../storage/storage-errors";

/** The file of a segment in memory. Throws ObjectDamaged. */
export const fileOfSegment = (segment: Uint8Array, entry: IndexEntry): Buffer => {
  const name = nameOf(entry);
  const raw = inflateSegment(segment, entry.rawLength, name);
  if (raw.length !== entry.rawLength || crc32(raw) !== entry.crc32) {
    throw new ObjectDamaged(`${name} is damaged: length or CRC-32 is not the index's.`);
  }
  // Header and PAX come first, then the content, then padding to whole blocks.
  const end = raw.length - tarPadding(entry.size);
  const content = raw.subarray(Math.max(end - entry.size, 0), end);
  if (content.length !== entry.size || createHash("sha256").update(content).digest("hex") !== entry.sha256) {
    throw new ObjectDamaged(`${name} is damaged: its SHA-256 is not the index's.`);
  }
  return content;
};

/** Only looks at a segment of any size as it streams by. Throws ObjectDamaged. */
export const checkSegment = async (segment: AsyncIterable<Uint8Array>, entry: IndexEntry): Promise<void> => {
  const name = nameOf(entry);
  const sha256 = createHash("sha256");
  let skip = entry.rawLength - entry.size - tarPadding(entry.size);
  let rest = entry.size;
  if (skip < 0) throw new ObjectDamaged(`${name} has an index entry whose sizes contradict each other.`);
  for await (const raw of checkedRaw(inflateSegmentStream(segment, name), entry, name)) {
    const content = raw.subarray(Math.min(skip, raw.length)).subarray(0, rest);
    skip = Math.max(0, skip - raw.length);
    rest -= content.length;
    sha256.update(content);
  }
  if (sha256.digest("hex") !== entry.sha256)
    throw new ObjectDamaged(`${name} is damaged: its SHA-256 is not the index's.`);
};

const nameOf = (entry: IndexEntry): string => `The file ${JSON.stringify(entry.key)} in pack ${entry.pack}`;
