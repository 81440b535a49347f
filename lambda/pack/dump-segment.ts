/**
 * The database dump as one gzip file: `gunzip` gives the plain dump. Inside are two segments, the dump's head and its
 * data, so that archives can carry another head and have the data copied as they are. A dump whose head can't be read is
 * one segment. A failure aborts the upload: no object is left.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { splitHead } from "../dump/edit-head";
import type { DatabaseEntry, StoredObjectEntry } from "../snapshot/manifest";
import type { ObjectStore } from "../storage/object-store";
import type { ObjectUpload } from "../storage/object-upload";
import { ObjectDamaged } from "../storage/storage-errors";
import { deflateSegment, GZIP_HEADER, gzipEnd, joinSums } from "./gzip";
import { readSegment } from "./read-segment";
import { deflateStream } from "./segment";

export type StoredDump = StoredObjectEntry &
  Pick<DatabaseEntry, "dumpSize" | "dumpSha256" | "dumpCrc32" | "segment" | "head" | "dataCrc32">;

/** Streams `dump` into `upload` and finishes it. Memory: the head. A failure of the dump surfaces unchanged. */
export async function storeDump(dump: AsyncIterable<Uint8Array>, upload: ObjectUpload): Promise<StoredDump> {
  const hash = createHash("sha256");
  async function* hashed(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of data) {
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    const { head: raw, data } = await splitHead(dump);
    hash.update(raw);
    await upload.write(GZIP_HEADER);
    const compressed = raw.length === 0 ? raw : deflateSegment(raw);
    const head = { rawLength: raw.length, length: compressed.length, crc32: crc32(raw) };
    await upload.write(compressed);
    const stored = await deflateStream(hashed(data), (chunk) => upload.write(chunk));
    const whole = joinSums(head, stored);
    await upload.write(gzipEnd(whole));
    return {
      ...(await upload.finish()),
      dumpSize: whole.rawLength,
      dumpSha256: hash.digest("hex"),
      dumpCrc32: whole.crc32,
      segment: { offset: GZIP_HEADER.length, length: head.length + stored.length },
      ...(raw.length === 0 ? {} : { head, dataCrc32: stored.crc32 }),
    };
  } catch (error) {
    await upload.abort().catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
}

/** The plain dump. Throws ObjectDamaged after the last byte when it is not what was stored. */
export async function* readDump(
  store: ObjectStore,
  bucket: string,
  dump: Pick<StoredDump, "key" | "dumpSize" | "dumpSha256" | "dumpCrc32" | "segment"> & { readonly versionId?: string },
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  const ref = { bucket, key: dump.key, ...(dump.versionId === undefined ? {} : { versionId: dump.versionId }) };
  const place = { ...dump.segment, crc32: dump.dumpCrc32, rawLength: dump.dumpSize };
  for await (const chunk of readSegment(store, ref, place, `The database dump "${dump.key}"`)) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest("hex") !== dump.dumpSha256) {
    throw new ObjectDamaged(`The database dump "${dump.key}" is damaged: its SHA-256 is not the manifest's.`);
  }
}
