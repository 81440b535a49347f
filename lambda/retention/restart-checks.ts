/**
 * Snapshots that no replication check has judged long after they were completed: the check's start was lost, or the
 * snapshot was completed late. Their check is started again, at most once a day a snapshot.
 */
import type { EnvironmentItem, SnapshotItem } from "../catalog/items";
import { GIVE_UP_AFTER_HOURS } from "../replication-check/limits";
import { isExpired } from "../rules/retention-calendar";
import type { Collaborators } from "../runtime/collaborators";

type CheckCollaborators = Pick<Collaborators, "workflows" | "settings" | "clock">;

export async function restartChecks(
  environment: EnvironmentItem,
  snapshots: readonly SnapshotItem[],
  { workflows, settings, clock }: CheckCollaborators,
): Promise<void> {
  if (environment.replication !== "replicated") return;
  const now = clock.now();
  const judgedBy = now.getTime() - (GIVE_UP_AFTER_HOURS + 1) * 3_600_000;
  for (const snapshot of snapshots) {
    const { environmentId, snapshotId, finishedAt } = snapshot;
    if (snapshot.state !== "completed" || snapshot.deleting || snapshot.replicatedAt !== null || finishedAt === null)
      continue;
    if (isExpired(snapshot.expiresAt, now) || Date.parse(finishedAt) > judgedBy) continue;
    const name = `${snapshotId}-${now.toISOString().slice(0, 10)}`;
    await workflows.start(settings.REPLICATION_CHECK_STATE_MACHINE_ARN, name, { environmentId, snapshotId });
  }
}
