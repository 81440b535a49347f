/**
 * The oldest version of a key that is no delete marker: the one that counts, because snapshots' objects are written
 * once, and replicas need not have the primary's version ids.
 */
import type { ObjectStore, VersionRef } from "./object-store";
import { ObjectNotFound } from "./storage-errors";

/** One request, unless the key has very many versions or is the beginning of other keys. */
export const findOldestVersion = async (
  store: ObjectStore,
  bucket: string,
  key: string,
): Promise<VersionRef | undefined> => {
  let oldest: VersionRef | undefined;
  let markers: { readonly keyMarker: string; readonly versionIdMarker?: string } | undefined;
  for (;;) {
    const page = await store.listVersions(bucket, { prefix: key, ...markers });
    for (const version of page.versions) {
      // The key itself is the first of all keys that begin with it; newest first within a key.
      if (version.key !== key) return oldest;
      if (!version.isDeleteMarker) oldest = { bucket, key, versionId: version.versionId };
    }
    if (page.next === undefined) return oldest;
    markers = page.next;
  }
};

/** Throws ObjectNotFound. */
export const oldestVersion = async (store: ObjectStore, bucket: string, key: string): Promise<VersionRef> => {
  const oldest = await findOldestVersion(store, bucket, key);
  if (oldest === undefined) throw new ObjectNotFound(`The bucket ${bucket} has no version of ${key}.`);
  return oldest;
};
