/** The attempt that a step works for, while it still holds the environment's lease. Reads the catalog only. */
import type { Attempt, EnvironmentItem } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { AttemptRef } from "./contract";

export async function runningAttempt(
  { environmentId, snapshotId, attemptId }: AttemptRef,
  { catalog }: Pick<Collaborators, "catalog">,
): Promise<{ readonly attempt: Attempt; readonly environment: EnvironmentItem }> {
  const attempt = await catalog.getAttempt(attemptId);
  const environment = await catalog.getEnvironment(environmentId);
  if (attempt === undefined || environment === undefined) throw attemptGone(snapshotId);
  if (!(await catalog.holdsLease(environmentId, attempt.leaseToken))) throw leaseLost(environmentId);
  return { attempt, environment };
}

export const leaseLost = (environmentId: string, cause?: unknown): ServiceFailure =>
  new ServiceFailure(
    "LeaseLost",
    `The backup of environment ${environmentId} no longer holds the environment's lease, so it must not go on; it is to be taken again.`,
    true,
    { cause },
  );
export const attemptGone = (snapshotId: string): ServiceFailure =>
  new ServiceFailure(
    "AttemptGone",
    `The attempt at snapshot ${snapshotId} is no longer in the catalog, so it can't go on; take the backup again.`,
    true,
  );
