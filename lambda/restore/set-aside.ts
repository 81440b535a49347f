/**
 * What stands at the target with other bytes is kept before a file is put over it, until the restore has ended: on a
 * versioned bucket as the version that it is, elsewhere as a copy among the restore's records, which retention sweeps
 * with them; what S3 keeps beside the bytes stands in the batch's record. A failure leaves copies that nothing needs.
 */
import type { IndexEntry } from "../snapshot/file-index";
import { copyObject } from "../storage/copy-object";
import { restoreAsideKey } from "../storage/object-keys";
import type { ObjectInfo, ObjectRef } from "../storage/object-store";
import { ObjectExists, ObjectNotFound } from "../storage/storage-errors";
import { mapInOrder } from "./concurrency";
import { conflict } from "./file-putter";
import type { PutLine, Records, StoodThere } from "./put-records";
import { atTarget, withTags, type TargetFiles } from "./target-files";

const AT_ONCE = 16;

/** What stands at the file's key now; undefined when nothing does. */
export const lookAt = async (
  target: TargetFiles,
  { key }: Pick<IndexEntry, "key">,
): Promise<StoodThere | undefined> => {
  const { store, bucket, prefix } = target;
  try {
    const info = await atTarget(target, "reading", () => store.head({ bucket, key: prefix + key }));
    const { size, etag, versionId } = info;
    const attributes = await withTags(target, key, info);
    return { size, etag, attributes, ...(versionId === undefined ? {} : { versionId }) };
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined;
    throw error;
  }
};

/** Throws FileConflict when one of them is no longer what was looked at. */
export const setAside = async (
  target: TargetFiles,
  records: Records,
  batch: number,
  lines: readonly PutLine[],
): Promise<void> => {
  const { store, bucket, prefix } = target;
  async function* unversioned() {
    for (const [place, line] of lines.entries())
      if (line.was !== undefined && line.was.versionId === undefined) yield { place, line, was: line.was };
  }
  const copies = mapInOrder(unversioned(), AT_ONCE, async ({ place, line, was }) => {
    const source = { bucket, key: prefix + line.key, ifMatch: was.etag };
    try {
      await atTarget(target, "copying", () =>
        copyObject(store, source, was.size, { ...asideOf(records, batch, place), attributes: {} }),
      );
    } catch (error) {
      if (error instanceof ObjectExists || error instanceof ObjectNotFound) throw conflict(target, line);
      throw error;
    }
  });
  for await (const _copied of copies) continue;
};

/** Where what stood at the key of the batch's line is kept. */
export const asideOf = (records: Records, batch: number, line: number): ObjectRef => ({
  bucket: records.bucket,
  key: restoreAsideKey(records.place, records.restoreId, batch, line),
});

/** Copies back what was set aside, unless somebody has written there since `standing`; what never was, is not. */
export const putBack = async (
  target: TargetFiles,
  aside: ObjectRef,
  { key, was }: { readonly key: string; readonly was: StoodThere },
  standing: Pick<ObjectInfo, "etag">,
): Promise<void> => {
  const { store, bucket, prefix } = target;
  try {
    await atTarget(target, "writing", () =>
      copyObject(store, aside, was.size, {
        bucket,
        key: prefix + key,
        attributes: was.attributes,
        onlyIfMatch: standing.etag,
      }),
    );
  } catch (error) {
    if (!(error instanceof ObjectExists || error instanceof ObjectNotFound)) throw error;
  }
};
