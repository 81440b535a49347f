/**
 * The oldest version of a key: at the replica it is the one that counts, because snapshots' objects are written once
 * and replicas need not have the primary's version ids.
 */
import type { ObjectStore, VersionRef } from "../storage/object-store";
import { ObjectNotFound } from "../storage/storage-errors";

/** One request, unless the key has very many versions or is the beginning of other keys. Throws ObjectNotFound. */
export const oldestVersion = async (store: ObjectStore, bucket: string, key: string): Promise<VersionRef> => {
  let oldest: VersionRef | undefined;
  let markers: { readonly keyMarker: string; readonly versionIdMarker?: string } | undefined;
  for (;;) {
    const page = await store.listVersions(bucket, { prefix: key, ...markers });
    for (const version of page.versions) {
      // The key itself is the first of all keys that begin with it.
      if (version.key !== key) return oldest ?? missing(bucket, key);
      if (!version.isDeleteMarker) oldest = { bucket, key, versionId: version.versionId };
    }
    if (page.next === undefined) return oldest ?? missing(bucket, key);
    markers = page.next;
  }
};

const missing = (bucket: string, key: string): never => {
  throw new ObjectNotFound(`The bucket ${bucket} has no version of ${key}.`);
};
