/** Looks at a snapshot's recovery points, in both regions: before its commit, and before it counts as replicated. */
import type { RecoveryPointPlaces } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import { objectionToPoint } from "./point-facts";

/** One sentence, or undefined when both are as they must be. */
export async function objectionToPoints(
  { vault, arn, copyVault, copyArn }: RecoveryPointPlaces,
  expiresAt: string,
  {
    recoveryPoints,
    replicaRecoveryPoints,
    settings,
  }: Pick<Collaborators, "recoveryPoints" | "replicaRecoveryPoints" | "settings">,
): Promise<string | undefined> {
  const objection = objectionToPoint(
    await recoveryPoints.describePoint({ vault, arn }),
    `in ${settings.REGION}`,
    expiresAt,
  );
  if (objection !== undefined || copyArn === null || copyVault === null) return objection;
  const copy = await replicaRecoveryPoints.describePoint({ vault: copyVault, arn: copyArn });
  return objectionToPoint(copy, `in ${settings.REPLICA_REGION}`, expiresAt);
}
