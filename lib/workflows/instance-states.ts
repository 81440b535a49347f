/**
 * A restore's branch for recovery points: AWS Backup makes a new instance beside, it is proven to answer, and two
 * renames swap it in. Every step hands back and is called again after a wait, so nothing computes meanwhile. Until the
 * first rename every failure deletes the new instance; from then on there is only forward, or back to the old instance
 * if the new one is lost: never a target without an instance for good.
 */
import { callFunction, catchAll, chooseByOutcome, type Flow, type State } from "./asl";
import { FOR_MINUTES, UNTIL_TOMORROW_ROUNDS } from "./database-task";
import { UNTIL_TOMORROW } from "./retries";
import { restoreTask } from "./restore-task";
import { waitingStates } from "./rounds";

/** Hours for an instance of many TB; a day at most, the function sees to it. */
const INSTANCE_WAIT_SECONDS = 600;
const LIST_SECONDS = 4 * 3600;
const PROVE_SECONDS = 15 * 60;
/** The removal of files: 1,000 a request, millions in hours. */
const SETTLE_SECONDS = 12 * 3600;

/** What RDS and AWS Backup do not answer for now. */
const NO_ANSWER = {
  ...UNTIL_TOMORROW,
  ErrorEquals: ["InstancesUnavailable", "RecoveryPointsUnavailable", "RecoveryPointLimit", "SecretUnavailable"],
};

const call = (step: string, flow: Flow): State =>
  callFunction(
    "InstanceSwapFunctionArn",
    { step, "restoreId.$": "$.restoreId", "executionArn.$": "$$.Execution.Id" },
    flow,
  );
const wait = (seconds: number, next: string): State => ({ Type: "Wait", Seconds: seconds, Next: next });

export const instanceStates: Record<string, State> = {
  WantsOldList: {
    Type: "Choice",
    Choices: [{ Variable: "$.begun.databaseOnly", BooleanEquals: true, Next: "RestoreInstance" }],
    Default: "ListOldFiles",
  },
  ...restoreTask("ListOldFiles", "list-old", LIST_SECONDS, {
    Catch: catchAll("UndoInstance"),
    Next: "RestoreInstance",
  }),
  RestoreInstance: call("restore", {
    ResultPath: "$.instance",
    Retry: [NO_ANSWER],
    Catch: catchAll("UndoInstance"),
    Next: "InstanceOutcome",
  }),
  InstanceOutcome: chooseByOutcome("$.instance.outcome", { done: "ProveInstance" }, "WaitForInstance"),
  WaitForInstance: wait(INSTANCE_WAIT_SECONDS, "RestoreInstance"),
  /** A new password and new security groups take a moment to hold. */
  ...restoreTask("ProveInstance", "prove", PROVE_SECONDS, {
    again: FOR_MINUTES,
    Catch: catchAll("UndoInstance"),
    Next: "WantsRemoval",
  }),
  /** Between the renames a target has no instance: whatever fails is tried again until tomorrow, then looked at anew. */
  SwapInstances: call("swap", {
    ResultPath: "$.instance",
    Retry: [
      {
        ...NO_ANSWER,
        ErrorEquals: [...NO_ANSWER.ErrorEquals, "InstancesRefused", "InstanceRequestRefused", "InstanceReplaced"],
      },
    ],
    Catch: catchAll("UndoInstance"),
    Next: "SwapInstancesOutcome",
  }),
  SwapInstancesOutcome: chooseByOutcome("$.instance.outcome", { done: "SettleInstance" }, "MayWaitForSwap"),
  /** Each rename takes minutes. */
  ...waitingStates({ name: "Swap", waitedFor: "instance", again: "SwapInstances" }),
  /** The address follows the name within minutes. From here on the old instance is only kept. */
  ...restoreTask("SettleInstance", "settle", SETTLE_SECONDS, {
    again: UNTIL_TOMORROW_ROUNDS,
    Catch: catchAll("FailRestore"),
    Next: "DeleteReplaced",
  }),
  DeleteReplaced: call("delete-replaced", {
    ResultPath: "$.instance",
    Retry: [UNTIL_TOMORROW],
    Catch: catchAll("FailRestore"),
    Next: "DeleteReplacedOutcome",
  }),
  DeleteReplacedOutcome: chooseByOutcome("$.instance.outcome", { done: "Finish" }, "MayWaitForDeletion"),
  ...waitingStates({ name: "Deletion", waitedFor: "instance", again: "DeleteReplaced" }),
  /** Only once the new instance is gone may files be removed: if that stays unknown they stay, and harm nothing. */
  UndoInstance: call("undo", {
    ResultPath: "$.instance",
    Retry: [UNTIL_TOMORROW],
    Catch: catchAll("FailRestore", "$.undoError"),
    Next: "UndoInstanceOutcome",
  }),
  UndoInstanceOutcome: chooseByOutcome(
    "$.instance.outcome",
    { done: "UndoFiles", forward: "MayWaitForForward" },
    "WaitForUndo",
  ),
  WaitForUndo: wait(INSTANCE_WAIT_SECONDS, "UndoInstance"),
};
