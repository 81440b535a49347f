/** The archive's first entry, `.metadata`: JSON in which every value is a string, as the exchange format has it. Pure. */
import { deflateSegment, type RawSum } from "../pack/gzip";
import { tarHeader, tarPadding } from "../pack/tar-header";
import type { Manifest } from "../snapshot/manifest";
import type { DumpPart } from "./dump-part";
import { crc32 } from "node:zlib";

export const METADATA_PATH = ".metadata";
export const DUMP_PATH = "db/db.backup";

/** Sizes are bytes, uncompressed; the duration is the backup's, in seconds. What the archive leaves out is "0". */
export const metadataOf = (
  { createdAt, completedAt, modelVersion, database, files }: Manifest,
  dump: Pick<DumpPart, "size"> | null,
): Readonly<Record<string, string>> => {
  const seconds = Math.max(0, Math.round((Date.parse(completedAt) - Date.parse(createdAt)) / 1000));
  return {
    duration: String(seconds),
    dumpSize: String(dump?.size ?? 0),
    modelVersion,
    databaseSize: String(dump === null ? 0 : database.databaseSize),
    filesSize: String(files.bytes),
  };
};

/** Bytes that the archive has of its own, compressed, and what they are uncompressed. */
export interface OwnSegment extends RawSum {
  readonly bytes: Buffer;
}
export const ownSegment = (raw: Buffer): OwnSegment => ({
  bytes: deflateSegment(raw),
  crc32: crc32(raw),
  rawLength: raw.length,
});

export const metadataEntry = (metadata: Readonly<Record<string, string>>): Buffer => {
  const content = Buffer.from(JSON.stringify(metadata));
  return Buffer.concat([tarHeader(METADATA_PATH, content.length), content, Buffer.alloc(tarPadding(content.length))]);
};
