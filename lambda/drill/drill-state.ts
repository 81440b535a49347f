/** What the steps of a drill share. */
import { isoSeconds } from "../catalog/catalog";
import { DRILL_LEASE, type DrillItem, type DrillTarget, PROBLEMS_KEPT } from "../catalog/drills";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { DrillOutput } from "./contract";

/** A step hands back when less time than this remains: enough to finish and record what is in hand. */
export const HAND_BACK_MS = 60_000;

export const output = (
  outcome: DrillOutput["outcome"],
  message = "",
  given: Partial<Pick<DrillOutput, "environmentId" | "drillId" | "network">> = {},
): DrillOutput => ({ outcome, environmentId: null, drillId: null, network: null, ...given, message });

export const networkOf = ({ network: { subnets, securityGroups, publicAddress } }: DrillTarget) => ({
  subnets: [...subnets],
  securityGroups: [...securityGroups],
  assignPublicIp: publicAddress ? ("ENABLED" as const) : ("DISABLED" as const),
});

/** Throws DrillMissing, LeaseLost. */
export const openDrill = async (
  { catalog }: Pick<Collaborators, "catalog">,
  environmentId: string,
  drillId: string,
): Promise<DrillItem & { readonly leaseToken: string; readonly snapshotId: string }> => {
  const drill = await catalog.getDrill(environmentId, drillId);
  if (drill === undefined || drill.snapshotId === null)
    throw new ServiceFailure("DrillMissing", `There is no drill ${drillId} of environment ${environmentId}.`, false);
  const { leaseToken, snapshotId } = drill;
  await requireDrillLease({ catalog }, leaseToken);
  return { ...drill, leaseToken: leaseToken ?? "", snapshotId };
};

/** Whoever has no lease may neither make nor remove anything at the drill target. */
export const requireDrillLease = async (
  { catalog }: Pick<Collaborators, "catalog">,
  token: string | null,
): Promise<void> => {
  if (token !== null && (await catalog.holdsLease(DRILL_LEASE, token))) return;
  throw new ServiceFailure(
    "LeaseLost",
    "Another drill has the drill target by now; this one does nothing more.",
    false,
  );
};

export const record = async <D extends DrillItem>(
  { catalog, clock }: Pick<Collaborators, "catalog" | "clock">,
  drill: D,
  change: Partial<DrillItem>,
): Promise<D> => {
  const stamped = { ...change, updatedAt: isoSeconds(clock.now()) };
  await catalog.updateDrill(drill.environmentId, drill.drillId, stamped);
  return { ...drill, ...stamped };
};

/** What is added to a drill's problems: the first are kept in words, all are counted. */
export const withProblems = (
  { problems, problemCount }: Pick<DrillItem, "problems" | "problemCount">,
  found: readonly string[],
): Pick<DrillItem, "problems" | "problemCount"> => ({
  problems: [...problems, ...found].slice(0, PROBLEMS_KEPT),
  problemCount: problemCount + found.length,
});

/** Failures that are the snapshot's own, not the drill target's: what a restore would meet too. */
const OF_THE_SNAPSHOT = new Set(["SnapshotDamaged", "SnapshotNotFound", "RestoreFailed", "ReferenceQueryFailed"]);
export const isOfTheSnapshot = (error: unknown): error is ServiceFailure =>
  error instanceof ServiceFailure && OF_THE_SNAPSHOT.has(error.code);

export const secondsBetween = (from: string, to: Date): number =>
  Math.max(0, Math.round((to.getTime() - Date.parse(from)) / 1000));
