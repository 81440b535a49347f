/**
 * Removes what has expired, environment by environment, each under its own lease. One environment's failure does
 * not keep another's data longer; the run then ends as failed, so that someone is told. What a run leaves undone
 * is found again by the next, five minutes later.
 */
import { callFunction, catchAll, chooseByOutcome, type State, type Workflow } from "./asl";

/** Deleting is 1,000 versions a request: five at a time stay far below S3's limits. */
const ENVIRONMENTS_AT_A_TIME = 5;

export const retentionWorkflow = (): Workflow => ({
  Comment: "Expires snapshots and sweeps what failed attempts left behind",
  StartAt: "Select",
  TimeoutSeconds: 12 * 3600,
  States: {
    Select: callFunction(
      "RetentionFunctionArn",
      { step: "select", "executionArn.$": "$$.Execution.Id" },
      { Next: "ExpireEach" },
    ),
    ExpireEach: expireEach,
    Summary: {
      Type: "Pass",
      Parameters: { "incomplete.$": "States.ArrayContains($.results, 'incomplete')" },
      Next: "IsComplete",
    },
    IsComplete: {
      Type: "Choice",
      Choices: [{ Variable: "$.incomplete", BooleanEquals: true, Next: "Incomplete" }],
      Default: "Done",
    },
    Incomplete: {
      Type: "Fail",
      Error: "RetentionIncomplete",
      Cause: "At least one environment could not be expired; its reasons stand in the log and in the message sent.",
    },
    Done: { Type: "Succeed" },
  },
});

/** Every item's output is one word. */
const expireEach: State = {
  Type: "Map",
  ItemsPath: "$.environments",
  MaxConcurrency: ENVIRONMENTS_AT_A_TIME,
  ItemSelector: { "environmentId.$": "$$.Map.Item.Value", "executionArn.$": "$$.Execution.Id" },
  ItemProcessor: {
    ProcessorConfig: { Mode: "INLINE" },
    StartAt: "Expire",
    States: {
      Expire: callFunction(
        "RetentionFunctionArn",
        { step: "expire", "executionArn.$": "$.executionArn", "environmentId.$": "$.environmentId" },
        { ResultPath: "$.expired", Catch: catchAll("EnvironmentIncomplete"), Next: "ExpireOutcome" },
      ),
      /** `busy` is left for the next run. */
      ExpireOutcome: chooseByOutcome(
        "$.expired.outcome",
        { more: "Expire", done: "EnvironmentDone", busy: "EnvironmentDone" },
        "EnvironmentIncomplete",
      ),
      EnvironmentDone: { Type: "Pass", Parameters: { result: "done" }, OutputPath: "$.result", End: true },
      EnvironmentIncomplete: { Type: "Pass", Parameters: { result: "incomplete" }, OutputPath: "$.result", End: true },
    },
  },
  ResultPath: "$.results",
  Next: "Summary",
};
