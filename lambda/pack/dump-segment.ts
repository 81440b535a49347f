/**
 * The database dump as one gzip file with one segment inside: `gunzip` gives the plain dump, and the segment can be
 * copied into archives as it is. A failure aborts the upload: no object is left.
 */
import { createHash } from "node:crypto";
import type { DatabaseEntry, StoredObjectEntry } from "../snapshot/manifest";
import type { ObjectStore } from "../storage/object-store";
import type { ObjectUpload } from "../storage/object-upload";
import { ObjectDamaged } from "../storage/storage-errors";
import { GZIP_HEADER, gzipEnd } from "./gzip";
import { readSegment } from "./read-segment";
import { deflateStream } from "./segment";

export type StoredDump = StoredObjectEntry & Pick<DatabaseEntry, "dumpSize" | "dumpSha256" | "dumpCrc32" | "segment">;

/** Streams `dump` into `upload` and finishes it. A failure of the dump surfaces unchanged. */
export async function storeDump(dump: AsyncIterable<Uint8Array>, upload: ObjectUpload): Promise<StoredDump> {
  const hash = createHash("sha256");
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of dump) {
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    await upload.write(GZIP_HEADER);
    const stored = await deflateStream(hashed(), (chunk) => upload.write(chunk));
    await upload.write(gzipEnd(stored));
    return {
      ...(await upload.finish()),
      dumpSize: stored.rawLength,
      dumpSha256: hash.digest("hex"),
      dumpCrc32: stored.crc32,
      segment: { offset: GZIP_HEADER.length, length: stored.length },
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
