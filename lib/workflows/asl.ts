/**
 * The part of the Amazon States Language that our workflows use, and the building blocks they share. Definitions
 * are plain objects: no CDK here, so that the same definition can be deployed, interpreted on one machine and
 * compared in a test. ARNs stand as `${Placeholder}`; `lib/workflow.ts` and the local run substitute them.
 */
import { SERVICE_HICCUPS, THROTTLED, type Retrier } from "./retries";

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
 * again, so hiccups of the service are retried everywhere, and throttling is waited out.
 */
export const callFunction = (placeholder: string, payload: Record<string, unknown>, flow: Flow): State => ({
  Type: "Task",
  Resource: `\${${placeholder}}`,
  Parameters: payload,
  TimeoutSeconds: FUNCTION_TIMEOUT_SECONDS,
  ...flow,
  Retry: [SERVICE_HICCUPS, THROTTLED, ...(flow.Retry ?? [])],
});

/** Anything at all goes to `next`, with `{ Error, Cause }` at `resultPath`. */
export const catchAll = (next: string, resultPath = "$.error"): readonly [Catcher] => [
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
