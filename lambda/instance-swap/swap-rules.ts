/**
 * The next step of a swap, decided from what RDS shows under the three names and from nothing else, so that a lost
 * reply, a repetition and a twin all come to the same end. The old and the new instance are told apart by their resource
 * ids, which were recorded before the first rename and which no rename changes. Pure.
 */
import { readinessOf } from "../rules/instance-status";
import type { InstanceFacts } from "./instances";

export type Seen = Pick<InstanceFacts, "resourceId" | "status" | "pendingName">;
/** What stands under each name; absent where nothing does. */
export interface Shown {
  readonly live?: Seen | undefined;
  readonly beside?: Seen | undefined;
  readonly replaced?: Seen | undefined;
}
export interface Parties {
  readonly oldResourceId: string;
  readonly newResourceId: string;
  /** The new one has not been seen for so long that it must be gone. */
  readonly newIsGone: boolean;
}
export type SwapStep =
  /** Something is under way. */
  | { readonly step: "wait"; readonly why: string }
  /** The first rename: the old one gives its name up. */
  | { readonly step: "rename-old" }
  /** The second one: the new one takes it. */
  | { readonly step: "rename-new" }
  /** The old one takes its name back. */
  | { readonly step: "rename-back" }
  | { readonly step: "swapped" }
  /** Nothing has been renamed, and nothing will be. */
  | { readonly step: "give-up"; readonly why: string }
  /** The name stands for an instance that is neither: nothing is touched. */
  | { readonly step: "stranger"; readonly why: string };

export const nextOfSwap = (shown: Shown, parties: Parties): SwapStep => {
  const { live, beside, replaced } = shown;
  const isOld = ({ resourceId }: Seen): boolean => resourceId === parties.oldResourceId;
  const isNew = ({ resourceId }: Seen): boolean => resourceId === parties.newResourceId;
  if (live !== undefined && !isOld(live) && !isNew(live))
    return { step: "stranger", why: "the name stands for another instance" };
  if (live !== undefined && isNew(live)) return isSteady(live) ? { step: "swapped" } : wait("the new instance", live);
  const fresh = beside !== undefined && isNew(beside) ? beside : undefined;
  const isLost = fresh === undefined ? parties.newIsGone : readinessOf(fresh.status) === "broken";
  if (live !== undefined) {
    if (isLost) return { step: "give-up", why: `the new instance is ${fresh?.status ?? "gone"}` };
    if (readinessOf(live.status) === "broken") return { step: "give-up", why: `the old instance is ${live.status}` };
    if (fresh === undefined) return { step: "wait", why: "the new instance is not seen" };
    if (!isSteady(live)) return wait("the old instance", live);
    return isSteady(fresh) ? { step: "rename-old" } : wait("the new instance", fresh);
  }
  // Nothing has the name: between the two renames.
  if (isLost) {
    if (replaced === undefined || !isOld(replaced))
      return { step: "stranger", why: "neither the old nor the new instance is there any more" };
    return isSteady(replaced) ? { step: "rename-back" } : wait("the old instance", replaced);
  }
  if (fresh === undefined) return { step: "wait", why: "the new instance is not seen" };
  if (replaced !== undefined && isOld(replaced) && (replaced.status === "renaming" || replaced.pendingName !== null))
    return wait("the old instance", replaced);
  return isSteady(fresh) ? { step: "rename-new" } : wait("the new instance", fresh);
};

/** RDS modifies an instance in no other status. */
const STEADY: ReadonlySet<string> = new Set(["available", "storage-optimization"]);
export const isSteady = ({ status, pendingName }: Pick<Seen, "status" | "pendingName">): boolean =>
  STEADY.has(status) && pendingName === null;
const wait = (who: string, { status, pendingName }: Seen): SwapStep => ({
  step: "wait",
  why: `${who} is ${status}${pendingName === null ? "" : `, about to be named ${pendingName}`}`,
});
