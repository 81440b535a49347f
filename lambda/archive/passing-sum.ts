/**
 * The CRC-32 of a whole object's stored bytes, out of those of its pieces in order, copied and streamed alike: so an
 * object that goes into the archive whole is checked against the manifest without a request. Pure.
 */
import { crc32 } from "node:zlib";
import { crc32Combine } from "../pack/gzip";
import type { BuildProgress } from "./build-progress";
import type { Source } from "./layout";

type Passing = BuildProgress["passing"];

/** `sum` is null where the server gave none. */
export const pass = (passing: Passing, source: Source, length: number, sum: number | null): Passing => {
  const { key } = source.entry;
  if (passing === null || passing.key !== key) return { key, length, crc32: sum };
  const joined = passing.crc32 === null || sum === null ? null : crc32Combine(passing.crc32, sum, length);
  return { key, length: passing.length + length, crc32: joined };
};

/**
 * False where the object has passed whole and its checksum is not the manifest's. Its frame was written by an equal,
 * but perhaps other, version of zlib: false is a suspicion, not yet a proof.
 */
export const isAsStored = (passing: Passing, source: Source): boolean => {
  const { entry, bytes, end, before, tail } = source;
  if (passing === null || passing.key !== entry.key || passing.length !== bytes || passing.crc32 === null) return true;
  const isWhole = end - bytes === before.rawLength && end + tail.length === entry.size;
  if (!isWhole) return true;
  const headed = crc32Combine(before.crc32, passing.crc32, bytes);
  return crc32Combine(headed, crc32(tail), tail.length) === entry.crc32;
};
