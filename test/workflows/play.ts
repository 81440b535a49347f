/** Plays a workflow's own definition in the local interpreter, on a simulated clock, with scripted functions and tasks. */
import { SimulatedClock } from "../../local/clock/simulated-clock";
import type { Definition } from "../../local/workflows/definition";
import { start, StateError } from "../../local/workflows/interpreter";
import { WORKFLOWS } from "../../lib/workflows";
import type { WorkflowName } from "../../lib/names";
import type { Workflow } from "../../lib/workflows/asl";

export interface Script {
  /** By the placeholder's name without `FunctionArn`; what it throws is the function's failure. */
  readonly call: (name: string, payload: Record<string, unknown>, now: Date) => unknown;
  readonly task?: (command: readonly string[], now: Date) => unknown;
}
export interface Played {
  readonly error?: { readonly name: string; readonly message: string };
  readonly seconds: number;
  readonly events: number;
  /** Names of states in the order in which they were entered, children's too. */
  readonly entered: readonly string[];
}

/** As ECS and Lambda name their failures to Step Functions. */
export const failure = (name: string, cause = ""): StateError => new StateError(name, cause);
/** A function's own exception. */
export const thrown = (errorType: string, errorMessage: string): StateError =>
  new StateError(errorType, JSON.stringify({ errorType, errorMessage }));
/** What States.TaskFailed tells of a task, in Step Functions' spelling. */
export const taskFailed = (StopCode: string, StoppedReason: string): StateError =>
  new StateError("States.TaskFailed", JSON.stringify({ LastStatus: "STOPPED", StopCode, StoppedReason }));

const ARN = "arn:aws:lambda:eu-central-1:123456789012:function:";
const withArns = (workflow: Workflow): Definition =>
  JSON.parse(JSON.stringify(workflow).replace(/\$\{(\w+)FunctionArn\}/g, `${ARN}$1`)) as Definition;

export const playWorkflow = (name: WorkflowName, input: unknown, script: Script): Promise<Played> =>
  play(withArns(WORKFLOWS[name]()), input, script);

export const play = async (definition: Definition, input: unknown, script: Script): Promise<Played> => {
  const clock = new SimulatedClock();
  const began = clock.now().getTime();
  const entered: string[] = [];
  const { history, result } = start(definition, input, {
    clock,
    services: {
      invokeLambda: (arn, payload) =>
        clock.during(async () => script.call(arn.slice(ARN.length), payload as Record<string, unknown>, clock.now())),
      runTask: ({ Overrides }) =>
        clock.during(async () => script.task?.(Overrides?.ContainerOverrides?.[0]?.Command ?? [], clock.now())),
      startExecution: async () => ({}),
    },
    execution: {
      id: "arn:aws:states:eu-central-1:123456789012:execution:machine:one",
      name: "one",
      stateMachineId: "arn:aws:states:eu-central-1:123456789012:stateMachine:machine",
    },
    onState: ({ kind, state }) => {
      if (kind === "entered") entered.push(state);
    },
  });
  let ended = false;
  const outcome = result
    .then(
      () => ({}),
      (error: Error) => ({ error: { name: error.name, message: error.message } }),
    )
    .finally(() => (ended = true));
  await clock.advanceTo(new Date(began + 10 * 86_400_000), () => ended);
  return {
    ...(await outcome),
    seconds: Math.round((clock.now().getTime() - began) / 1000),
    events: history.events,
    entered,
  };
};

const ATTEMPT = { environmentId: "production", snapshotId: "s", attemptId: "a" };
export const NETWORK = { subnets: ["subnet-1"], securityGroups: ["sg-1"], assignPublicIp: "DISABLED" };
export const BACKUP_INPUT = { request: { attempt: 1 } };

/** A backup's functions when nothing is in the way: so many shards, so many at a time. */
export const backupCalls =
  (shards: number, places: number): Script["call"] =>
  (name) => {
    switch (name) {
      case "BackupBegin":
        return { outcome: "begun", attempt: ATTEMPT, network: NETWORK, database: "dump" };
      case "BackupPlan":
        return { outcome: "planned", shards: Array.from({ length: shards }, (_, shard) => shard), places };
      case "BackupPack":
        return { outcome: "done" };
      case "BackupSeal":
        return { snapshotId: "s", environmentId: "production", replicated: false };
      default:
        return { reason: "It failed.", nextAttempt: null, sealed: false };
    }
  };
