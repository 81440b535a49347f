/**
 * Deletes recovery points in both regions, and looks again, because AWS Backup answers 200 and keeps a recovery point
 * where the caller or its own role lacks a permission. Repeatable: what is gone needs nothing. A failure leaves what
 * the next run finds; in the end AWS Backup removes by itself what its lock has let go of.
 */
import type { RecoveryPointPlaces } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import type { PointRef, RecoveryPoints } from "./recovery-points";

export type DeletePointsCollaborators = Pick<
  Collaborators,
  "recoveryPoints" | "replicaRecoveryPoints" | "settings" | "clock"
>;

/** Recovery points that stay for now, one sentence each; empty when all are gone. */
export async function deletePoints(
  places: RecoveryPointPlaces,
  collaborators: DeletePointsCollaborators,
): Promise<readonly string[]> {
  const { recoveryPoints, replicaRecoveryPoints, settings } = collaborators;
  const { vault, arn, copyVault, copyArn } = places;
  const stayed = [await deleteOne(recoveryPoints, { vault, arn }, `in ${settings.REGION}`)];
  if (copyVault !== null && copyArn !== null)
    stayed.push(
      await deleteOne(replicaRecoveryPoints, { vault: copyVault, arn: copyArn }, `in ${settings.REPLICA_REGION}`),
    );
  return stayed.filter((sentence) => sentence !== undefined);
}

async function deleteOne(from: RecoveryPoints, point: PointRef, where: string): Promise<string | undefined> {
  const name = `The recovery point ${point.arn} ${where}`;
  const answer = await from.delete(point);
  if (answer.outcome === "gone") return undefined;
  if (answer.outcome === "locked") return `${name} stays, because AWS Backup refuses to delete it: ${answer.why}.`;
  if (answer.outcome === "busy") return `${name} stays for now: AWS Backup is at work on it.`;
  const standing = await from.describePoint(point);
  if (standing === undefined) return undefined;
  if (standing.status === "DELETING") return `${name} is being deleted.`;
  return standing.status === "EXPIRED"
    ? `${name} stays as EXPIRED: AWS Backup lacks the permission to delete it${standing.message === "" ? "" : ` (${standing.message.replace(/\.$/, "")})`}; see the runbook's article on recovery points.`
    : `${name} stays as ${standing.status}, although AWS Backup was asked to delete it; it is asked again.`;
}
