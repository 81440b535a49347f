/** What the steps of a restore that swaps instances share: the restore, its target, and what RDS shows now. */
import type { EnvironmentItem, InstanceSwap, RestoreItem } from "../catalog/items";
import { loadEnvironment, loadRestore, record, requireLease } from "../restore/restore-state";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { InstanceOutput } from "./contract";
import type { InstanceFacts, Instances } from "./instances";
import { nextOfSwap, type Parties, type Seen, type SwapStep } from "./swap-rules";

export type SwapCollaborators = Pick<
  Collaborators,
  | "catalog"
  | "clock"
  | "instances"
  | "log"
  | "notifier"
  | "recoveryPoints"
  | "replicaStore"
  | "secrets"
  | "settings"
  | "store"
  | "formerReplicas"
>;
/** A restore that has the lease and whose instances are known. */
export interface OpenSwap {
  readonly restore: RestoreItem;
  readonly target: EnvironmentItem;
  readonly swap: InstanceSwap;
}
export interface ShownFacts {
  readonly live: InstanceFacts | undefined;
  readonly beside: InstanceFacts | undefined;
  readonly replaced: InstanceFacts | undefined;
}

/** An instance may be out of sight for moments while RDS renames it; what is not seen for so long is gone. */
const GONE_AFTER_MS = 15 * 60_000;

export const openSwap = async (collaborators: SwapCollaborators, restoreId: string): Promise<OpenSwap> => {
  const restore = await loadRestore(collaborators, restoreId);
  await requireLease(collaborators, restore);
  const { instances: swap } = restore;
  if (swap === undefined || swap === null) {
    throw new ServiceFailure(
      "RestoreNotReady",
      `Restore ${restoreId} has not begun with the target's database instance.`,
      false,
    );
  }
  return { restore, swap, target: await loadEnvironment(collaborators, restore.targetEnvironmentId) };
};

export const recordSwap = async (
  collaborators: Pick<Collaborators, "catalog" | "clock">,
  { restore, swap, target }: OpenSwap,
  change: Partial<InstanceSwap>,
  more: Partial<RestoreItem> = {},
): Promise<OpenSwap> => {
  const changed = { ...swap, ...change };
  return { swap: changed, target, restore: await record(collaborators, restore, { instances: changed, ...more }) };
};

export const look = async (
  instances: Instances,
  { instance, beside, replaced }: Pick<InstanceSwap, "instance" | "beside" | "replaced">,
): Promise<ShownFacts> => {
  // One after the other, the name that things move to last: what moves meanwhile is seen twice rather than never.
  const besideFacts = await instances.describe(beside);
  const liveFacts = await instances.describe(instance);
  return { beside: besideFacts, live: liveFacts, replaced: await instances.describe(replaced) };
};

/** Remembers since when the new instance has not been seen, and says what comes next. */
export const decide = async (
  collaborators: Pick<Collaborators, "catalog" | "clock">,
  open: OpenSwap,
  shown: ShownFacts,
): Promise<{ readonly next: SwapStep; readonly open: OpenSwap }> => {
  const now = collaborators.clock.now();
  const { newResourceId, unseenSince } = open.swap;
  const isSeen = [shown.live, shown.beside].some((facts) => facts !== undefined && facts.resourceId === newResourceId);
  let current = open;
  if (isSeen && unseenSince !== null) current = await recordSwap(collaborators, open, { unseenSince: null });
  if (!isSeen && unseenSince === null)
    current = await recordSwap(collaborators, open, { unseenSince: now.toISOString() });
  const since = current.swap.unseenSince;
  const parties: Parties = {
    oldResourceId: open.swap.oldResourceId,
    newResourceId: newResourceId ?? "",
    newIsGone: newResourceId === null || (since !== null && now.getTime() - Date.parse(since) >= GONE_AFTER_MS),
  };
  return { next: nextOfSwap(seen(shown), parties), open: current };
};

const seen = ({ live, beside, replaced }: ShownFacts): Record<keyof ShownFacts, Seen | undefined> => ({
  live,
  beside,
  replaced,
});

export const more = (message: string): InstanceOutput => ({ outcome: "more", message });
export const done = (message = ""): InstanceOutput => ({ outcome: "done", message });
