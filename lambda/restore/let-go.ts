/** What a restore holds of others, given back when it ends, or waits for somebody. Repeatable. */
import type { RestoreItem } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";

/** Unpins the source and gives the target's lease back, in this order: the lease's end lets others begin. */
export const letGo = async ({ catalog }: Pick<Collaborators, "catalog">, restore: RestoreItem): Promise<void> => {
  const { sourceEnvironmentId, snapshotId, restoreId, targetEnvironmentId } = restore;
  await catalog.unpin({ environmentId: sourceEnvironmentId, snapshotId, holder: restoreId });
  // By execution and not by the recorded token: a crash may have come between taking the lease and recording it.
  const lease = await catalog.getLease(targetEnvironmentId);
  if (lease !== undefined && lease.executionArn === restore.executionArn) {
    await catalog.releaseLease(targetEnvironmentId, lease.token);
  }
};
