/**
 * A drill's end: in the environment's record first, then in the catalog, then someone is told. Repeatable; a crash in
 * between costs at most a second message.
 */
import { allPages, isoSeconds } from "../catalog/catalog";
import { type DrillItem, type DrillOutcome, type DrillResult, drillResult, DRILLS_KEPT } from "../catalog/drills";
import { putDrillsRecord } from "../catalog/records";
import { tooSlow } from "../rules/drills";
import type { Collaborators } from "../runtime/collaborators";
import type { DrillSettings } from "./contract";

export type ConcludeCollaborators = Pick<
  Collaborators,
  "settings" | "catalog" | "store" | "clock" | "notifier" | "log" | "metrics" | "events"
>;
export interface Conclusion {
  readonly outcome: DrillOutcome;
  readonly message: string;
}

export const concludeDrill = async (
  collaborators: ConcludeCollaborators,
  drill: DrillItem,
  { outcome, message }: Conclusion,
  limits: DrillSettings,
): Promise<DrillItem> => {
  const { catalog, clock, log } = collaborators;
  const { environmentId, drillId, snapshotId } = drill;
  const earlier = await earlierDrills(collaborators, drill);
  const passed = earlier.flatMap(({ outcome: of, seconds }) =>
    of === "passed" && seconds.total !== null ? [seconds.total] : [],
  );
  const { total } = drill.seconds;
  const now = isoSeconds(clock.now());
  const ended: DrillItem = {
    ...drill,
    state: "completed",
    outcome,
    statusMessage: message,
    slow: outcome === "passed" && total !== null ? tooSlow(total, passed, limits) : null,
    finishedAt: now,
    updatedAt: now,
  };
  const environment = await catalog.getEnvironment(environmentId);
  if (environment !== undefined)
    await putDrillsRecord(environment, [ended, ...earlier].slice(0, DRILLS_KEPT).map(resultOf), collaborators);
  await catalog.updateDrill(environmentId, drillId, ended);
  for (const { drillId: old } of earlier.slice(DRILLS_KEPT - 1)) await catalog.deleteDrill(environmentId, old);
  if (snapshotId !== null) await catalog.unpin({ environmentId, snapshotId, holder: drillId });
  log.info("A restore drill has ended.", { environmentId, drillId, snapshotId, outcome, seconds: total });
  await tell(collaborators, ended);
  await measure(collaborators, ended);
  return ended;
};

/** Newest first. */
const earlierDrills = async (
  { catalog }: ConcludeCollaborators,
  { environmentId, drillId }: DrillItem,
): Promise<readonly DrillItem[]> => {
  const found: DrillItem[] = [];
  for await (const one of allPages((cursor) => catalog.listDrills(environmentId, cursor)))
    if (one.drillId !== drillId && one.state === "completed") found.push(one);
  return found;
};

/** What is kept of it in the record. */
const resultOf = (drill: DrillItem): DrillResult => drillResult.parse(drill);

const tell = async ({ notifier }: ConcludeCollaborators, drill: DrillItem): Promise<void> => {
  const { environmentId, snapshotId, statusMessage, outcome, slow } = drill;
  const of = snapshotId === null ? "" : ` of snapshot ${snapshotId}`;
  if (outcome === "failed")
    await notifier.tell(
      `Restore drill of ${environmentId} failed`.slice(0, 100),
      `The restore drill${of} of environment ${environmentId} failed: ${statusMessage}`,
    );
  if (slow !== null)
    await notifier.tell(
      `Restore drill of ${environmentId} was slow`.slice(0, 100),
      `The restore drill${of} of environment ${environmentId} was slow. ${slow}`,
    );
};

const measure = async ({ metrics, events }: ConcludeCollaborators, drill: DrillItem): Promise<void> => {
  const { environmentId, drillId, snapshotId, outcome, statusMessage, slow, seconds } = drill;
  metrics.add("DrillsFailed", outcome === "failed" ? 1 : 0);
  metrics.add("DrillsSlow", slow === null ? 0 : 1);
  if (outcome === "passed" && seconds.total !== null) metrics.add("DrillTime", seconds.total);
  await events.publish("Restore Drill State Change", {
    environmentId,
    drillId,
    ...(snapshotId === null ? {} : { snapshotId }),
    state: outcome === "failed" ? "failed" : "completed",
    reason: slow ?? statusMessage,
  });
};
