/** The task's name in the lease: whoever wants to take the lease over must first see this task stopped. */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import { ServiceFailure } from "../runtime/collaborators";
import type { TaskContext } from "./task-context";

/** Before anything else. Throws LeaseLost when the lease is no longer this execution's. */
export const claimLease = async (
  { catalog, clock, taskArn }: Pick<TaskContext, "catalog" | "clock" | "taskArn">,
  environmentId: string,
  token: string,
): Promise<void> => {
  try {
    await catalog.recordLeaseTask(environmentId, token, taskArn, isoSeconds(clock.now()));
  } catch (error) {
    if (error instanceof ConditionFailed) throw leaseLost(environmentId, error);
    throw error;
  }
};

/** Not worth another try, and nothing may be written about it: the attempt or restore may be another's by now. */
export const LEASE_LOST = "LeaseLost";
export const leaseLost = (environmentId: string, cause?: unknown): ServiceFailure =>
  new ServiceFailure(
    LEASE_LOST,
    `The lease of the environment "${environmentId}" is no longer held by this execution; another one took over, so this task does nothing more.`,
    false,
    { cause },
  );
