/**
 * The recovery points of ended snapshots: after everything else of them has gone, and not before AWS Backup's lock lets
 * go, because before that it refuses. A snapshot whose recovery points stay keeps its item, which alone still names
 * them; it has not been offered since its expiry. Repeatable: every run looks again.
 */
import type { SnapshotItem } from "../catalog/items";
import { deletePoints, type DeletePointsCollaborators } from "../recovery-point/delete-points";

/** AWS Backup removes what its lock has let go of by itself within hours. What still stands after that needs someone. */
const PATIENCE_MS = 24 * 3_600_000;

export interface Released {
  /** Snapshots of which nothing is left. */
  readonly gone: readonly string[];
  /** Why others stay, one sentence each. */
  readonly waiting: readonly string[];
  /** Why others stay for longer than that can be right. */
  readonly stuck: readonly string[];
}

export async function releasePoints(
  snapshots: readonly SnapshotItem[],
  finished: readonly string[],
  collaborators: DeletePointsCollaborators,
): Promise<Released> {
  const items = new Map(snapshots.map((item) => [item.snapshotId, item]));
  const gone: string[] = [];
  const waiting: string[] = [];
  const stuck: string[] = [];
  for (const snapshotId of finished) {
    const places = items.get(snapshotId)?.recoveryPoint;
    if (places === undefined) {
      gone.push(snapshotId);
      continue;
    }
    const overdueMs = collaborators.clock.now().getTime() - Date.parse(places.deleteAt);
    if (overdueMs < 0) {
      waiting.push(`The recovery points of snapshot ${snapshotId} are locked until ${places.deleteAt}.`);
      continue;
    }
    const stayed = await deletePoints(places, collaborators);
    if (stayed.length === 0) gone.push(snapshotId);
    else (overdueMs < PATIENCE_MS ? waiting : stuck).push(...stayed);
  }
  return { gone, waiting, stuck };
}
