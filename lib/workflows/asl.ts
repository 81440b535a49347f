/**
 * The part of the Amazon States Language that our workflows use, and the building blocks they share. Definitions
 * are plain objects: no CDK here, so that the same definition can be deployed, interpreted on one machine and
 * compared in a test. ARNs stand as `${Placeholder}`; `lib/workflow.ts` and the local run substitute them.
 */
import { CONTAINER_NAME } from "../../lambda/database-task/contract";
import { LAUNCH_FAILURES, SERVICE_HICCUPS, type Retrier } from "./retries";

export interface Workflow {
  readonly Comment: string;
  readonly StartAt: string;
  readonly TimeoutSeconds?: number;
  readonly States: Readonly<Record<string, State>>;
}
export interface State {
  readonly Type: "Task" | "Choice" | "Wait" | "Pass" | "Map" | "Succeed" | "Fail";
  readonly [field: string]: unknown;
}
export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly ResultPath: string;
  readonly Next: string;
}
/** Where a task goes next, and what it does about failures. `Retry` comes after what the block adds itself. */
export interface Flow {
  readonly Next?: string;
  readonly End?: true;
  readonly ResultPath?: string | null;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

/** Lambda's own limit is 900 s; a minute more, so that the function's own error arrives first. */
const FUNCTION_TIMEOUT_SECONDS = 960;

/**
 * Calls a function by its ARN: what it returns is the state's result as it is. The handlers are all safe to call
 * again, so hiccups of the service are retried everywhere.
 */
export const callFunction = (placeholder: string, payload: Record<string, unknown>, flow: Flow): State => ({
  Type: "Task",
  Resource: `\${${placeholder}}`,
  Parameters: payload,
  TimeoutSeconds: FUNCTION_TIMEOUT_SECONDS,
  ...flow,
  Retry: [SERVICE_HICCUPS, ...(flow.Retry ?? [])],
});

/**
 * Runs the database task and waits for its end. The command holds ids only (container overrides are limited to
 * 8,192 characters); the result is thrown away, because it describes the whole task and what the task found out
 * stands in the catalog. A task that could not be launched has done nothing, so launching is retried.
 */
export const runDatabaseTask = (
  command: string,
  networkPath: string,
  timeoutSeconds: number,
  flow: Omit<Flow, "ResultPath">,
): State => ({
  Type: "Task",
  Resource: "arn:aws:states:::ecs:runTask.sync",
  Parameters: {
    Cluster: "${ClusterArn}",
    /** The family: a deployment in the middle of a night changes the revision and breaks nothing. */
    TaskDefinition: "${TaskFamily}",
    LaunchType: "FARGATE",
    PropagateTags: "TASK_DEFINITION",
    NetworkConfiguration: {
      AwsvpcConfiguration: {
        "Subnets.$": `${networkPath}.subnets`,
        "SecurityGroups.$": `${networkPath}.securityGroups`,
        "AssignPublicIp.$": `${networkPath}.assignPublicIp`,
      },
    },
    Overrides: { ContainerOverrides: [{ Name: CONTAINER_NAME, "Command.$": command }] },
  },
  TimeoutSeconds: timeoutSeconds,
  ResultPath: null,
  ...flow,
  Retry: [LAUNCH_FAILURES, ...(flow.Retry ?? [])],
});

/** Anything at all goes to `next`, with `{ Error, Cause }` at `resultPath`. */
export const catchAll = (next: string, resultPath = "$.error"): readonly Catcher[] => [
  { ErrorEquals: ["States.ALL"], ResultPath: resultPath, Next: next },
];

/** A choice by the outcome that a function returned. Anything unforeseen goes to `otherwise`. */
export const chooseByOutcome = (path: string, nexts: Readonly<Record<string, string>>, otherwise: string): State => ({
  Type: "Choice",
  Choices: Object.entries(nexts).map(([outcome, Next]) => ({ Variable: path, StringEquals: outcome, Next })),
  Default: otherwise,
});

/** The names of all `${Placeholder}`s in a definition, sorted. */
export const placeholdersOf = (workflow: Workflow): readonly string[] =>
  [...new Set([...JSON.stringify(workflow).matchAll(/\$\{(\w+)\}/g)].map(([, name = ""]) => name))].toSorted();
