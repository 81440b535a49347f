/**
 * One round of an open night: starts the backups whose slot has come since the last round. Backups start by name, so
 * a repeated round is harmless. What fails to start is logged, stops no other environment, and comes again in the
 * next round; the last round goes through every environment and fails if one of them is still not started.
 */
import { allPages, isoSeconds } from "../catalog/catalog";
import type { EnvironmentItem } from "../catalog/items";
import { queueBackup } from "../backup/queue-backup";
import { nightlySnapshotId } from "../backup/snapshot-ids";
import { eligibility } from "../rules/eligibility";
import { lastSlotTime, slotTime } from "../rules/slots";
import { tierOfNight } from "../rules/tier";
import { addMinutes, wholeMinute } from "../rules/utc-date";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { NightRef, WindowOutput, WindowRow } from "./contract";

type StartCollaborators = Pick<Collaborators, "catalog" | "workflows" | "settings" | "clock" | "log">;

/** Shown as the type of automatic snapshots. */
export const NIGHTLY_CREATOR = "Nightly";
/** Few enough for StartExecution's 150 a second, many enough for thousands of environments in a minute. */
const STARTS_AT_ONCE = 10;

export async function startBackups(
  night: NightRef,
  row: WindowRow,
  collaborators: StartCollaborators,
): Promise<WindowOutput> {
  const now = collaborators.clock.now();
  const startsAt = new Date(night.startsAt);
  if (now.getTime() < startsAt.getTime()) return { outcome: "wait", night, waitUntil: night.startsAt, started: 0 };

  const isLastRound = now.getTime() >= lastSlotTime(startsAt, row.durationMinutes).getTime();
  const after = isLastRound || night.startedUntil === null ? Number.NEGATIVE_INFINITY : Date.parse(night.startedUntil);
  const isDue = (environment: EnvironmentItem): boolean => {
    const slot = slotTime(environment, startsAt, row.durationMinutes).getTime();
    return isLastRound || (slot > after && slot <= now.getTime());
  };

  const { started, notStarted } = await startDue(night, row, isDue, collaborators);
  if (isLastRound) {
    if (notStarted.length > 0) throw incomplete(night, row, notStarted);
    return { outcome: "done", night: { ...night, startedUntil: isoSeconds(now) }, started };
  }
  // After a failure the next round looks at the same slots again.
  const startedUntil = notStarted.length > 0 ? night.startedUntil : isoSeconds(now);
  return {
    outcome: "wait",
    night: { ...night, startedUntil },
    waitUntil: isoSeconds(addMinutes(wholeMinute(now), 1)),
    started,
  };
}

async function startDue(
  night: NightRef,
  row: WindowRow,
  isDue: (environment: EnvironmentItem) => boolean,
  collaborators: StartCollaborators,
): Promise<{ started: number; notStarted: readonly string[] }> {
  const { catalog, clock, log } = collaborators;
  let started = 0;
  const notStarted: string[] = [];
  const environments = allPages((cursor) => catalog.listEnvironments(cursor));
  const worker = async (): Promise<void> => {
    for (let next = await environments.next(); next.done !== true; next = await environments.next()) {
      const environment = next.value;
      try {
        if (!eligibility(environment, row.region, clock.now()).eligible || !isDue(environment)) continue;
        if (!(await startOne(environment, night, collaborators))) continue;
        started += 1;
        const { environmentId } = environment;
        const correlationId = nightlySnapshotId(environmentId, night.date);
        log.info("A nightly backup was started.", { environmentId, night: night.date, correlationId });
      } catch (error) {
        log.error("A nightly backup was not started.", {
          environmentId: environment.environmentId,
          night: night.date,
          error,
        });
        notStarted.push(environment.environmentId);
      }
    }
  };
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, worker));
  return { started, notStarted };
}

const startOne = (
  { environmentId, modelVersion }: EnvironmentItem,
  night: NightRef,
  collaborators: StartCollaborators,
): Promise<boolean> =>
  queueBackup(
    {
      environmentId,
      snapshotId: nightlySnapshotId(environmentId, night.date),
      trigger: "nightly",
      tier: tierOfNight(night.date),
      night: night.date,
      attempt: 1,
      createdBy: NIGHTLY_CREATOR,
      comment: "",
      requestedAt: isoSeconds(collaborators.clock.now()),
    },
    { modelVersion },
    collaborators,
  );

const incomplete = (night: NightRef, row: WindowRow, notStarted: readonly string[]): ServiceFailure =>
  new ServiceFailure(
    "NightIncomplete",
    `${notStarted.length} backups of the night of ${night.date} in ${row.region} could not be started ` +
      `(${notStarted.slice(0, 10).join(", ")}${notStarted.length > 10 ? ", …" : ""}); see the function's log for the reasons.`,
    true,
  );
