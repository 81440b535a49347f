/**
 * Runs the database task and waits for its end: the state itself, and what is done where the task never started.
 *
 * Step Functions tells failures of RunTask apart by name only, and some names stand for two things: a request that EC2
 * throttled arrives as `ECS.InvalidParameterException`, as a wrong subnet does, and a task without a network interface
 * as `States.TaskFailed`, as one whose program failed. So these are caught, and their cause is looked at: what passes by
 * itself is waited out, everything else fails at once.
 */
import { CONTAINER_NAME } from "../../lambda/database-task/contract";
import {
  DOUBTFUL_LAUNCH_FAILURES,
  NEVER_RAN,
  PASSING_CAUSES,
  PASSING_LAUNCH_FAILURES,
  PASSING_STARTS,
} from "../../lambda/rules/launch-failures";
import type { Catcher, Flow, State } from "./asl";
import { NO_RETRIES } from "./retries";
import { countRound } from "./rounds";

export interface TaskRun {
  /** As the task's entry point reads it. Ids only: container overrides are limited to 8,192 characters. */
  readonly command: string;
  readonly networkPath: string;
  readonly timeoutSeconds: number;
}

/** Ten rounds of half a minute, then 159 of 450 seconds: 20 hours, so that an attempt ends before the next night's begins. */
const FIRST_ROUNDS = 10;
const FIRST_WAIT_SECONDS = 30;
const LAUNCH_WAIT_SECONDS = 450;
export const MOST_LAUNCHES = FIRST_ROUNDS + 159;

const causeHas = (part: string) => ({ Variable: "$.unstarted.Cause", StringMatches: `*${part}*` });
const causeHasOne = (parts: readonly string[]) => ({ Or: parts.map(causeHas) });
const errorIs = (name: string) => ({ Variable: "$.unstarted.Error", StringEquals: name });

/**
 * The states `name` and `name…`. The task's result is thrown away: it describes the whole task, and what the task found
 * out stands in the catalog. A failure goes where `flow` catches it; without a catcher it ends the scope.
 */
export const databaseTask = (
  name: string,
  run: TaskRun,
  flow: Omit<Flow, "ResultPath"> & { readonly Catch?: readonly [Catcher] },
): Record<string, State> => {
  const catcher = flow.Catch?.[0];
  return {
    [name]: {
      ...runTask(run),
      ...flow,
      Retry: [NO_RETRIES, ...(flow.Retry ?? [])],
      Catch: [
        {
          ErrorEquals: [...NO_RETRIES.ErrorEquals, "States.TaskFailed"],
          ResultPath: "$.unstarted",
          Next: `${name}Started`,
        },
        ...(flow.Catch ?? []),
      ],
    },
    [`${name}Started`]: {
      Type: "Choice",
      Choices: [
        { Or: PASSING_LAUNCH_FAILURES.map(errorIs), Next: `${name}MayWait` },
        { And: [{ Or: DOUBTFUL_LAUNCH_FAILURES.map(errorIs) }, causeHasOne(PASSING_CAUSES)], Next: `${name}MayWait` },
        {
          And: [errorIs("States.TaskFailed"), causeHas(NEVER_RAN), causeHasOne(PASSING_STARTS)],
          Next: `${name}MayWait`,
        },
      ],
      Default: `${name}Failed`,
    },
    [`${name}MayWait`]: {
      Type: "Choice",
      Choices: [
        { Variable: "$.rounds.launch", NumericGreaterThanEquals: MOST_LAUNCHES, Next: `${name}Failed` },
        { Variable: "$.rounds.launch", NumericGreaterThanEquals: FIRST_ROUNDS, Next: `${name}Waits` },
      ],
      Default: `${name}WaitsBriefly`,
    },
    [`${name}WaitsBriefly`]: { Type: "Wait", Seconds: FIRST_WAIT_SECONDS, Next: `${name}Again` },
    [`${name}Waits`]: { Type: "Wait", Seconds: LAUNCH_WAIT_SECONDS, Next: `${name}Again` },
    [`${name}Again`]: countRound("launch", name),
    [`${name}Failed`]:
      catcher === undefined
        ? { Type: "Fail", ErrorPath: "$.unstarted.Error", CausePath: "$.unstarted.Cause" }
        : { Type: "Pass", InputPath: "$.unstarted", ResultPath: catcher.ResultPath, Next: catcher.Next },
  };
};

const runTask = ({ command, networkPath, timeoutSeconds }: TaskRun): State => ({
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
});
