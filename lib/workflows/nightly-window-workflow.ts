/**
 * A region's night: opened once, then a loop by minute starts the backups whose slot has come. Starting twice is
 * harmless, because executions are named. A failure leaves the rest of the night unstarted and raises an alarm.
 */
import { callFunction, chooseByOutcome, type Workflow } from "./asl";
import { PERSISTENT } from "./retries";

export const nightlyWindowWorkflow = (): Workflow => ({
  Comment: "Opens a region's night and starts each backup in its slot",
  StartAt: "Open",
  /** The longest window is four hours: 240 rounds of nine events, and time to spare for retries. */
  TimeoutSeconds: 8 * 3600,
  States: {
    Open: callFunction(
      "NightlyWindowFunctionArn",
      { step: "open", event: { "scheduledTime.$": "$.scheduledTime" }, "executionArn.$": "$$.Execution.Id" },
      { Retry: [PERSISTENT], Next: "WindowOutcome" },
    ),
    WindowOutcome: chooseByOutcome("$.outcome", { wait: "WaitForSlot", dropped: "Dropped" }, "Done"),
    WaitForSlot: { Type: "Wait", TimestampPath: "$.waitUntil", Next: "Start" },
    Start: callFunction(
      "NightlyWindowFunctionArn",
      { step: "start", "night.$": "$.night" },
      { Retry: [PERSISTENT], Next: "WindowOutcome" },
    ),
    Dropped: { Type: "Succeed" },
    Done: { Type: "Succeed" },
  },
});
