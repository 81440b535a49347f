/**
 * Which version of each object counts at the replica: the oldest, whatever ids replication gave, and whatever was put
 * or marked as deleted on top of it. Two listings (a thousand versions a request) instead of a request an object.
 */
import type { EnvironmentPlace } from "../storage/object-keys";
import { packsPrefix, snapshotPrefix } from "../storage/object-keys";
import type { ObjectStore } from "../storage/object-store";

/** Version ids by key, of the wanted keys only, so that memory does not grow with other snapshots' packs. */
export async function replicaVersions(
  store: ObjectStore,
  bucket: string,
  place: EnvironmentPlace,
  snapshotId: string,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const prefix of [snapshotPrefix(place, snapshotId), packsPrefix(place)]) {
    let next: { readonly keyMarker: string; readonly versionIdMarker?: string } | undefined;
    do {
      const page = await store.listVersions(bucket, { prefix, ...next });
      for (const { key, versionId, isDeleteMarker } of page.versions) {
        // Newest first within a key: the last one seen is the oldest.
        if (!isDeleteMarker && wanted.has(key)) found.set(key, versionId);
      }
      next = page.next;
    } while (next !== undefined);
  }
  return found;
}
