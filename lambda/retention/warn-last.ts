/**
 * Never the last good one, silently: tells someone a week, two days and a day before an environment's last snapshot
 * expires. What was told is noted after it was told, so a crash in between repeats one message at most. Needs no lease:
 * it changes nothing but its own note, and must come in time while an environment is busy.
 */
import { allPages, isoSeconds } from "../catalog/catalog";
import type { LastWarning } from "../catalog/items";
import { type LastSnapshot, lastSnapshot, warningOf } from "../rules/last-snapshot";
import type { Collaborators } from "../runtime/collaborators";
import { isOffered } from "./offered";

type WarnCollaborators = Pick<Collaborators, "catalog" | "clock" | "notifier" | "events" | "metrics" | "log">;

/** The last snapshot as it stands, told if its next lead has come; undefined when there is none. */
export async function warnOfLast(
  environmentId: string,
  collaborators: WarnCollaborators,
): Promise<LastSnapshot | undefined> {
  const { catalog, clock } = collaborators;
  const now = clock.now();
  const offered = [];
  for await (const snapshot of allPages((cursor) => catalog.listSnapshots(environmentId, cursor))) {
    if (isOffered(snapshot, now)) offered.push(snapshot);
  }
  const last = lastSnapshot(offered, now);
  const told = await catalog.getLastWarning(environmentId);
  if (last === undefined || last.lead === null) {
    // A newer one was taken, this one is kept longer, or nothing is left.
    if (told !== undefined) await catalog.deleteLastWarning(environmentId);
    return last;
  }
  const due = { ...last, lead: last.lead };
  if (!wasTold(told, due)) await tell(environmentId, due, collaborators);
  return last;
}

type DueSnapshot = LastSnapshot & { readonly lead: number };

const wasTold = (told: LastWarning | undefined, { snapshotId, expiresAt, lead }: DueSnapshot): boolean =>
  told?.snapshotId === snapshotId && told.expiresAt === expiresAt && told.lead <= lead;

async function tell(
  environmentId: string,
  last: DueSnapshot,
  { catalog, clock, notifier, events, log }: WarnCollaborators,
): Promise<void> {
  const { snapshotId, expiresAt, lead } = last;
  const warning = warningOf(last) ?? "";
  await notifier.tell(
    `Last snapshot of ${environmentId} expires`.slice(0, 100),
    `Environment ${environmentId}, snapshot ${snapshotId}: ${warning} ` +
      `To keep it: npx backups keep ${environmentId} ${snapshotId} --until DATE`,
  );
  await catalog.putLastWarning({ environmentId, snapshotId, expiresAt, lead, toldAt: isoSeconds(clock.now()) });
  await events.publish("Snapshot State Change", { environmentId, snapshotId, state: "expiring", expiresAt });
  log.warn("An environment's last snapshot expires soon.", { environmentId, snapshotId, expiresAt, lead });
}

/**
 * When to look again; null: no sooner than the daily sweep. Someone who could not be told must not keep what has expired
 * from going: then the next run tries again.
 */
export async function lookAtLast(environmentId: string, collaborators: WarnCollaborators): Promise<Date | null> {
  try {
    return (await warnOfLast(environmentId, collaborators))?.nextLook ?? null;
  } catch (error) {
    collaborators.log.error("Nobody could be told of an environment's last snapshot; the next run tries again.", {
      environmentId,
      cause: error instanceof Error ? error.message : String(error),
    });
    return collaborators.clock.now();
  }
}

/** Looks again at those of whom someone was told, and counts those for whom it is still so. */
export async function countExpiring(collaborators: WarnCollaborators): Promise<void> {
  let expiring = 0;
  for await (const { environmentId } of allPages((cursor) => collaborators.catalog.listLastWarnings(cursor))) {
    const last = await warnOfLast(environmentId, collaborators);
    if (last !== undefined && last.lead !== null) expiring++;
  }
  collaborators.metrics.add("LastSnapshotExpiring", expiring);
}
