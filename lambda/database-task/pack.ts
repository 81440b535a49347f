/**
 * `pack`: packs one shard to its end, files of any size included; the same packer as the function's, without its
 * limits on time and size. Progress stands in the catalog, so a repetition goes on from there.
 */
import type { AttemptRef } from "../backup/contract";
import { packFiles } from "../backup/pack-files";
import { TASK_LIMITS } from "../pack/pack-limits";
import { ServiceFailure } from "../runtime/collaborators";
import { claimLease } from "./lease-claim";
import type { TaskContext } from "./task-context";

export const pack = async (context: TaskContext, attempt: AttemptRef, shard: number): Promise<void> => {
  const { attemptId, environmentId } = attempt;
  const standing = await context.catalog.getAttempt(attemptId);
  if (standing === undefined || standing.environmentId !== environmentId)
    throw new ServiceFailure(
      "AttemptMissing",
      `The attempt ${attemptId} of the environment "${environmentId}" isn't in the catalog.`,
      false,
    );
  await claimLease(context, environmentId, standing.leaseToken);
  const collaborators = { ...context, remainingMs: () => Number.POSITIVE_INFINITY };
  const { outcome } = await packFiles({ attempt, shard }, collaborators, TASK_LIMITS);
  if (outcome !== "done")
    throw new ServiceFailure(
      "PackUnfinished",
      `The shard ${shard} of the attempt ${attemptId} isn't packed to its end; start the task again.`,
      true,
    );
};
