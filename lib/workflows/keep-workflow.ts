/**
 * Keeps a snapshot longer, on an administrator's wish: queued behind other operations, then object by object, as many
 * invocations as it takes. Every step may be repeated, and only moves locks forward.
 */
import { KEEP_START, type KeepInput } from "../../lambda/keep/contract";
import { callFunction, catchAll, type Workflow } from "./asl";
import { queueingStates } from "./queueing";
import { PERSISTENT } from "./retries";

export const keepWorkflow = (): Workflow => ({
  Comment: "Keeps one snapshot until a later date, on an administrator's wish",
  StartAt: "Start",
  TimeoutSeconds: 2 * 24 * 3600,
  States: {
    Start: { Type: "Pass", Result: { progress: KEEP_START }, ResultPath: "$.kept", Next: "Queue" },
    ...queueingStates({
      begin: "Keep",
      outcome: "$.kept.outcome",
      nexts: { done: "Done", more: "Keep", refused: "KeepRefused" },
      giveUp: "KeepFailed",
    }),
    Keep: callFunction(
      "KeepFunctionArn",
      {
        "executionArn.$": "$$.Execution.Id",
        "environmentId.$": "$.environmentId",
        "snapshotId.$": "$.snapshotId",
        "until.$": "$.until",
        "requestedBy.$": "$.requestedBy",
        "progress.$": "$.kept.progress",
      } satisfies Record<`${keyof KeepInput}.$`, string>,
      { ResultPath: "$.kept", Retry: [PERSISTENT], Catch: catchAll("KeepFailed"), Next: "BeginOutcome" },
    ),
    Done: { Type: "Succeed" },
    KeepRefused: { Type: "Fail", Error: "KeepRefused", CausePath: "$.kept.message" },
    KeepFailed: { Type: "Fail", ErrorPath: "$.error.Error", CausePath: "$.error.Cause" },
  },
});
