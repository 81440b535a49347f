/**
 * Puts an archive together out of a snapshot's objects. The function goes on where it stopped each time it is called;
 * a plain dump too large for a function is inflated by the database task, and the next call finds it finished. A
 * failure ends the archive as failed; unfinished parts are swept within a day.
 */
import { callFunction, catchAll, chooseByOutcome, type Flow, type State, type Workflow } from "./asl";
import { databaseTask } from "./database-task";
import { PERSISTENT } from "./retries";
import { noRounds } from "./rounds";

/** Inflating at 40 MB/s: 3.4 TB. */
const TASK_SECONDS = 24 * 3600;

const call = (step: string, flow: Flow): State =>
  callFunction("ArchiveFunctionArn", { step, "archiveId.$": "$.archiveId", "executionArn.$": "$$.Execution.Id" }, flow);

export const archiveWorkflow = (): Workflow => ({
  Comment: "Makes a downloadable archive of one snapshot",
  StartAt: "Start",
  /** Archives are swept after a day: one that takes longer serves nobody. */
  TimeoutSeconds: 24 * 3600,
  States: {
    Start: noRounds("Begin"),
    Begin: call("begin", { ResultPath: "$.begun", Catch: catchAll("FailArchive"), Next: "BeginOutcome" }),
    BeginOutcome: chooseByOutcome("$.begun.outcome", { begun: "Build" }, "Done"),
    Build: call("build", { ResultPath: "$.built", Catch: catchAll("FailArchive"), Next: "BuildOutcome" }),
    BuildOutcome: chooseByOutcome("$.built.outcome", { done: "Done", task: "BuildByTask" }, "Build"),
    ...databaseTask(
      "BuildByTask",
      {
        command: "States.Array('archive', $.archiveId)",
        networkPath: "$.built.network",
        timeoutSeconds: TASK_SECONDS,
      },
      { Catch: catchAll("FailArchive"), Next: "Build" },
    ),
    FailArchive: callFunction(
      "ArchiveFunctionArn",
      { step: "fail", "archiveId.$": "$.archiveId", "executionArn.$": "$$.Execution.Id", "error.$": "$.error" },
      { ResultPath: "$.failed", Retry: [PERSISTENT], Next: "ArchiveFailed" },
    ),
    ArchiveFailed: { Type: "Fail", Error: "ArchiveFailed", CausePath: "$.failed.message" },
    Done: { Type: "Succeed" },
  },
});
