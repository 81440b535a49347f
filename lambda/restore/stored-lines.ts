/**
 * The snapshot's file index and the restore's own lists, from either region. An object is verified as a whole before
 * its first line is given, because files are put and removed by what the lines say.
 */
import type { ListSegment } from "../catalog/items";
import { readIndex, readList } from "../pack/index-io";
import { compareKeys } from "../pack/key-order";
import type { IndexLine, ListLine } from "../snapshot/file-index";
import type { IndexPartEntry } from "../snapshot/manifest";
import type { ObjectStore } from "../storage/object-store";
import { ObjectDamaged } from "../storage/storage-errors";
import type { SnapshotReader } from "./snapshot-reader";

/** Lines of the file index with keys after `after` (null: all), in key order. */
export async function* indexLines(
  reader: SnapshotReader,
  parts: readonly IndexPartEntry[],
  after: string | null,
): AsyncGenerator<IndexLine> {
  for (const part of inOrder(parts, after)) {
    const { store, ref } = await reader.verified(part);
    const verified = { ...part, versionId: ref.versionId };
    for await (const batch of readIndex(store, ref.bucket, [verified], { after })) yield* batch;
  }
}

/** Lines of list segments with keys after `after` (null: all), in key order. */
export async function* listLines(
  reader: SnapshotReader,
  segments: readonly ListSegment[],
  after: string | null,
): AsyncGenerator<ListLine> {
  for (const segment of inOrder(segments, after)) {
    const { store, ref } = await reader.verified(segment);
    const verified = { ...segment, versionId: ref.versionId };
    for await (const batch of readList(store, ref.bucket, [verified], { after })) yield* batch;
  }
}

/** The number after all lists that stand, those of crashed tries too: a list is never written over. */
export const nextListNumber = async (store: ObjectStore, bucket: string, prefix: string): Promise<number> => {
  let highest = -1;
  let next: { readonly keyMarker: string; readonly versionIdMarker?: string } | undefined;
  do {
    const page = await store.listVersions(bucket, { prefix, ...next });
    for (const { key } of page.versions) highest = Math.max(highest, Number.parseInt(key.slice(prefix.length), 10));
    next = page.next;
  } while (next !== undefined);
  return highest + 1;
};

interface Span {
  readonly key: string;
  readonly firstKey: string | null;
  readonly lastKey: string | null;
}

/** Those with keys after `after`. Parts out of order would make a merge take standing keys for absent ones. */
function* inOrder<T extends Span>(parts: readonly T[], after: string | null): Generator<T> {
  let previous: string | null = null;
  for (const part of parts) {
    if (part.firstKey === null || part.lastKey === null) continue;
    if (previous !== null && compareKeys(part.firstKey, previous) <= 0) {
      throw new ObjectDamaged(
        `The object ${part.key} stands in the wrong place: its keys come before ${JSON.stringify(previous)}.`,
      );
    }
    previous = part.lastKey;
    if (after === null || compareKeys(part.lastKey, after) > 0) yield part;
  }
}
