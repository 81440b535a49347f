/**
 * A snapshot's files, in key order, out of its file index: a page costs the parts in which its keys stand, each of at
 * most 100,000 lines, however many the index has. A part is read from its beginning, because gzip can't be entered in
 * the middle, and no further than the page needs. Only reads.
 */
import { isMissing, readIndex } from "../pack/index-io";
import { compareKeys } from "../pack/key-order";
import type { OpenSnapshot } from "../restore/open-snapshot";
import type { Copy } from "../restore/snapshot-reader";
import { ServiceFailure } from "../runtime/collaborators";
import type { IndexEntry, IndexLine } from "../snapshot/file-index";
import type { IndexPartEntry } from "../snapshot/manifest";

export interface FilePageWish {
  /** What keys begin with; empty: all. */
  readonly prefix: string;
  /** The last key of the page before; null: from the beginning. */
  readonly after: string | null;
  readonly limit: number;
}
export interface FilePage {
  readonly lines: readonly IndexLine[];
  /** Where the next page goes on; null: this is the last. */
  readonly next: string | null;
}
type Contents = Pick<OpenSnapshot, "manifest" | "reader">;

/** Throws SnapshotDamaged where a part can be read in no region. */
export const listFiles = async ({ manifest, reader }: Contents, wish: FilePageWish): Promise<FilePage> => {
  const { limit } = wish;
  const lines: IndexLine[] = [];
  for (const part of manifest.files.index) {
    if (!mayHold(part, wish)) continue;
    // One more than the page holds tells whether there is another page.
    const wanted = limit + 1 - lines.length;
    lines.push(...(await reader.read(part, (copy) => linesOf(readPart(part, wish, copy), wish, wanted))));
    if (lines.length > limit) break;
  }
  const shown = lines.slice(0, limit);
  return { lines: shown, next: lines.length > limit ? (shown.at(-1)?.key ?? null) : null };
};

/** Throws FileNotInSnapshot, FileMissing, SnapshotDamaged. */
export const findFile = async (contents: Contents, key: string): Promise<IndexEntry> => {
  const { snapshotId } = contents.manifest;
  // Of all keys that begin with it the key itself is the first.
  const { lines } = await listFiles(contents, { prefix: key, after: null, limit: 1 });
  const [found] = lines;
  if (found?.key !== key)
    throw new ServiceFailure(
      "FileNotInSnapshot",
      `Snapshot ${snapshotId} holds no file with the key ${JSON.stringify(key)}; look for it in the list of its files.`,
      false,
    );
  if (isMissing(found))
    throw new ServiceFailure(
      "FileMissing",
      `The file ${JSON.stringify(key)} was named by the database and missing in storage when snapshot ${snapshotId} was taken: there is nothing to download; try an older snapshot.`,
      false,
    );
  return found;
};

const readPart = (
  part: IndexPartEntry,
  { prefix, after }: FilePageWish,
  { store, ref }: Copy,
): AsyncGenerator<IndexLine[]> =>
  readIndex(store, ref.bucket, [{ ...part, versionId: ref.versionId }], { from: prefix, after });

const linesOf = async (
  batches: AsyncIterable<readonly IndexLine[]>,
  { prefix }: FilePageWish,
  wanted: number,
): Promise<IndexLine[]> => {
  const found: IndexLine[] = [];
  for await (const batch of batches) {
    for (const line of batch) {
      if (!line.key.startsWith(prefix)) return found;
      found.push(line);
      if (found.length === wanted) return found;
    }
  }
  return found;
};

const mayHold = ({ firstKey, lastKey }: IndexPartEntry, { prefix, after }: FilePageWish): boolean => {
  if (firstKey === null || lastKey === null || compareKeys(lastKey, prefix) < 0) return false;
  if (after !== null && compareKeys(lastKey, after) <= 0) return false;
  return firstKey.startsWith(prefix) || compareKeys(firstKey, prefix) < 0;
};
