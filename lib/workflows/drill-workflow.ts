/**
 * A restore drill: a snapshot is restored at the drill target, verified, and removed again. It never touches the
 * environment that the snapshot is of, and holds no lease but the drill target's own. Whatever fails, what was made is
 * removed before the drill ends; where even that fails, the target's state says so and the next hour tries again.
 */
import { callFunction, catchAll, chooseByOutcome, type Flow, type State, type Workflow } from "./asl";
import { databaseTask, FOR_AN_HOUR } from "./database-task";
import { queueingStates } from "./queueing";
import { PERSISTENT } from "./retries";

/** Restoring and reading: what takes longer is too large for the drill target. */
const RESTORE_SECONDS = 12 * 3600;
const CLEAR_SECONDS = 3600;

const call = (step: string, given: Record<string, unknown>, flow: Flow): State =>
  callFunction("DrillFunctionArn", { step, "executionArn.$": "$$.Execution.Id", ...given }, flow);

const ends = { Retry: [PERSISTENT], ResultPath: "$.finished", Next: "FinishOutcome" } as const;

export const drillWorkflow = (): Workflow => ({
  Comment: "Restores a snapshot at the drill target, verifies it in full, and removes it again",
  StartAt: "Queue",
  /** A drill that was asked for may wait for a day; then half a day for the database and less than a day in all. */
  TimeoutSeconds: 2 * 24 * 3600,
  States: {
    ...queueingStates({
      begin: "Begin",
      outcome: "$.begun.outcome",
      nexts: { begun: "RestoreDatabase", clear: "ClearDatabase", none: "Done" },
      giveUp: "FinishFailed",
    }),
    Begin: call(
      "begin",
      { "request.$": "$" },
      { ResultPath: "$.begun", Catch: catchAll("FinishFailed"), Next: "BeginOutcome" },
    ),
    ...databaseTask(
      "RestoreDatabase",
      {
        command: "States.Array('drill', $.begun.environmentId, $.begun.drillId)",
        networkPath: "$.begun.network",
        timeoutSeconds: RESTORE_SECONDS,
      },
      { Catch: catchAll("ClearDatabase"), Next: "CheckFiles" },
    ),
    CheckFiles: call(
      "files",
      { "environmentId.$": "$.begun.environmentId", "drillId.$": "$.begun.drillId" },
      { ResultPath: "$.files", Catch: catchAll("ClearDatabase"), Next: "FilesOutcome" },
    ),
    FilesOutcome: chooseByOutcome("$.files.outcome", { done: "ClearFiles" }, "CheckFiles"),
    ...databaseTask(
      "ClearDatabase",
      {
        command: "States.Array('drill-clear')",
        networkPath: "$.begun.network",
        timeoutSeconds: CLEAR_SECONDS,
      },
      { again: FOR_AN_HOUR, Catch: catchAll("ClearFiles", "$.clearError"), Next: "ClearFiles" },
    ),
    ClearFiles: call(
      "clear",
      {},
      {
        ResultPath: "$.cleared",
        Retry: [PERSISTENT],
        Catch: catchAll("HasFailed", "$.clearError"),
        Next: "ClearOutcome",
      },
    ),
    ClearOutcome: chooseByOutcome("$.cleared.outcome", { done: "HasFailed" }, "ClearFiles"),
    HasFailed: {
      Type: "Choice",
      Choices: [{ Variable: "$.error", IsPresent: true, Next: "FinishFailed" }],
      Default: "Finish",
    },
    Finish: call("finish", { "request.$": "$" }, ends),
    FinishFailed: call("finish", { "request.$": "$", "error.$": "$.error" }, ends),
    FinishOutcome: chooseByOutcome(
      "$.finished.outcome",
      { passed: "Done", "not-drilled": "Done", none: "Done" },
      "DrillFailed",
    ),
    DrillFailed: { Type: "Fail", Error: "DrillFailed", CausePath: "$.finished.message" },
    Done: { Type: "Succeed" },
  },
});
