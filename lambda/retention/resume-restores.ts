/**
 * Restores whose execution ended without ending them, because somebody stopped it or its time limit came: they hold
 * the target's lease and may have put files or a database beside. Each is started again and goes on where it stopped,
 * or is undone. One that waits for warnings to be acknowledged is withdrawn after a day. A plan that was abandoned holds nothing but its pin and is ended: whoever asked for it asks again.
 * Repeatable: executions are named after the restore and how often it was resumed.
 */
import { allPages, isoSeconds } from "../catalog/catalog";
import type { RestoreItem } from "../catalog/items";
import { HELD_HOURS, isHeld } from "../restore/acknowledgement";
import type { Collaborators } from "../runtime/collaborators";

type ResumeCollaborators = Pick<Collaborators, "catalog" | "workflows" | "settings" | "clock" | "notifier" | "log">;

/** A restore that breaks off this often needs a person: its target stays leased, and someone is told. */
export const MOST_RESUMPTIONS = 5;

/** Ids of the restores that were started again. */
export async function resumeRestores(collaborators: ResumeCollaborators): Promise<readonly string[]> {
  const { catalog } = collaborators;
  const resumed: string[] = [];
  for await (const restore of allPages((cursor) => catalog.listOpenRestores(cursor))) {
    if (isHeld(restore)) {
      await withdraw(restore, collaborators);
      continue;
    }
    if (!(await isAbandoned(restore, collaborators))) continue;
    if (restore.planOnly === true) {
      await endPlan(restore, collaborators);
      continue;
    }
    if (await resume(restore, collaborators)) resumed.push(restore.restoreId);
  }
  return resumed;
}

async function isAbandoned(restore: RestoreItem, { workflows, settings }: ResumeCollaborators): Promise<boolean> {
  // The execution that works on it, and the one that was started last and may not have begun yet.
  const last = executionArn(settings.RESTORE_STATE_MACHINE_ARN, executionName(restore.restoreId, restore.resumed ?? 0));
  for (const arn of new Set([restore.executionArn ?? last, last])) {
    if (!(await workflows.hasEnded(arn, restore.updatedAt))) return false;
  }
  return true;
}

/** What nobody has acknowledged was never begun: it goes, and holds nothing that could stay. */
async function withdraw(restore: RestoreItem, { catalog, clock, log }: ResumeCollaborators): Promise<void> {
  if (clock.now().getTime() - Date.parse(restore.updatedAt) < HELD_HOURS * 3_600_000) return;
  await catalog.deleteRestore(restore);
  log.info("A restore whose warnings nobody acknowledged was withdrawn.", { restoreId: restore.restoreId });
}

/** The item first, then its pin: a pin that a crash leaves belongs to nothing that is open, and is taken for stale. */
async function endPlan(restore: RestoreItem, { catalog, clock, log }: ResumeCollaborators): Promise<void> {
  const { restoreId, sourceEnvironmentId, snapshotId } = restore;
  const at = isoSeconds(clock.now());
  const statusMessage = "The planning of the restore broke off; ask for the plan again.";
  await catalog.updateRestore(restoreId, { state: "failed", statusMessage, finishedAt: at, updatedAt: at });
  await catalog.unpin({ environmentId: sourceEnvironmentId, snapshotId, holder: restoreId });
  log.warn("A plan whose execution had ended was ended.", { restoreId });
}

async function resume(restore: RestoreItem, collaborators: ResumeCollaborators): Promise<boolean> {
  const { catalog, workflows, settings, clock, notifier, log } = collaborators;
  const { restoreId, targetEnvironmentId } = restore;
  const times = (restore.resumed ?? 0) + 1;
  const updatedAt = isoSeconds(clock.now());
  if (times > MOST_RESUMPTIONS + 1) return false;
  if (times > MOST_RESUMPTIONS) {
    await notifier.tell(
      `Restore into ${targetEnvironmentId} does not end`.slice(0, 100),
      `Restore ${restoreId} into ${targetEnvironmentId} has broken off ${times} times and is not started again; ` +
        "look at its executions, then start it again by hand.",
    );
    await catalog.updateRestore(restoreId, { resumed: times, updatedAt });
    return false;
  }
  await workflows.start(settings.RESTORE_STATE_MACHINE_ARN, executionName(restoreId, times), { restoreId });
  await catalog.updateRestore(restoreId, { resumed: times, updatedAt });
  log.warn("A restore whose execution had ended was started again.", { restoreId, times });
  return true;
}

const executionName = (restoreId: string, times: number): string => (times === 0 ? restoreId : `${restoreId}-${times}`);
const executionArn = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
