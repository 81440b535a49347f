/**
 * Asking for a drill: what can be refused at once is refused with a sentence and leaves nothing behind; otherwise the
 * drill is created and its execution started. A crash between the two leaves a queued drill that holds nothing; asking
 * again within the hour is the same drill and starts it.
 */
import { allPages } from "../catalog/catalog";
import { type DrillItem, NO_DRILL_TARGET } from "../catalog/drills";
import { isOffered } from "../retention/offered";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { newDrill, newDrillId } from "./new-drill";

type RequestCollaborators = Pick<Collaborators, "catalog" | "workflows" | "settings" | "clock" | "random">;
export interface DrillRequest {
  readonly environmentId: string;
  /** Null: a random one of the last 30 days. */
  readonly snapshotId: string | null;
  readonly requestedBy: string;
}

/**
 * `beforeChange`: once nothing refuses it any more, before anything is made of it.
 * Throws EnvironmentNotFound, NoDrillTarget, SnapshotNotFound, DrillRunning: none of them retryable.
 */
export const requestDrill = async (
  collaborators: RequestCollaborators,
  { environmentId, snapshotId, requestedBy }: DrillRequest,
  beforeChange: () => Promise<void> = async () => undefined,
): Promise<DrillItem> => {
  const { catalog, clock, random, settings, workflows } = collaborators;
  if ((await catalog.getEnvironment(environmentId)) === undefined)
    throw refusal(
      "EnvironmentNotFound",
      `There is no environment ${environmentId} in ${settings.REGION}; check its name and region.`,
    );
  if ((await catalog.getDrillTarget()) === undefined) throw refusal("NoDrillTarget", NO_DRILL_TARGET);
  if (snapshotId !== null) {
    const snapshot = await catalog.getSnapshot(environmentId, snapshotId);
    if (snapshot === undefined || !isOffered(snapshot, clock.now()))
      throw refusal(
        "SnapshotNotFound",
        `Environment ${environmentId} has no completed snapshot ${snapshotId}; choose one from its list.`,
      );
  }
  const open = await openDrill(collaborators, environmentId);
  if (open?.state === "running" || (open !== undefined && open.snapshotId !== snapshotId))
    throw refusal("DrillRunning", `Drill ${open.drillId} of environment ${environmentId} has not ended; wait for it.`);
  await beforeChange();
  const drillId = open?.drillId ?? newDrillId(clock.now(), random);
  const drill = open ?? newDrill({ drillId, environmentId, snapshotId, requestedBy }, clock.now());
  if (open === undefined) await catalog.createDrill(drill);
  await workflows.start(settings.DRILL_STATE_MACHINE_ARN, drillId, { environmentId, drillId });
  return drill;
};

/** Of an older one the execution has ended: it can't wait for longer than a day, nor take longer. */
const LONGEST_MS = 48 * 3_600_000;

const openDrill = async (
  { catalog, clock }: RequestCollaborators,
  environmentId: string,
): Promise<DrillItem | undefined> => {
  for await (const drill of allPages((cursor) => catalog.listDrills(environmentId, cursor))) {
    const age = clock.now().getTime() - Date.parse(drill.createdAt);
    if (drill.state !== "completed" && age < LONGEST_MS) return drill;
  }
  return undefined;
};

const refusal = (code: string, message: string): ServiceFailure => new ServiceFailure(code, message, false);
