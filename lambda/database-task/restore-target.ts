/**
 * What every verb of a restore begins with: the restore, its target, the login, and this task's name in the target's
 * lease, before anything else is done. A lease in other hands means that this task must not touch a thing.
 */
import type { EnvironmentItem, RestoreDatabaseProgress, RestoreItem } from "../catalog/items";
import { isoSeconds } from "../catalog/catalog";
import { ServiceFailure } from "../runtime/collaborators";
import { type DatabaseLogin, readLogin } from "./database-login";
import { claimLease, leaseLost } from "./lease-claim";
import type { TaskContext } from "./task-context";

export interface RestoreTarget {
  readonly restore: RestoreItem;
  readonly target: EnvironmentItem;
  readonly login: DatabaseLogin;
  readonly leaseToken: string;
}

/** Throws RestoreMissing, EnvironmentMissing, LeaseLost and the secret's failures. */
export const openRestore = async (context: TaskContext, restoreId: string): Promise<RestoreTarget> => {
  const restore = await loadRestore(context, restoreId);
  const { leaseToken, targetEnvironmentId } = restore;
  if (leaseToken === null) throw leaseLost(targetEnvironmentId);
  await claimLease(context, targetEnvironmentId, leaseToken);
  return { restore, leaseToken, ...(await loginOf(context, targetEnvironmentId)) };
};

/** For looking only: a plan holds no lease, and needs none. Throws as `openRestore`. */
export const openToLook = async (
  context: TaskContext,
  restoreId: string,
): Promise<Pick<RestoreTarget, "restore" | "target" | "login">> => {
  const restore = await loadRestore(context, restoreId);
  if (restore.planOnly !== true) return openRestore(context, restoreId);
  return { restore, ...(await loginOf(context, restore.targetEnvironmentId)) };
};

/** Of a restore that has completed: its lease is another's by now. Throws as `openRestore`. */
export const openEnded = async (
  context: TaskContext,
  restoreId: string,
): Promise<Pick<RestoreTarget, "restore" | "login">> => {
  const restore = await loadRestore(context, restoreId);
  if (restore.state === "completed") return { restore, ...(await loginOf(context, restore.targetEnvironmentId)) };
  throw new ServiceFailure("RestoreUnfinished", `The restore ${restoreId} has not completed.`, false);
};

const loadRestore = async ({ catalog }: TaskContext, restoreId: string): Promise<RestoreItem> => {
  const restore = await catalog.getRestore(restoreId);
  if (restore !== undefined) return restore;
  throw new ServiceFailure("RestoreMissing", `The restore ${restoreId} isn't in the catalog.`, false);
};

const loginOf = async (
  context: TaskContext,
  environmentId: string,
): Promise<Pick<RestoreTarget, "target" | "login">> => {
  const target = await context.catalog.getEnvironment(environmentId);
  if (target === undefined)
    throw new ServiceFailure(
      "EnvironmentMissing",
      `The environment "${environmentId}" isn't registered; register it before restoring into it.`,
      false,
    );
  return { target, login: await readLogin(context, target.registration.database) };
};

/** Every step asks again right before what can't be undone. */
export const checkLease = async (context: TaskContext, { restore, leaseToken }: RestoreTarget): Promise<void> => {
  if (!(await context.catalog.holdsLease(restore.targetEnvironmentId, leaseToken)))
    throw leaseLost(restore.targetEnvironmentId);
};

export const recordProgress = async (
  context: TaskContext,
  restoreId: string,
  database: RestoreDatabaseProgress,
): Promise<void> => context.catalog.updateRestore(restoreId, { database, updatedAt: isoSeconds(context.clock.now()) });
