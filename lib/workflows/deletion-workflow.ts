/** A user's deletion of one snapshot, queued behind other operations. What it has begun, retention completes. */
import { callFunction, catchAll, type Workflow } from "./asl";
import { queueingStates } from "./queueing";

export const deletionWorkflow = (): Workflow => ({
  Comment: "Deletes one snapshot before its expiry, on a user's explicit wish",
  StartAt: "Queue",
  TimeoutSeconds: 2 * 24 * 3600,
  States: {
    ...queueingStates({
      begin: "Delete",
      outcome: "$.deleted.outcome",
      nexts: { done: "Done", refused: "DeletionRefused" },
      giveUp: "DeletionFailed",
    }),
    Delete: callFunction(
      "DeletionFunctionArn",
      {
        "executionArn.$": "$$.Execution.Id",
        "environmentId.$": "$.environmentId",
        "snapshotId.$": "$.snapshotId",
        "requestedBy.$": "$.requestedBy",
      },
      { ResultPath: "$.deleted", Catch: catchAll("DeletionFailed"), Next: "BeginOutcome" },
    ),
    Done: { Type: "Succeed" },
    DeletionRefused: { Type: "Fail", Error: "DeletionRefused", CausePath: "$.deleted.message" },
    DeletionFailed: { Type: "Fail", ErrorPath: "$.error.Error", CausePath: "$.error.Cause" },
  },
});
