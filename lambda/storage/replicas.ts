/**
 * Which bucket holds a snapshot's replica: the replication region's of today, or that of a former replication region,
 * where older snapshots live out their time. Every reader of replicas asks here.
 */
import { z } from "zod";
import type { Collaborators } from "../runtime/collaborators";
import type { ObjectStore, VersionRef } from "./object-store";
import { findOldestVersion } from "./oldest-version";
import { ObjectNotFound } from "./storage-errors";

/** One region's replica bucket. */
export interface Replica {
  readonly region: string;
  readonly bucket: string;
  readonly store: ObjectStore;
}
const formerReplicas = z.array(z.object({ region: z.string(), bucket: z.string() }));

/** As the setting spells them, and back. Throws on anything else. */
export const formerReplicasText = (former: z.infer<typeof formerReplicas>): string => JSON.stringify(former);
export const formerReplicasIn = (text: string | undefined): z.infer<typeof formerReplicas> =>
  text === undefined || text === "" ? [] : formerReplicas.parse(JSON.parse(text));

export type ReplicaCollaborators = Pick<Collaborators, "settings" | "replicaStore" | "formerReplicas">;

/** Today's first, then the former ones in the order in which they are listed. */
export const replicasOf = (collaborators: ReplicaCollaborators): readonly Replica[] => [
  {
    region: collaborators.settings.REPLICA_REGION,
    bucket: collaborators.settings.REPLICA_BUCKET,
    store: collaborators.replicaStore,
  },
  ...(collaborators.formerReplicas ?? []),
];

/**
 * Where an object stands at a replica: today's region before former ones, in each the oldest version. Throws
 * ObjectNotFound.
 */
export async function findReplica(
  key: string,
  collaborators: ReplicaCollaborators,
): Promise<{ readonly store: ObjectStore; readonly ref: VersionRef }> {
  for (const { store, bucket } of replicasOf(collaborators)) {
    const ref = await findOldestVersion(store, bucket, key);
    if (ref !== undefined) return { store, ref };
  }
  throw new ObjectNotFound(`No replica bucket has a version of ${key}.`);
}

/**
 * The one of a manifest's `replicationRegion`. Undefined for single-region snapshots, and for a region whose stack has
 * been removed: then there is no replica to read.
 */
export const replicaOf = (
  { replicationRegion }: { readonly replicationRegion: string | null },
  collaborators: ReplicaCollaborators,
): Replica | undefined => replicasOf(collaborators).find(({ region }) => region === replicationRegion);
