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
import { atLeast, waitingStates } from "./rounds";

export interface TaskRun {
  /** As the task's entry point reads it. Ids only: container overrides are limited to 8,192 characters. */
  readonly command: string;
  readonly networkPath: string;
  readonly timeoutSeconds: number;
}

const PACE = { firstRounds: 10, firstSeconds: 30, laterSeconds: 450 };
/** Ten rounds of half a minute, then 159 of 450 seconds: 20 hours, so that an attempt ends before the next night's begins. */
export const MOST_LAUNCHES = PACE.firstRounds + 159;
/**
 * How often a task is tried again whatever it failed with, at the same pace: two and a half minutes, 50 minutes, 20
 * hours. One count for all of an execution's tasks, so that going back and forth between two of them doesn't begin it
 * anew.
 */
export const FOR_MINUTES = 5;
export const FOR_AN_HOUR = PACE.firstRounds + 6;
export const UNTIL_TOMORROW_ROUNDS = MOST_LAUNCHES;

const causeHas = (part: string) => ({ Variable: "$.unstarted.Cause", StringMatches: `*${part}*` });
const causeHasOne = (parts: readonly string[]) => ({ Or: parts.map(causeHas) });
const errorIs = (name: string) => ({ Variable: "$.unstarted.Error", StringEquals: name });

export interface TaskFlow extends Pick<Flow, "Next" | "End"> {
  readonly Catch?: readonly [Catcher];
  /**
   * Times that the task is tried again whatever it failed with, once its launch is no longer waited for. In place of
   * retries of the state, which would begin anew with every launch that is waited for.
   * @default none
   */
  readonly again?: number;
}

/**
 * The states `name` and `name…`. The task's result is thrown away: it describes the whole task, and what the task found
 * out stands in the catalog. A failure goes where `flow` catches it; without a catcher it ends the scope.
 */
export const databaseTask = (
  name: string,
  run: TaskRun,
  { again, Catch, ...next }: TaskFlow,
): Record<string, State> => {
  const catcher = Catch?.[0];
  const mayWait = `MayWaitFor${waitOf(name, "launch")}`;
  const otherwise = again === undefined ? `${name}Failed` : `MayWaitFor${waitOf(name, "task")}`;
  return {
    [name]: {
      ...runTask(run),
      ...next,
      Catch:
        again === undefined
          ? [{ ErrorEquals: ["States.TaskFailed"], ...toStarted(name) }, ...(Catch ?? [])]
          : [{ ErrorEquals: ["States.ALL"], ...toStarted(name) }],
    },
    [`${name}Started`]: {
      Type: "Choice",
      Choices: [
        { Or: PASSING_LAUNCH_FAILURES.map(errorIs), Next: mayWait },
        { And: [{ Or: DOUBTFUL_LAUNCH_FAILURES.map(errorIs) }, causeHasOne(PASSING_CAUSES)], Next: mayWait },
        {
          And: [errorIs("States.TaskFailed"), causeHas(NEVER_RAN), causeHasOne(PASSING_STARTS)],
          Next: mayWait,
        },
      ],
      Default: otherwise,
    },
    ...rounds(name, "launch", MOST_LAUNCHES, otherwise),
    ...(again === undefined ? {} : rounds(name, "task", again, `${name}Failed`)),
    [`${name}Failed`]:
      catcher === undefined
        ? { Type: "Fail", ErrorPath: "$.unstarted.Error", CausePath: "$.unstarted.Cause" }
        : { Type: "Pass", InputPath: "$.unstarted", ResultPath: catcher.ResultPath, Next: catcher.Next },
  };
};
const toStarted = (name: string) => ({ ResultPath: "$.unstarted", Next: `${name}Started` });
const waitOf = (name: string, waitedFor: "launch" | "task"): string =>
  waitedFor === "launch" ? `LaunchOf${name}` : `${name}Again`;
/** From `MayWaitFor…` on. */
const rounds = (name: string, waitedFor: "launch" | "task", most: number, giveUp: string): Record<string, State> =>
  waitingStates({ name: waitOf(name, waitedFor), waitedFor, again: name, pace: PACE }, [
    atLeast(waitedFor, most, giveUp),
  ]);

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
