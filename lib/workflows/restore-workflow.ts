/**
 * Plan, files, database beside, swap, removal: all or nothing (rule 10). Until the swap every failure leads back:
 * the database beside is dropped, then exactly the files that this restore put are removed. Once the swap has
 * happened there is only forward, whichever answer was lost on the way. A restore that is only planned ends after its
 * plan, without ever having held the lease. A recovery point takes a branch of its own (`instance-states.ts`): its
 * database comes back as an instance.
 */
import { callFunction, catchAll, chooseByOutcome, type Flow, type State, type Workflow } from "./asl";
import { FOR_AN_HOUR, UNTIL_TOMORROW_ROUNDS } from "./database-task";
import { queueingStates } from "./queueing";
import { instanceStates } from "./instance-states";
import { PERSISTENT } from "./retries";
import { restoreTask } from "./restore-task";
import { waitingStates } from "./rounds";

const PREFLIGHT_SECONDS = 15 * 60;
/** pg_restore with its indexes takes a few times as long as the dump. */
const RESTORE_SECONDS = 36 * 3600;
/** A rename of moments, then the removal of files: 1,000 a request, millions in hours. */
const SWAP_SECONDS = 12 * 3600;
const UNDO_SECONDS = 3600;
const DROP_SECONDS = 3600;
/** Once the database is swapped every failure leads forward again: soon at first, in case only an answer was lost. */
const FORWARD_PACE = { firstRounds: 5, firstSeconds: 60, laterSeconds: 1800 };

export const restoreWorkflow = (): Workflow => ({
  Comment: "Restores one snapshot into one environment",
  StartAt: "Queue",
  /**
   * Queueing a day, restoring a day and a half, undoing a day: and an end to going back and forth. What it leaves is
   * gone on with by another execution.
   */
  TimeoutSeconds: 4 * 24 * 3600,
  States: {
    ...queueingStates({
      begin: "Begin",
      outcome: "$.begun.outcome",
      nexts: { begun: "Preflight", "drop-old": "DropOld", skip: "Skipped" },
      giveUp: "FailRestore",
    }),
    ...planStates,
    ...changeStates,
    ...undoStates,
    ...instanceStates,
    /** Long after the restore has completed: whatever comes of it, retention's runs see to the rest. */
    ...restoreTask("DropOld", "drop-old", DROP_SECONDS, { Catch: catchAll("Done"), Next: "Done" }),
    Skipped: { Type: "Succeed" },
    Done: { Type: "Succeed" },
  },
});

const call = (step: string, flow: Flow): State =>
  callFunction("RestoreFunctionArn", { step, "restoreId.$": "$.restoreId", "executionArn.$": "$$.Execution.Id" }, flow);
const ifRecoveryPoint = (next: string, otherwise: string): State => ({
  Type: "Choice",
  Choices: [{ Variable: "$.begun.recoveryPoint", BooleanEquals: true, Next: next }],
  Default: otherwise,
});
const unlessDatabaseOnly = (next: string, otherwise: string): State => ({
  Type: "Choice",
  Choices: [{ Variable: "$.begun.databaseOnly", BooleanEquals: true, Next: otherwise }],
  Default: next,
});

const ifResumed = (next: string, otherwise: string): State => ({
  Type: "Choice",
  Choices: [{ Variable: "$.begun.resumed", BooleanEquals: true, Next: next }],
  Default: otherwise,
});

/**
 * Nothing at the target is touched here, so there is nothing to undo; unless an earlier execution of this restore
 * has begun with the database, and may even have swapped it.
 */
const planStates: Record<string, State> = {
  Begin: call("begin", { ResultPath: "$.begun", Catch: catchAll("FailRestore"), Next: "BeginOutcome" }),
  ...restoreTask("Preflight", "preflight", PREFLIGHT_SECONDS, { Catch: catchAll("WasResumed"), Next: "Plan" }),
  Plan: call("plan", { ResultPath: "$.planned", Catch: catchAll("WasResumed"), Next: "PlanOutcome" }),
  PlanOutcome: chooseByOutcome("$.planned.outcome", { go: "WantsFiles", planned: "Finish", more: "Plan" }, "Refused"),
  Refused: {
    Type: "Pass",
    Parameters: { Error: "RestoreRefused", "Cause.$": "$.planned.message" },
    ResultPath: "$.error",
    Next: "WasResumed",
  },
  WasResumed: ifResumed("WhichUndo", "FailRestore"),
};

const changeStates: Record<string, State> = {
  WantsFiles: unlessDatabaseOnly("Files", "WhichDatabase"),
  Files: call("files", { ResultPath: "$.files", Catch: catchAll("FilesWereResumed"), Next: "FilesOutcome" }),
  FilesWereResumed: ifResumed("WhichUndo", "UndoFiles"),
  FilesOutcome: chooseByOutcome("$.files.outcome", { done: "WhichDatabase" }, "Files"),
  WhichDatabase: ifRecoveryPoint("WantsOldList", "RestoreDatabase"),
  ...restoreTask("RestoreDatabase", "restore", RESTORE_SECONDS, { Catch: catchAll("Undo"), Next: "WantsRemoval" }),
  WantsRemoval: unlessDatabaseOnly("PlanRemoval", "WhichSwap"),
  PlanRemoval: call("plan-removal", { ResultPath: "$.removal", Catch: catchAll("WhichUndo"), Next: "RemovalOutcome" }),
  RemovalOutcome: chooseByOutcome("$.removal.outcome", { done: "WhichSwap" }, "PlanRemoval"),
  WhichSwap: ifRecoveryPoint("SwapInstances", "Swap"),
  /** Repeatable: it finds out from the database's OID whether it has happened. */
  ...restoreTask("Swap", "swap", SWAP_SECONDS, { again: FOR_AN_HOUR, Catch: catchAll("Undo"), Next: "Finish" }),
  Finish: call("finish", { ResultPath: "$.finished", Retry: [PERSISTENT], Next: "Done" }),
};

const undoStates: Record<string, State> = {
  WhichUndo: ifRecoveryPoint("UndoInstance", "Undo"),
  /**
   * Drops the database beside, unless it is the live one, and records which it is. Only with that known may files
   * be removed: if the database stays out of reach, the files stay, which nothing refers to and which harm nothing.
   */
  ...restoreTask("Undo", "undo", UNDO_SECONDS, {
    again: UNTIL_TOMORROW_ROUNDS,
    Catch: catchAll("FailRestore", "$.undoError"),
    Next: "UndoFiles",
  }),
  UndoFiles: call("undo-files", {
    ResultPath: "$.undone",
    Retry: [PERSISTENT],
    Catch: catchAll("FailRestore", "$.undoError"),
    Next: "UndoOutcome",
  }),
  UndoOutcome: chooseByOutcome("$.undone.outcome", { done: "FailRestore", forward: "MayWaitForForward" }, "UndoFiles"),
  /** Going back and forth takes time, or a failure that stays would fill the execution's history within the hour. */
  ...waitingStates({ name: "Forward", waitedFor: "forward", again: "WhichSwap", pace: FORWARD_PACE }),
  FailRestore: callFunction(
    "RestoreFunctionArn",
    { step: "fail", "restoreId.$": "$.restoreId", "executionArn.$": "$$.Execution.Id", "error.$": "$.error" },
    { ResultPath: "$.failed", Retry: [PERSISTENT], Next: "FailOutcome" },
  ),
  /** A plan that could not be made is told to whoever asked for it, and alarms nobody. */
  FailOutcome: chooseByOutcome("$.failed.outcome", { skip: "Skipped" }, "RestoreFailed"),
  RestoreFailed: { Type: "Fail", Error: "RestoreFailed", CausePath: "$.failed.message" },
};
