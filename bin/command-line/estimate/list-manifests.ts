/** The manifests of environments, found in a bucket by their keys alone. Only reads. */
import { nextEnvironment } from "../../../lambda/catalog-rebuild/find-environments";
import { manifest as manifestSchema, type Manifest } from "../../../lambda/snapshot/manifest";
import { snapshotsPrefix, type EnvironmentPlace, type ReplicationClass } from "../../../lambda/storage/object-keys";
import type { VersionRef } from "../../../lambda/storage/object-store";
import { CommandFailure, type SnapshotStorage } from "../surroundings";

const CLASSES: readonly ReplicationClass[] = ["replicated", "single-region"];

/** By environment; of every environment in the bucket if none is named. Throws CommandFailure (1) on a damaged one. */
export async function listManifests(
  storage: SnapshotStorage,
  environments: readonly string[],
): Promise<ReadonlyMap<string, readonly Manifest[]>> {
  const found = new Map<string, readonly Manifest[]>();
  for (const replication of CLASSES) {
    for (const environmentId of environments.length === 0 ? await all(storage, replication) : environments) {
      const manifests = await manifestsOf(storage, { replication, environmentId });
      if (manifests.length > 0) found.set(environmentId, [...(found.get(environmentId) ?? []), ...manifests]);
    }
  }
  return found;
}

async function all(storage: SnapshotStorage, replication: ReplicationClass): Promise<readonly string[]> {
  const ids: string[] = [];
  for (;;) {
    const next = await nextEnvironment(storage, replication, ids.at(-1) ?? "");
    if (next === undefined) return ids;
    ids.push(next);
  }
}

async function manifestsOf({ store, bucket }: SnapshotStorage, place: EnvironmentPlace): Promise<readonly Manifest[]> {
  const prefix = snapshotsPrefix(place);
  /** Newest first within a key: the last one seen is the one that was committed. */
  const refs = new Map<string, VersionRef>();
  let markers: { readonly keyMarker: string; readonly versionIdMarker?: string } | undefined;
  do {
    const page = await store.listVersions(bucket, { prefix, ...markers });
    for (const { key, versionId, isDeleteMarker } of page.versions)
      if (!isDeleteMarker && /^[^/]+\/manifest\.json$/.test(key.slice(prefix.length)))
        refs.set(key, { bucket, key, versionId });
    markers = page.next;
  } while (markers !== undefined);

  const manifests: Manifest[] = [];
  for (const ref of refs.values()) {
    const pieces: Uint8Array[] = [];
    for await (const piece of (await store.get(ref)).body) pieces.push(piece);
    const parsed = manifestSchema.safeParse(parse(Buffer.concat(pieces).toString("utf8")));
    if (!parsed.success)
      throw new CommandFailure(1, [
        `${ref.key} in ${bucket} can't be understood: it is damaged; backups verify says more.`,
      ]);
    manifests.push(parsed.data);
  }
  return manifests;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
