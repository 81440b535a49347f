/**
 * What an attempt leaves in the catalog once it is over: its pin and its items. Called under the environment's lease;
 * safe to repeat. The attempt's own item goes last, because it says what else there is.
 */
import { allPages } from "../catalog/catalog";
import type { Attempt } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";

export async function unpinBase(attempt: Attempt, { catalog }: Pick<Collaborators, "catalog">): Promise<void> {
  if (attempt.baseSnapshotId === null) return;
  await catalog.unpin({
    environmentId: attempt.environmentId,
    snapshotId: attempt.baseSnapshotId,
    holder: attempt.attemptId,
  });
}

export async function deleteAttemptItems(
  attemptId: string,
  { catalog }: Pick<Collaborators, "catalog">,
): Promise<void> {
  for await (const { shard } of allPages((cursor) => catalog.listShards(attemptId, cursor))) {
    await catalog.deleteShard(attemptId, shard);
  }
  await catalog.deleteAttempt(attemptId);
}
