/**
 * Runs the database task and waits for its end: the state itself, and what is done where the task never started.
 *
 * Step Functions tells failures of RunTask apart by name only, and some names stand for two things: a request that EC2
 * throttled arrives as `ECS.InvalidParameterException`, as a wrong subnet does, and a task without a network interface
 * as `States.TaskFailed`, as one whose program failed. So these are caught, and their cause is looked at: what passes by
 * itself is waited out, everything else fails at once.
 */
import { CONTAINER_NAME } from "../../lambda/database-task/contract";
import type { Catcher, Flow, State } from "./asl";
import { LAUNCH_FAILURES, MOMENTARY } from "./retries";
import { countRound } from "./rounds";

export interface TaskRun {
  /** As the task's entry point reads it. Ids only: container overrides are limited to 8,192 characters. */
  readonly command: string;
  readonly networkPath: string;
  readonly timeoutSeconds: number;
}

/** Ten minutes, 72 times: twelve hours. */
const LAUNCH_WAIT_SECONDS = 600;
export const MOST_LAUNCHES = 72;

/**
 * What ECS says of requests that may go through later. Sources: "Amazon ECS API failure reasons" and "Stopped tasks
 * error messages" (docs.aws.amazon.com/AmazonECS/latest/developerguide, api_failures_messages.html and
 * stopped-task-error-codes.html); EC2's `RequestLimitExceeded` inside InvalidParameterException:
 * github.com/cdklabs/construct-hub/pull/415 and github.com/dask/dask-cloudprovider/issues/56.
 */
const PASSING = [
  "*RequestLimitExceeded*",
  "*Request limit exceeded*",
  "*Rate exceeded*",
  "*ThrottlingException*",
  "*Throttling*",
  "*reached the limit*",
  "*Capacity is unavailable*",
];
/** What kept a task from starting, besides. */
const PASSING_START = [
  ...PASSING,
  "*Timeout waiting for network interface provisioning*",
  "*Timeout waiting for EphemeralStorage provisioning*",
  "*InsufficientFreeAddressesInSubnet*",
  "*toomanyrequests*",
];

const causeIs = (patterns: readonly string[]) => ({
  Or: patterns.map((StringMatches) => ({ Variable: "$.unstarted.Cause", StringMatches })),
});
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
      Retry: [LAUNCH_FAILURES, MOMENTARY, ...(flow.Retry ?? [])],
      Catch: [
        {
          ErrorEquals: ["ECS.InvalidParameterException", "ECS.ClientException", "States.TaskFailed"],
          ResultPath: "$.unstarted",
          Next: `${name}Started`,
        },
        ...(flow.Catch ?? []),
      ],
    },
    [`${name}Started`]: {
      Type: "Choice",
      Choices: [
        { Variable: "$.rounds.launch", NumericGreaterThanEquals: MOST_LAUNCHES, Next: `${name}Failed` },
        {
          And: [{ Or: [errorIs("ECS.InvalidParameterException"), errorIs("ECS.ClientException")] }, causeIs(PASSING)],
          Next: `${name}Waits`,
        },
        {
          And: [
            errorIs("States.TaskFailed"),
            { Variable: "$.unstarted.Cause", StringMatches: "*TaskFailedToStart*" },
            causeIs(PASSING_START),
          ],
          Next: `${name}Waits`,
        },
      ],
      Default: `${name}Failed`,
    },
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
