/** Retention as its workflow runs it, and what tests do to snapshots behind its back. */
import { expireEnvironment } from "../../lambda/retention/expire";
import { selectEnvironments } from "../../lambda/retention/select";
import type { EnvironmentItem } from "../../lambda/catalog/items";
import type { ExpireOutput } from "../../lambda/retention/contract";
import { manifestKey } from "../../lambda/storage/object-keys";
import { PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { ENVIRONMENT, RETENTION_EXECUTION } from "./sealed-environment";

export const DAY = 86_400_000;

export const expire = (collaborators: FakeCollaborators, environmentId = ENVIRONMENT): Promise<ExpireOutput> =>
  expireEnvironment({ step: "expire", executionArn: RETENTION_EXECUTION, environmentId }, collaborators);

/** One run of the retention workflow. */
export async function run(collaborators: FakeCollaborators): Promise<readonly string[]> {
  const { environments } = await selectEnvironments(collaborators);
  for (const environmentId of environments) await expire(collaborators, environmentId);
  return environments;
}

/** Removes a manifest on both sides, as only somebody with too many rights could. */
export async function removeManifest(
  { store, replicaStore }: FakeCollaborators,
  environment: EnvironmentItem,
  snapshotId: string,
): Promise<void> {
  const key = manifestKey(environment, snapshotId);
  const sides = [
    { side: store, bucket: PRIMARY_BUCKET },
    { side: replicaStore, bucket: REPLICA_BUCKET },
  ];
  for (const { side, bucket } of sides) {
    const objects = side.versions(bucket, key).map(({ versionId }) => ({ key, versionId }));
    await side.deleteBatch(bucket, objects, { bypassGovernance: true });
  }
}
