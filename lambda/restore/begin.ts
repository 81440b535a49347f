/**
 * Begin: pins the snapshot in its source environment, then takes the target's lease, or waits for it. The pin comes
 * first, so that a snapshot that was offered when the restore was asked for outlives the wait, and the snapshot is
 * looked at after the pin: whoever deletes marks the snapshot first and reads the pins after, so one of the two sees
 * the other. A plan only pins. A failure leaves a pin of an execution that ends, and `fail` removes it.
 */
import { isoSeconds } from "../catalog/catalog";
import type { EnvironmentItem, RestoreItem } from "../catalog/items";
import { takeLease } from "../runtime/lease";
import type { Collaborators } from "../runtime/collaborators";
import { isHeld } from "./acknowledgement";
import type { RestoreOutput } from "./contract";
import { checkSnapshot } from "./request";
import { isCommitted, loadEnvironment, loadRestore, output, record, UNDO_PHASE } from "./restore-state";

type BeginCollaborators = Pick<Collaborators, "catalog" | "workflows" | "tasks" | "clock" | "random">;

export const begin = async (
  input: { readonly restoreId: string; readonly executionArn: string },
  collaborators: BeginCollaborators,
): Promise<RestoreOutput> => {
  let restore = await loadRestore(collaborators, input.restoreId);
  if (restore.state === "completed" && typeof restore.dropOldAt === "string")
    return beginDropping(collaborators, restore);
  if (isHeld(restore)) return output(restore, "skip", restore.statusMessage);
  if (restore.state === "completed" || restore.state === "failed") {
    return output(restore, "skip", `Restore ${restore.restoreId} has ended before (${restore.state}).`);
  }
  const target = await loadEnvironment(collaborators, restore.targetEnvironmentId);
  if (restore.executionArn !== input.executionArn)
    restore = await pinSource(collaborators, restore, input.executionArn);
  if (restore.planOnly === true) return beginPlan(collaborators, restore, target);
  const taken = await takeLease(collaborators, {
    environmentId: target.environmentId,
    executionArn: input.executionArn,
    purpose: "restore",
  });
  if (taken.outcome === "busy") {
    const message = `Waits until the ${taken.by.purpose} that is running in environment ${target.environmentId} has ended.`;
    if (restore.statusMessage !== message) await record(collaborators, restore, { statusMessage: message });
    return output(restore, "busy", message);
  }
  const { token } = taken.lease;
  const isRepetition = restore.state === "running" && restore.leaseToken === token;
  if (!isRepetition) {
    const running = { state: "running", phase: "preflight", statusMessage: "", leaseToken: token } as const;
    restore = await record(collaborators, restore, { ...running, ...startingAnew(restore) });
  }
  return begun(restore, target);
};

/** Without lease and pin: what is dropped is nobody's but this restore's. */
const beginDropping = async ({ catalog }: BeginCollaborators, restore: RestoreItem): Promise<RestoreOutput> => {
  const target = await catalog.getEnvironment(restore.targetEnvironmentId);
  if (target === undefined) return output(restore, "skip", "The target is no longer registered.");
  return begun(restore, target, "drop-old");
};

/** A plan changes nothing at the target, so it neither takes the lease nor waits for it. */
const beginPlan = async (
  collaborators: BeginCollaborators,
  restore: RestoreItem,
  target: EnvironmentItem,
): Promise<RestoreOutput> => {
  if (restore.state === "running") return begun(restore, target);
  return begun(await record(collaborators, restore, { state: "running", phase: "preflight" }), target);
};

const begun = (
  restore: RestoreItem,
  { registration }: EnvironmentItem,
  outcome: RestoreOutput["outcome"] = "begun",
): RestoreOutput => {
  const { subnets, securityGroups, publicAddress } = registration.network;
  return {
    ...output(restore, outcome),
    network: { subnets, securityGroups, assignPublicIp: publicAddress ? "ENABLED" : "DISABLED" },
  };
};

/**
 * An execution that goes on for one that has ended trusts none of its cursors: undoing may have begun behind them, or
 * another operation may have had the environment in between. What stands at the target is found by looking again.
 * After the swap there is only forward, and nothing to look at.
 */
const startingAnew = (restore: RestoreItem): Partial<RestoreItem> => {
  if (isCommitted(restore)) return {};
  const { batches, put, replaced = 0 } = restore.files;
  const kept = { part: 0, after: null, batches, kept: 0, done: false };
  const files = restore.phase === UNDO_PHASE ? { ...kept, put: 0 } : { ...kept, put, replaced, again: put + replaced };
  return { files, preflight: null, plan: null, comparison: null, removal: null };
};

/** Our execution in the restore item says that the pin stands and that the snapshot was offered under it. */
const pinSource = async (
  collaborators: BeginCollaborators,
  restore: RestoreItem,
  executionArn: string,
): Promise<RestoreItem> => {
  const { catalog, clock } = collaborators;
  const { sourceEnvironmentId: environmentId, snapshotId } = restore;
  const since = isoSeconds(clock.now());
  await catalog.pin({ environmentId, snapshotId, holder: restore.restoreId, executionArn, since });
  // A restore that has begun before was offered the snapshot then, and its pin has kept it since.
  const offeredAt = restore.state === "running" ? new Date(restore.createdAt) : clock.now();
  const snapshot = await catalog.getSnapshot(environmentId, snapshotId);
  checkSnapshot(snapshot, environmentId, snapshotId, offeredAt);
  const recoveryPoint = snapshot.recoveryPoint === undefined ? {} : { recoveryPoint: true };
  return record(collaborators, restore, { executionArn, ...recoveryPoint });
};
