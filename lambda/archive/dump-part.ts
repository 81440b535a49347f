/**
 * The dump as an archive holds it: its head in the published form, which is the archive's own, and its data as they are
 * stored. A dump that was stored as one segment, as older ones were, goes in as it is. Pure, but for reading the head.
 */
import { publishedForm } from "../dump/published-form";
import { writeToc } from "../dump/toc";
import { GZIP_HEADER_SUM, gzipEnd } from "../pack/gzip";
import { readStoredHead, type StoredHead } from "../pack/stored-head";
import type { OpenSnapshot } from "../restore/open-snapshot";
import { dumpOf, type DatabaseEntry } from "../snapshot/manifest";
import type { Source } from "./layout";

export interface DumpPart {
  /** Bytes of the dump in the archive. */
  readonly size: number;
  /** The dump's first bytes, where they are not the stored ones; else empty. */
  readonly head: Buffer;
  /** Everything after `head`. */
  readonly source: Source;
}

/** One request, where the head was stored by itself. Throws what reading a snapshot's object throws. */
export const readDumpPart = async ({
  manifest,
  reader,
}: Pick<OpenSnapshot, "manifest" | "reader">): Promise<DumpPart> => {
  const database = dumpOf(manifest);
  return dumpPart(database, await reader.read(database, ({ store, ref }) => readStoredHead(store, ref, database)));
};

export const dumpPart = (database: DatabaseEntry, stored: StoredHead | undefined): DumpPart => {
  const { segment, dumpCrc32, dumpSize } = database;
  const whole = { crc32: dumpCrc32, rawLength: dumpSize };
  const head = stored === undefined ? Buffer.alloc(0) : writeToc(publishedForm(stored.toc));
  const skipped = stored === undefined ? NONE : stored;
  const length = segment.length - skipped.length;
  const sum =
    stored === undefined ? whole : { crc32: database.dataCrc32 ?? 0, rawLength: dumpSize - stored.toc.length };
  return {
    size: head.length + sum.rawLength,
    head,
    source: {
      entry: database,
      runs: [{ first: segment.offset + skipped.length, length }],
      bytes: length,
      longest: length,
      end: segment.offset + segment.length,
      sum,
      before: skipped.before,
      tail: gzipEnd(whole),
    },
  };
};
const NONE = { length: 0, before: GZIP_HEADER_SUM };
