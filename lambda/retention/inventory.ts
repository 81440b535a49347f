/** What stands in the buckets: every version and delete marker of an environment, on both sides. Reads only. */
import type { Collaborators } from "../runtime/collaborators";
import { type EnvironmentPlace, environmentPrefix } from "../storage/object-keys";
import type { ListedVersion, ObjectStore, VersionListOptions } from "../storage/object-store";
import { replicasOf } from "../storage/replicas";
import { kindOf, type ObjectKind } from "./object-kinds";

/** `replica-<region>`: a former replication region, where older replicas live out their time. */
export type Side = "primary" | "replica" | `replica-${string}`;

/** One bucket of the pair, or a former one, with the store of its region. */
export interface BucketSide {
  readonly side: Side;
  /** Of a replica: what manifests call `replicationRegion`. */
  readonly region?: string;
  readonly store: ObjectStore;
  readonly bucket: string;
}
export interface FoundVersion extends ListedVersion {
  readonly side: Side;
  readonly what: ObjectKind;
}

type StoreCollaborators = Pick<Collaborators, "settings" | "store" | "replicaStore" | "formerReplicas">;

export const primarySide = ({ settings, store }: Pick<StoreCollaborators, "settings" | "store">): BucketSide => ({
  side: "primary",
  store,
  bucket: settings.PRIMARY_BUCKET,
});
/** Today's first. */
export const replicaSides = (collaborators: StoreCollaborators): readonly BucketSide[] =>
  replicasOf(collaborators).map((replica, position) => ({
    side: position === 0 ? "replica" : `replica-${replica.region}`,
    ...replica,
  }));
/** Today's. */
export const replicaSide = ({ settings, replicaStore }: StoreCollaborators): BucketSide => ({
  side: "replica",
  region: settings.REPLICA_REGION,
  store: replicaStore,
  bucket: settings.REPLICA_BUCKET,
});
/** A single-region environment has nothing at the replica, and no request is made there. */
export const sidesOf = (place: EnvironmentPlace, collaborators: StoreCollaborators): readonly BucketSide[] =>
  place.replication === "replicated"
    ? [primarySide(collaborators), ...replicaSides(collaborators)]
    : [primarySide(collaborators)];

/** Every version under a prefix, a page at a time; newest first within a key. */
export async function* allVersions({ store, bucket }: BucketSide, prefix: string): AsyncGenerator<ListedVersion> {
  let options: VersionListOptions | undefined = { prefix };
  while (options !== undefined) {
    const page = await store.listVersions(bucket, options);
    yield* page.versions;
    options = page.next === undefined ? undefined : { prefix, ...page.next };
  }
}

/** A few dozen bytes an object; there are about as many objects as the environment has files divided by 10,000. */
export async function takeInventory(
  place: EnvironmentPlace,
  sides: readonly BucketSide[],
): Promise<readonly FoundVersion[]> {
  const found: FoundVersion[] = [];
  for (const side of sides) {
    for await (const version of allVersions(side, environmentPrefix(place))) {
      found.push({ ...version, side: side.side, what: kindOf(place, version.key) });
    }
  }
  return found;
}
