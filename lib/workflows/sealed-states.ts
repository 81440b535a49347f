/**
 * How executions that make a snapshot end, whatever they made it from: after Seal the replication check is started and
 * nothing waits for it; after a failure Fail gives the lease back and records the reason.
 */
import { callFunction, catchAll, type State } from "./asl";
import { PERSISTENT } from "./retries";

/** From `IsReplicated`, with `$.sealed`, to `Done`. */
export const replicationStates: Record<string, State> = {
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
export const failureStates = (name: string): Record<string, State> => ({
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
