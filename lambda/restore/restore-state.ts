/**
 * What the restore's steps share: loading the restore with its environments, recording how far it is, and proving
 * before each change that the target's lease is still ours.
 */
import { isoSeconds } from "../catalog/catalog";
import type { EnvironmentItem, RestoreItem } from "../catalog/items";
import { putRestoreOutcomeRecord } from "../catalog/outcome-records";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { EnvironmentPlace } from "../storage/object-keys";
import type { RestoreOutput } from "./contract";

type CatalogOnly = Pick<Collaborators, "catalog">;

/** The plan has spoken: its sentence stands in `statusMessage`. */
export const REFUSED_PHASE = "refused";
/** A plan that was only asked for has been made, refusals and all. */
export const PLANNED_PHASE = "planned";
/** From here on nothing is put any more. */
export const UNDO_PHASE = "undo";

/** A step hands back when less time than this remains: enough to finish and record what is in hand. */
export const HAND_BACK_MS = 60_000;

export const loadRestore = async ({ catalog }: CatalogOnly, restoreId: string): Promise<RestoreItem> => {
  const restore = await catalog.getRestore(restoreId);
  if (restore !== undefined) return restore;
  throw new ServiceFailure("RestoreNotFound", `There is no restore ${restoreId}: ask for it anew.`, false);
};

export const loadEnvironment = async ({ catalog }: CatalogOnly, environmentId: string): Promise<EnvironmentItem> => {
  const environment = await catalog.getEnvironment(environmentId);
  if (environment !== undefined) return environment;
  throw new ServiceFailure(
    "EnvironmentNotFound",
    `Environment ${environmentId} is no longer registered: register it again, then restore.`,
    false,
  );
};

/** The swap has begun, or has happened: what stands in the restore's item is all that still counts. */
export const isCommitted = (restore: RestoreItem): boolean =>
  isSwapped(restore) || typeof restore.instances?.renamingSince === "string";

/** The restored database is the live one: from here on there is only forward. */
export const isSwapped = ({ database }: Pick<RestoreItem, "database">): boolean =>
  typeof database?.swappedAt === "string";

export const placeOf = (environment: EnvironmentItem): EnvironmentPlace => ({
  replication: environment.replication,
  environmentId: environment.environmentId,
});

/**
 * Throws unless the target's lease is ours. A lease changes hands only after our execution has ended, so whoever
 * reads this in an error has an execution that goes on after its end, and must stop it.
 */
export const requireLease = async ({ catalog }: CatalogOnly, restore: RestoreItem): Promise<void> => {
  const { leaseToken, targetEnvironmentId } = restore;
  if (leaseToken !== null && (await catalog.holdsLease(targetEnvironmentId, leaseToken))) return;
  throw new ServiceFailure(
    "LeaseLost",
    `Restore ${restore.restoreId} no longer holds the lease of environment ${targetEnvironmentId}: it changes nothing more.`,
    false,
  );
};

/** Before anything is put: the lease is ours, and nobody has begun to undo. */
export const requireGoingForward = async (collaborators: CatalogOnly, restore: RestoreItem): Promise<void> => {
  await requireLease(collaborators, restore);
  const { phase, state } = await loadRestore(collaborators, restore.restoreId);
  if (state === "running" && phase !== UNDO_PHASE) return;
  throw new ServiceFailure("RestoreEnded", `Restore ${restore.restoreId} has ended or is being undone.`, false);
};

export const record = async (
  { catalog, clock }: Pick<Collaborators, "catalog" | "clock">,
  restore: RestoreItem,
  change: Partial<RestoreItem>,
): Promise<RestoreItem> => {
  const stamped = { ...change, updatedAt: isoSeconds(clock.now()) };
  await catalog.updateRestore(restore.restoreId, stamped);
  return { ...restore, ...stamped };
};

/** How it ended: in the target's records first, so that a lost catalog does not forget it. Plans are made again instead. */
export const recordEnd = async (
  collaborators: Pick<Collaborators, "catalog" | "clock" | "settings" | "store" | "log">,
  restore: RestoreItem,
  change: Partial<RestoreItem>,
): Promise<RestoreItem> => {
  const { catalog, clock } = collaborators;
  const ended = { ...restore, ...change, updatedAt: isoSeconds(clock.now()) };
  const target = restore.planOnly === true ? undefined : await catalog.getEnvironment(restore.targetEnvironmentId);
  if (target !== undefined) await putRestoreOutcomeRecord(placeOf(target), ended, collaborators);
  await catalog.updateRestore(restore.restoreId, { ...change, updatedAt: ended.updatedAt });
  return ended;
};

export const output = (
  restore: Pick<RestoreItem, "databaseOnly" | "database" | "recoveryPoint">,
  outcome: RestoreOutput["outcome"],
  message = "",
): RestoreOutput => ({
  outcome,
  network: null,
  databaseOnly: restore.databaseOnly,
  resumed: restore.database !== null,
  recoveryPoint: restore.recoveryPoint === true,
  message,
});
