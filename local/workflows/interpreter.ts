/**
 * Runs a state machine's own definition with aws-local-stepfunctions, on any clock and any services. Every task has
 * a handler of ours, so none reaches AWS. Inputs and outputs over 256 KB end an execution as they do on AWS.
 */
import { StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";
import type { WaitingClock } from "../clock/simulated-clock";
import { prepareDefinition, readDefinition, WAIT_RESOURCE, type Definition, type KnownState } from "./definition";
import { providePromiseWithResolvers } from "./promise-with-resolvers";
import { nextTry, UNCATCHABLE, type Retrier } from "./retry";
import { callTask, type WorkflowServices } from "./task-resources";

/** Bytes of JSON that a state may take or give. */
export const STATE_DATA_LIMIT = 256 * 1024;

/** An error with the name that Retry and Catch see, and the cause they hand on. */
export class StateError extends Error {
  readonly isCatchable: boolean;
  readonly isRetryable = false;
  constructor(errorName: string, cause: string) {
    super(cause);
    this.name = errorName;
    this.isCatchable = !UNCATCHABLE.includes(errorName);
  }
}

export interface ExecutionIdentity {
  readonly id: string;
  readonly name: string;
  readonly stateMachineId: string;
}
export interface StateEvent {
  readonly kind: "entered" | "left" | "failed";
  readonly state: string;
  readonly type: string;
  readonly error?: string;
}
export interface InterpreterOptions {
  readonly services: WorkflowServices;
  readonly clock: WaitingClock;
  readonly execution: ExecutionIdentity;
  /** For the jitter of retries, from 0 to 1. @default 1: each waits as long as it may */
  readonly random?: () => number;
  /** Called in order; what it throws ends the execution. */
  readonly onState?: (event: StateEvent) => void;
}
export interface Interpretation {
  /** The execution's output; rejects with a StateError named as Step Functions would. */
  readonly result: Promise<unknown>;
  abort(): void;
}

/** Runs `definition` to its end and gives its output. */
export const run = (definition: Definition, input: unknown, options: InterpreterOptions): Promise<unknown> =>
  start(definition, input, options).result;

export const start = (definition: Definition, input: unknown, options: InterpreterOptions): Interpretation => {
  providePromiseWithResolvers();
  const { states, prepared } = prepareOnce(definition);
  const deadline =
    definition.TimeoutSeconds === undefined
      ? Infinity
      : options.clock.now().getTime() + definition.TimeoutSeconds * 1000;
  const stopping = new AbortController();
  const handlers = Object.fromEntries(
    states
      .filter(({ state }) => state.Type === "Task" || state.Type === "Wait")
      .map((known) => [known.name, taskHandler(known, options, deadline, stopping.signal)]),
  );
  const machine = new StateMachine(prepared as unknown as StateMachineDefinition, {
    validationOptions: { noValidate: true },
  });
  const { id, name, stateMachineId } = options.execution;
  let broken: unknown;
  const execution = machine.run(input as never, {
    overrides: { taskResourceLocalHandlers: handlers },
    context: { Execution: { Id: id, Name: name }, StateMachine: { Id: stateMachineId } },
  });
  const abort = (): void => {
    stopping.abort();
    execution.abort();
  };
  const watched = watch(execution.eventLogs, options, (error) => {
    broken = error;
    abort();
  });
  const result = (async () => {
    try {
      assertSize(input, "The execution's input");
      const output = await execution.result;
      await watched;
      if (broken !== undefined) throw broken;
      return output;
    } catch (error) {
      stopping.abort();
      await watched;
      throw asStateError(broken ?? error);
    }
  })();
  return { result, abort };
};

interface Prepared {
  readonly states: readonly KnownState[];
  readonly prepared: Definition;
}
const preparedDefinitions = new WeakMap<Definition, Prepared>();

/** Checks take 0.1 s, so each definition is checked once. */
const prepareOnce = (definition: Definition): Prepared => {
  const known = preparedDefinitions.get(definition);
  if (known !== undefined) return known;
  const ready = { states: readDefinition(definition), prepared: prepareDefinition(definition) };
  // The library's own check of the definition's form; ours has checked what it would ignore.
  void new StateMachine(definition as unknown as StateMachineDefinition, { validationOptions: { checkArn: false } });
  preparedDefinitions.set(definition, ready);
  return ready;
};

const watch = async (
  events: AsyncGenerator,
  options: InterpreterOptions,
  onBroken: (error: unknown) => void,
): Promise<void> => {
  for await (const event of events as AsyncGenerator<LibraryEvent>) {
    if (event.state === undefined || !(event.type in EVENT_KINDS)) continue;
    const kind = EVENT_KINDS[event.type as keyof typeof EVENT_KINDS];
    try {
      assertSize(kind === "left" ? event.state.output : event.state.input, `State ${event.state.name}`);
      const failed = kind === "failed" && event.Error !== undefined ? { error: event.Error } : {};
      if (kind === "failed" && (event.state.type === "Map" || event.state.type === "Parallel")) {
        options.services.stopTasksWithin?.(options.execution.id, event.state.name);
      }
      options.onState?.({ kind, state: event.state.name, type: event.state.type, ...failed });
    } catch (error) {
      onBroken(error);
      return;
    }
  }
};
const EVENT_KINDS = { StateEntered: "entered", StateExited: "left", StateFailed: "failed" } as const;
interface LibraryEvent {
  readonly type: string;
  readonly Error?: string;
  readonly state?: { readonly name: string; readonly type: string; readonly input: unknown; readonly output?: unknown };
}

const longest = (): number => 1;

type Handler = (input: unknown) => Promise<never>;

const taskHandler = (
  { name, state, within }: KnownState,
  options: InterpreterOptions,
  deadline: number,
  stopped: AbortSignal,
): Handler => {
  const { clock } = options;
  const wait = async (until: number): Promise<void> => {
    await clock.sleepUntil(new Date(Math.min(until, deadline)));
    if (until > deadline) throw new StateError("States.Timeout", `The execution's time limit ended in state ${name}.`);
  };
  if (state.Type === "Wait") {
    return async (input) => {
      await wait(wakeTime(input as WaitInput, clock.now()));
      return null as never;
    };
  }
  return async (input) => {
    const tries: number[] = [];
    for (;;) {
      try {
        assertSize(input, `The input of task ${name}`);
        const call = callTask(state["Resource"] as string, input, options.services, {
          execution: options.execution,
          within,
        });
        const limit = Math.min(
          (state["TimeoutSeconds"] as number | undefined) ?? Infinity,
          (deadline - clock.now().getTime()) / 1000,
        );
        const output = await withLimit(call, limit, name);
        assertSize(output, `The result of task ${name}`);
        return output as never;
      } catch (error) {
        const failure = asStateError(error);
        const delay = stopped.aborted
          ? undefined
          : nextTry((state["Retry"] as Retrier[] | undefined) ?? [], tries, failure.name, options.random ?? longest);
        if (delay === undefined) throw failure;
        options.onState?.({ kind: "failed", state: name, type: "Task", error: failure.name });
        await wait(clock.now().getTime() + delay * 1000);
      }
    }
  };
};

interface WaitInput {
  readonly seconds?: number;
  readonly timestamp?: string;
}
const wakeTime = (input: WaitInput, now: Date): number => {
  const time =
    input.timestamp === undefined ? now.getTime() + Number(input.seconds) * 1000 : Date.parse(input.timestamp);
  if (Number.isNaN(time))
    throw new StateError("States.Runtime", `${WAIT_RESOURCE}: ${JSON.stringify(input)} is no time.`);
  return time;
};

const withLimit = async (call: Promise<unknown>, seconds: number, name: string): Promise<unknown> => {
  if (seconds > 2_000_000) return call;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new StateError("States.Timeout", `Task ${name} took longer than ${seconds} s.`)),
      seconds * 1000,
    );
  });
  try {
    return await Promise.race([call, limit]);
  } finally {
    clearTimeout(timer);
  }
};

const assertSize = (value: unknown, what: string): void => {
  const size = Buffer.byteLength(JSON.stringify(value ?? null));
  if (size > STATE_DATA_LIMIT)
    throw new StateError(
      "States.DataLimitExceeded",
      `${what} has ${size} bytes of JSON; the limit is ${STATE_DATA_LIMIT}.`,
    );
};

const asStateError = (error: unknown): StateError => {
  const inner =
    error instanceof Error && error.name === "ExecutionError" && error.cause instanceof Error ? error.cause : error;
  if (inner instanceof StateError) return inner;
  const { name, message } = inner instanceof Error ? inner : new Error(String(inner));
  return new StateError(name === "ExecutionAbortedError" ? "Execution.Aborted" : name, message);
};
