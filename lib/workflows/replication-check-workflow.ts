/**
 * Waits, holding nothing, until every object of a snapshot stands at the replica. A failure raises an alarm and
 * never undoes the snapshot, which goes on showing that it is not replicated.
 */
import { callFunction, chooseByOutcome, type Workflow } from "./asl";

export const replicationCheckWorkflow = (): Workflow => ({
  Comment: "Looks at every object of a sealed snapshot at the replica",
  StartAt: "NotWaited",
  /** Replication takes minutes; the function gives up by itself long before. */
  TimeoutSeconds: 3 * 24 * 3600,
  States: {
    NotWaited: { Type: "Pass", Result: { waitedSeconds: 0 }, ResultPath: "$.check", Next: "Check" },
    Check: callFunction(
      "ReplicationCheckFunctionArn",
      {
        "environmentId.$": "$.environmentId",
        "snapshotId.$": "$.snapshotId",
        "executionArn.$": "$$.Execution.Id",
        "waitedSeconds.$": "$.check.waitedSeconds",
      },
      { ResultPath: "$.check", Next: "CheckOutcome" },
    ),
    CheckOutcome: chooseByOutcome(
      "$.check.outcome",
      { replicated: "Replicated", waiting: "WaitForReplication" },
      "ReplicationFailed",
    ),
    WaitForReplication: { Type: "Wait", SecondsPath: "$.check.waitSeconds", Next: "Check" },
    Replicated: { Type: "Succeed" },
    ReplicationFailed: { Type: "Fail", Error: "ReplicationFailed", CausePath: "$.check.message" },
  },
});
