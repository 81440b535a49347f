/**
 * Taking an environment's lease: one changing operation at a time. A lease has no time limit; a standing one is taken
 * over only after its execution and its task have provably ended. A crash at any point leaves a lease that the next
 * caller either owns already (same execution) or may take over once this execution has ended.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { Lease } from "../catalog/items";
import type { Collaborators } from "./collaborators";

export interface LeaseWish {
  readonly environmentId: string;
  readonly executionArn: string;
  readonly purpose: Lease["purpose"];
}
export type LeaseOutcome =
  | { readonly outcome: "held"; readonly lease: Lease }
  | { readonly outcome: "busy"; readonly by: Lease };

type LeaseCollaborators = Pick<Collaborators, "catalog" | "workflows" | "tasks" | "clock" | "random">;

/** How often a lease may change hands under our eyes before we call it busy and let the workflow wait. */
const ROUNDS = 3;
const TOKEN_BYTES = 16;

/** Repeatable: a standing lease of the same execution is ours, with the token it already has. */
export const takeLease = async (collaborators: LeaseCollaborators, wish: LeaseWish): Promise<LeaseOutcome> => {
  const { catalog, clock, random } = collaborators;
  const lease: Lease = {
    environmentId: wish.environmentId,
    executionArn: wish.executionArn,
    purpose: wish.purpose,
    token: Buffer.from(random(TOKEN_BYTES)).toString("hex"),
    takenAt: isoSeconds(clock.now()),
    taskArn: null,
  };
  for (let round = 1; ; round++) {
    const standing = await catalog.acquireLease(lease);
    if (standing.token === lease.token || standing.executionArn === lease.executionArn)
      return { outcome: "held", lease: standing };
    if (round === ROUNDS || !(await holderHasEnded(collaborators, standing))) return { outcome: "busy", by: standing };
    try {
      await catalog.takeOverLease(standing, lease);
      return { outcome: "held", lease };
    } catch (error) {
      // Somebody else was faster, the task recorded itself, or our own reply was lost: look again.
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
};

const holderHasEnded = async ({ workflows, tasks }: LeaseCollaborators, standing: Lease): Promise<boolean> =>
  (await workflows.hasEnded(standing.executionArn, standing.takenAt)) &&
  (standing.taskArn === null || (await tasks.hasStopped(standing.taskArn, standing.taskSince ?? standing.takenAt)));
