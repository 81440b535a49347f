/**
 * Finish: judges the drill by what its steps recorded, concludes it, then gives the drill target back. Repeatable; a
 * lease that was not given back is taken over once the execution has ended.
 */
import { failureReason } from "../backup/failure-reason";
import { DRILL_LEASE, type DrillItem } from "../catalog/drills";
import { duration } from "../rules/drills";
import type { Collaborators } from "../runtime/collaborators";
import { concludeDrill, type ConcludeCollaborators, type Conclusion } from "./conclude";
import { withCode } from "../restore/restore-notes";
import type { DrillOutput, DrillSettings, FinishDrill } from "./contract";
import { output } from "./drill-state";

export const finish = async (
  { executionArn, request, error }: FinishDrill,
  settings: DrillSettings,
  collaborators: ConcludeCollaborators,
): Promise<DrillOutput> => {
  const { catalog } = collaborators;
  const state = await catalog.getDrillState();
  const isOurs = state?.current?.executionArn === executionArn;
  const { environmentId, drillId } = (isOurs ? state.current : undefined) ?? request;
  let drill =
    environmentId === undefined || drillId === undefined ? undefined : await catalog.getDrill(environmentId, drillId);
  if (drill !== undefined && drill.state !== "completed")
    drill = await concludeDrill(collaborators, drill, judge(drill, error), settings);
  if (isOurs && state.leaseToken !== null) await catalog.updateDrillState(state.leaseToken, { current: null });
  await giveBack(collaborators, executionArn);
  if (drill === undefined || drill.outcome === null)
    return error === undefined
      ? output("none", "What an earlier drill left is removed.")
      : output("failed", failureReason(error, undefined, "drill").message);
  return output(drill.outcome, drill.statusMessage, { environmentId: drill.environmentId, drillId: drill.drillId });
};

/** By execution and not by token: a crash may have come between taking the lease and recording it. */
const giveBack = async ({ catalog }: Pick<Collaborators, "catalog">, executionArn: string): Promise<void> => {
  const lease = await catalog.getLease(DRILL_LEASE);
  if (lease?.executionArn === executionArn) await catalog.releaseLease(DRILL_LEASE, lease.token);
};

/** Pure. */
export const judge = (drill: DrillItem, error: FinishDrill["error"]): Conclusion => {
  const { problems, problemCount, notDrilled, database, files, closure, seconds, notes = [] } = drill;
  if (error !== undefined) return { outcome: "failed", message: failureReason(error, drill.failure, "drill").message };
  if (problemCount > 0) {
    const [first = ""] = problems;
    return { outcome: "failed", message: problemCount === 1 ? first : `${problemCount} problems, the first: ${first}` };
  }
  if (!files.done || ((database === null || closure === null) && notDrilled === null))
    return { outcome: "failed", message: "The drill did not come to its end; look at its execution's history." };
  const read = `${count(files.checked)} files`;
  if (notDrilled !== null || database === null || closure === null)
    return { outcome: "not-drilled", message: `${notDrilled ?? ""} ${read} were restored and are whole.`.trim() };
  const time = seconds.total === null ? "" : ` in ${duration(seconds.total)}`;
  const message = [
    `Restored and verified${time}: ${count(database.tables)} tables with ${count(database.rows)} rows, ${read}.`,
    ...notes.map(withCode),
    ...(closure.proven
      ? []
      : [`Not provable: that database and files belong together, because ${closure.reason ?? ""}.`]),
  ].join(" ");
  return { outcome: "passed", message };
};

const count = (number: number): string => number.toLocaleString("en");
