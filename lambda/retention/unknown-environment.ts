/** An environment that the catalog does not know, such as after the catalog was emptied. Reads only. */
import type { Collaborators } from "../runtime/collaborators";
import { environmentPrefix, type ReplicationClass } from "../storage/object-keys";
import { primarySide, replicaSides } from "./inventory";

const CLASSES: readonly ReplicationClass[] = ["replicated", "single-region"];

/** Sentences that say why nothing is deleted; none if nothing stands anywhere, so that there is nothing to do. */
export async function judgeUnknown(
  environmentId: string,
  collaborators: Pick<Collaborators, "settings" | "catalog" | "store" | "replicaStore" | "formerReplicas">,
): Promise<readonly string[]> {
  const places = CLASSES.map((replication) => ({ ...primarySide(collaborators), replication }));
  const found: string[] = [];
  for (const { side, store, bucket, replication } of [
    ...places,
    ...replicaSides(collaborators).map((one) => ({ ...one, replication: "replicated" as const })),
  ]) {
    const page = await store.listVersions(bucket, { prefix: environmentPrefix({ replication, environmentId }) });
    if (page.versions.length > 0) found.push(`the ${side} bucket (${replication})`);
  }
  const { items } = await collaborators.catalog.listSnapshots(environmentId);
  if (items.length > 0) found.push("the catalog's list of snapshots");
  if (found.length === 0) return [];
  return [
    `The catalog does not know environment ${environmentId}, but ${found.join(" and ")} hold${found.length === 1 ? "s" : ""} backups of it; ` +
      "nothing of it is deleted: rebuild the catalog from the bucket.",
  ];
}
