/**
 * Finish: completed, then the pin and the lease go back. Repeatable: after a crash the next call does what is left,
 * and a lease that was not given back is taken over once the execution has ended. An old database that could not be
 * dropped is said in the result, someone is told, and retention's runs try again.
 */
import { isoSeconds } from "../catalog/catalog";
import type { OldDatabaseLeft, RestoreItem } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { isHeld } from "./acknowledgement";
import type { RestoreOutput } from "./contract";
import { fileCounts } from "./file-counts";
import { letGo } from "./let-go";
import { planSentence, wentOverSentence } from "./plan-sentences";
import { notesOf, withCode } from "./restore-notes";
import { isSwapped, loadRestore, output, PLANNED_PHASE, recordEnd } from "./restore-state";

type FinishCollaborators = Pick<Collaborators, "log" | "catalog" | "clock" | "notifier" | "settings" | "store">;

export const finish = async (
  input: { readonly restoreId: string },
  collaborators: FinishCollaborators,
): Promise<RestoreOutput> => {
  const restore = await loadRestore(collaborators, input.restoreId);
  if (restore.state !== "completed" && !isHeld(restore)) {
    const result = restore.planOnly === true ? plannedResult(restore) : restoredResult(restore);
    const finishedAt = isoSeconds(collaborators.clock.now());
    const left = restore.database?.oldLeft ?? null;
    if (left !== null) await tellOfOld(collaborators, restore, left);
    await recordEnd(collaborators, restore, {
      state: "completed",
      ...result,
      finishedAt,
      ...(left === null ? {} : { dropOldAt: finishedAt }),
    });
  }
  await letGo(collaborators, restore);
  return output(restore, "done");
};

type Result = Pick<RestoreItem, "phase" | "statusMessage">;

const restoredResult = (restore: RestoreItem): Result => {
  if (isSwapped(restore)) return { phase: "done", statusMessage: restoredSentence(restore) };
  throw new ServiceFailure(
    "RestoreNotSwapped",
    `Restore ${restore.restoreId} can't be completed: the restored database is not the live one.`,
    false,
  );
};

const plannedResult = ({ restoreId, plan, acknowledged }: RestoreItem): Result => {
  if (plan !== null) return { phase: PLANNED_PHASE, statusMessage: planSentence(plan, acknowledged) };
  throw new ServiceFailure("RestoreNotPlanned", `The plan ${restoreId} has not been made: ask for it anew.`, false);
};

const tellOfOld = async (
  { notifier }: FinishCollaborators,
  { restoreId, targetEnvironmentId }: RestoreItem,
  { reason }: OldDatabaseLeft,
): Promise<void> =>
  notifier.tell(
    `Restore into ${targetEnvironmentId} left the old database`.slice(0, 100),
    `Restore ${restoreId} into environment ${targetEnvironmentId} has completed. ${reason} It is tried again every few hours.`,
  );

/** What a restore came to. */
export const restoredSentence = (restore: RestoreItem): string => {
  const { databaseOnly, files, database, plan } = restore;
  const result = databaseOnly
    ? "The database was restored; the files were left as they were."
    : `The database was restored; ${number(files.put)} files were put, ${replacedOf(files)}${number(files.kept)} were there already and kept, ` +
      `${number(fileCounts(files, database).removed)} were removed.`;
  const over = plan === null ? "" : wentOverSentence(plan, restore);
  return [result, ...notesOf({ database }).map(withCode), ...(over === "" ? [] : [over])].join(" ");
};
const replacedOf = ({ replaced = 0 }: RestoreItem["files"]): string =>
  replaced === 0 ? "" : `${number(replaced)} ${replaced === 1 ? "was" : "were"} put back over what stood there, `;
const number = (count: number): string => count.toLocaleString("en");
