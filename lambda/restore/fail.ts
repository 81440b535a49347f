/**
 * Fail: records the reason in one sentence, then the pin and the lease go back, and someone is told. Repeatable; a
 * crash in between costs at most a second message.
 */
import { isoSeconds } from "../catalog/catalog";
import type { RestoreItem } from "../catalog/items";
import { notStarted } from "../rules/not-started";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { withAdvice } from "../storage/storage-advice";
import { isHeld } from "./acknowledgement";
import type { RestoreInput, RestoreOutput } from "./contract";
import { letGo } from "./let-go";
import { undoFiles } from "./undo-files";
import { isSwapped, loadRestore, output, recordEnd, REFUSED_PHASE } from "./restore-state";

type FailCollaborators = Pick<
  Collaborators,
  "catalog" | "clock" | "notifier" | "log" | "remainingMs" | "settings" | "store"
>;
type FailInput = Pick<Extract<RestoreInput, { step: "fail" }>, "restoreId" | "error">;

export const fail = async (input: FailInput, collaborators: FailCollaborators): Promise<RestoreOutput> => {
  const { notifier, log, clock } = collaborators;
  let restore = await loadRestore(collaborators, input.restoreId);
  if (restore.state === "completed") {
    await letGo(collaborators, restore);
    return output(restore, "done", restore.statusMessage);
  }
  if (isHeld(restore)) {
    await letGo(collaborators, restore);
    return output(restore, "skip", restore.statusMessage);
  }
  if (restore.state !== "failed") {
    await removeFiles(collaborators, restore);
    const what = restore.planOnly === true ? "A restore could not be planned." : "A restore failed.";
    log.error(what, { restoreId: restore.restoreId, error: input.error });
    restore = await recordEnd(collaborators, restore, {
      state: "failed",
      statusMessage: sentence(restore, input.error),
      finishedAt: isoSeconds(clock.now()),
    });
  }
  await letGo(collaborators, restore);
  const { restoreId, snapshotId, targetEnvironmentId, statusMessage } = restore;
  // Whoever asked for a plan waits for it, and nothing at the target depends on it.
  if (restore.planOnly === true) return output(restore, "skip", statusMessage);
  await notifier.tell(
    `Restore into ${targetEnvironmentId} failed`.slice(0, 100),
    `Restore ${restoreId} of snapshot ${snapshotId} into environment ${targetEnvironmentId} failed: ${statusMessage}`,
  );
  return output(restore, "done", statusMessage);
};

/**
 * A restore that goes on for one that was stopped may fail before any step that leads to undoing. As long as the
 * database has not been begun with, the swap can't have happened, and the files may go.
 */
const removeFiles = async (collaborators: FailCollaborators, restore: RestoreItem): Promise<void> => {
  const { restoreId, leaseToken, targetEnvironmentId, database } = restore;
  if (database !== null || leaseToken === null) return;
  if (!(await collaborators.catalog.holdsLease(targetEnvironmentId, leaseToken))) return;
  if ((await undoFiles({ restoreId }, collaborators)).outcome !== "more") return;
  throw new ServiceFailure("UndoGoesOn", `Restore ${restoreId} is still removing the files it put.`, true);
};

const sentence = (restore: RestoreItem, error: FailInput["error"]): string => {
  const reason = reasonOf(restore, error);
  if (!isSwapped(restore)) return reason;
  return `The target works with the restored database, but finishing the restore failed: ${reason}`;
};

/** The plan's word, else what a function threw, what AWS did not start, what the task left, Step Functions' own name for it. */
const reasonOf = (restore: RestoreItem, error: FailInput["error"]): string =>
  (restore.phase === REFUSED_PHASE ? restore.statusMessage : undefined) ??
  thrownMessage(error.Cause) ??
  notStarted(error)?.message ??
  (restore.failure === null ? undefined : withAdvice(restore.failure.name, restore.failure.message)) ??
  workflowMessage(error) ??
  `The restore stopped in the phase “${restore.phase}” (${error.Error ?? "no error given"}): see its execution's history.`;

/** What the workflow itself says, such as that the environment stayed busy; Step Functions' own causes are no sentences. */
const workflowMessage = ({ Error: name = "States.", Cause: cause = "" }: FailInput["error"]): string | undefined =>
  name.startsWith("States.") || cause === "" || cause.startsWith("{") ? undefined : cause;

/** A function's exception, as Step Functions carries it: `{ errorType, errorMessage }` in JSON. */
const thrownMessage = (cause: string | undefined): string | undefined => {
  try {
    const thrown: unknown = JSON.parse(cause ?? "null");
    if (typeof thrown !== "object" || thrown === null || !("errorMessage" in thrown)) return undefined;
    if (typeof thrown.errorMessage !== "string" || thrown.errorMessage === "") return undefined;
    const type = "errorType" in thrown && typeof thrown.errorType === "string" ? thrown.errorType : "";
    return withAdvice(type, thrown.errorMessage);
  } catch {
    return undefined;
  }
};
