/**
 * What every execution that makes a snapshot shares, whatever it makes it from: it queues for the environment's lease
 * and begins; in the end it seals, starts the replication check and does not wait for it. After a failure Fail gives
 * the lease back and records the reason.
 */
import { callFunction, catchAll, type State } from "./asl";
import { queueingStates } from "./queueing";
import { PERSISTENT } from "./retries";

interface SnapshotStates {
  /** The first of `making`. */
  readonly first: string;
  /** From `$.begun` to the state `Seal`; their failures go to `Fail`. */
  readonly making: Readonly<Record<string, State>>;
  /** The error with which a failed execution ends. */
  readonly failure: string;
}

/** From `Queue`, with `$.request`, to `Done`, `Skipped` or the failure. */
export const snapshotStates = ({ first, making, failure }: SnapshotStates): Record<string, State> => ({
  ...queueingStates({
    begin: "Begin",
    outcome: "$.begun.outcome",
    nexts: { begun: first, skip: "Skipped" },
    giveUp: "Fail",
  }),
  Begin: callFunction(
    "BackupBeginFunctionArn",
    { "executionArn.$": "$$.Execution.Id", "request.$": "$.request" },
    { ResultPath: "$.begun", Catch: catchAll("Fail"), Next: "BeginOutcome" },
  ),
  Skipped: { Type: "Succeed" },
  ...making,
  Seal: callFunction(
    "BackupSealFunctionArn",
    { "attempt.$": "$.begun.attempt" },
    { ResultPath: "$.sealed", Catch: catchAll("Fail"), Next: "IsReplicated" },
  ),
  ...replicationStates,
  Done: { Type: "Succeed" },
  ...failureStates(failure),
});

/** From `IsReplicated`, with `$.sealed`, to `Done`. */
const replicationStates: Record<string, State> = {
  IsReplicated: {
    Type: "Choice",
    Choices: [{ Variable: "$.sealed.replicated", BooleanEquals: true, Next: "StartReplicationCheck" }],
    Default: "Done",
  },
  /** A failure here must not fail a sealed snapshot; it shows as not yet replicated. */
  StartReplicationCheck: {
    Type: "Task",
    Resource: "arn:aws:states:::states:startExecution",
    Parameters: {
      StateMachineArn: "${ReplicationCheckStateMachineArn}",
      "Name.$": "States.Format('{}-1', $.sealed.snapshotId)",
      Input: { "environmentId.$": "$.sealed.environmentId", "snapshotId.$": "$.sealed.snapshotId" },
    },
    TimeoutSeconds: 60,
    ResultPath: null,
    /** An execution of that name is success: this one was repeated. */
    Catch: [
      { ErrorEquals: ["StepFunctions.ExecutionAlreadyExistsException"], ResultPath: "$.checkError", Next: "Done" },
      ...catchAll("Done", "$.checkError"),
    ],
    Retry: [
      { ...PERSISTENT, ErrorEquals: ["StepFunctions.AWSStepFunctionsException", "StepFunctions.SdkClientException"] },
    ],
    Next: "Done",
  },
};

/** After any failure before the commit; `$.error` holds it. `name` is the error with which the execution ends. */
const failureStates = (name: string): Record<string, State> => ({
  Fail: callFunction(
    "BackupFailFunctionArn",
    { "executionArn.$": "$$.Execution.Id", "request.$": "$.request", "error.$": "$.error" },
    { ResultPath: "$.failed", Retry: [PERSISTENT], Next: "FailOutcome" },
  ),
  /** The seal may have been committed and only its answer lost: then the seal is called again, which goes forward. */
  FailOutcome: {
    Type: "Choice",
    Choices: [
      {
        And: [
          { Variable: "$.failed.sealed", BooleanEquals: true },
          { Variable: "$.begun.attempt", IsPresent: true },
        ],
        Next: "SealAgain",
      },
      { Variable: "$.failed.sealed", BooleanEquals: true, Next: "Done" },
    ],
    Default: name,
  },
  SealAgain: callFunction(
    "BackupSealFunctionArn",
    { "attempt.$": "$.begun.attempt" },
    { ResultPath: "$.sealed", Retry: [PERSISTENT], Next: "IsReplicated" },
  ),
  [name]: { Type: "Fail", Error: name, CausePath: "$.failed.reason" },
});
