/**
 * `undo`: takes back what `restore` made. As long as the old instance has its name, the new one is deleted, also one
 * that AWS Backup is still making. Between the two renames it goes forward, or back if the new instance is lost; once
 * the new one has the name there is nothing to undo. The restore's mark goes off the old instance, which stays, and on
 * the new one, which could not be deleted without it. Repeatable; what it can't reach it tries again.
 */
import { isoSeconds } from "../catalog/catalog";
import type { InstanceSwap } from "../catalog/items";
import { isSwapped, loadRestore, UNDO_PHASE } from "../restore/restore-state";
import { ServiceFailure } from "../runtime/collaborators";
import { isGone } from "../runtime/gone";
import type { InstanceOutput } from "./contract";
import { deleteKnown, isThere } from "./delete-known";
import { startJob } from "./restore-instance";
import { take } from "./swap-instances";
import { isMarked, isMarkedBy, mark, unmark } from "./swap-mark";
import {
  decide,
  done,
  look,
  more,
  openSwap,
  recordSwap,
  type OpenSwap,
  type ShownFacts,
  type SwapCollaborators,
} from "./swap-state";

const FORWARD: InstanceOutput = { outcome: "forward", message: "" };
/** AWS Backup can't be told to stop a restore job. */
const MOST_HOURS = 26;

export const undoInstance = async (
  { restoreId }: { readonly restoreId: string },
  collaborators: SwapCollaborators,
): Promise<InstanceOutput> => {
  const restore = await loadRestore(collaborators, restoreId);
  if (restore.state === "completed" || isSwapped(restore)) return FORWARD;
  if (restore.instances === undefined || restore.instances === null) return done();
  let open = await openSwap(collaborators, restoreId);
  const shown = await look(collaborators.instances, open.swap);
  // Under the restore's own name: it is ours, even if we never got to see it.
  if (open.swap.newResourceId === null && shown.beside !== undefined)
    open = await recordSwap(collaborators, open, { newResourceId: shown.beside.resourceId });
  if (shown.live?.resourceId === open.swap.oldResourceId) return remove(collaborators, open, shown);
  const decided = await decide(collaborators, open, shown);
  const { next } = decided;
  open = decided.open;
  if (next.step === "swapped" || next.step === "rename-new") return forward(collaborators, open);
  if (next.step === "wait" && shown.live?.resourceId === open.swap.newResourceId) return forward(collaborators, open);
  return take(collaborators, open, next, shown);
};

/** Nobody may believe that a target without an instance is as it was. */
const forward = async (collaborators: SwapCollaborators, open: OpenSwap): Promise<InstanceOutput> => {
  const { notifier } = collaborators;
  const { restore, swap } = open;
  if (swap.told !== true) {
    await notifier.tell(
      `Restore into ${restore.targetEnvironmentId} goes on after its first rename`.slice(0, 100),
      `Restore ${restore.restoreId} into environment ${restore.targetEnvironmentId} was interrupted after the first of its two ` +
        `renames of the database instance ${swap.instance}; it goes forward by itself. See the runbook's article instance-swap.`,
    );
  }
  await recordSwap(collaborators, open, { told: true }, { phase: "swap" });
  return FORWARD;
};

const remove = async (
  collaborators: SwapCollaborators,
  opened: OpenSwap,
  shown: ShownFacts,
): Promise<InstanceOutput> => {
  const { instances, recoveryPoints } = collaborators;
  const open = await begun(collaborators, opened);
  const { restore, swap } = open;
  const { beside, live } = shown;
  // A request of a step that was stopped may still come into force.
  if (live === undefined || live.pendingName !== null) return more(`${swap.instance} is about to be renamed.`);
  if (isMarked(live))
    return more(`The tag of the restore is being taken off ${swap.instance} (${await unmark(instances, live)}).`);
  if (isThere(beside, swap.newResourceId)) {
    requireTime(collaborators, swap);
    if (!isMarkedBy(beside, restore.restoreId))
      return more(`${swap.beside} is being tagged (${await mark(instances, beside, restore.restoreId)}).`);
  }
  const isDeleted = await deleteKnown(collaborators, beside, swap.newResourceId);
  if (!isDeleted) return more(`${swap.beside} is being deleted.`);
  if (beside !== undefined || swap.newResourceId !== null || !swap.jobAsked) return done();
  // AWS Backup may be about to make it.
  if (swap.restoreJobId === null) {
    await recordSwap(collaborators, open, { restoreJobId: await startJob(collaborators, open) });
    return more(`AWS Backup's restore job for ${swap.beside} is looked for.`);
  }
  const job = await recoveryPoints.describeRestoreJob(swap.restoreJobId);
  if (job?.state === "FAILED" || job?.state === "ABORTED") return done();
  if (job === undefined || job.state === "COMPLETED") {
    // Neither a young job nor the instance that a job has just made need be found yet.
    return hasWaited(collaborators, swap) ? done() : more(`${swap.beside} is looked for.`);
  }
  requireTime(collaborators, swap);
  return more(`AWS Backup's restore job for ${swap.beside} is ${job.state} and can't be stopped.`);
};

const begun = async (collaborators: SwapCollaborators, open: OpenSwap): Promise<OpenSwap> => {
  if (open.restore.phase === UNDO_PHASE && open.swap.undoingSince !== undefined) return open;
  const undoingSince = isoSeconds(collaborators.clock.now());
  return recordSwap(collaborators, open, { undoingSince }, { phase: UNDO_PHASE });
};

const hasWaited = ({ clock }: SwapCollaborators, { undoingSince }: InstanceSwap): boolean =>
  undoingSince !== undefined && isGone(undoingSince, clock.now());

const requireTime = ({ clock }: SwapCollaborators, { undoingSince, beside }: InstanceSwap): void => {
  if (undoingSince === undefined || clock.now().getTime() - Date.parse(undoingSince) < MOST_HOURS * 3_600_000) return;
  throw new ServiceFailure(
    "InstanceLeft",
    `The database instance ${beside}, which nothing needs, could not be deleted within ${MOST_HOURS} hours, or AWS Backup may still make it: delete it once it can be.`,
    false,
  );
};
