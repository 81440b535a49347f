/**
 * Runs a state machine's own definition with aws-local-stepfunctions, on any clock and any services. Every task has
 * a handler of ours, so none reaches AWS. Inputs and outputs over 256 KB end an execution as they do on AWS.
 */
import { StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";
import type { WaitingClock } from "../clock/simulated-clock";
import { prepareDefinition, readDefinition, WAIT_RESOURCE, type Definition, type KnownState } from "./definition";
import { childStateOf, isDistributed, MapRun } from "./distributed-map";
import { ENTERED, EXITED, History, insideOf, ITERATION_EVENTS, MOST_EVENTS, tryEvents, wasSubmitted } from "./history";
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
  /** Milliseconds: the time limit of an execution around this one. */
  readonly endsBy?: number;
  /** Called in order; what it throws ends the execution. */
  readonly onState?: (event: StateEvent) => void;
}
export interface Interpretation {
  readonly history: Pick<History, "events">;
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
  const deadline = Math.min(
    options.endsBy ?? Infinity,
    options.clock.now().getTime() + (definition.TimeoutSeconds ?? Infinity) * 1000,
  );
  const stopping = new AbortController();
  const history = new History();
  const handlers = Object.fromEntries(
    states
      .filter(({ state }) => state.Type === "Task" || state.Type === "Wait" || isDistributed(state))
      .map((known) =>
        isDistributed(known.state)
          ? [childStateOf(known.name), mapHandler(known, options, deadline, stopping.signal)]
          : [known.name, taskHandler(known, options, deadline, stopping.signal, history)],
      ),
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
  const watched = watch(execution.eventLogs, states, options, history, (error) => {
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
  return { history, result, abort };
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
  // The library's own check of the definition's form, which fills in what is left out; ours has checked what it ignores.
  void new StateMachine(structuredClone(definition) as unknown as StateMachineDefinition, {
    validationOptions: { checkArn: false },
  });
  preparedDefinitions.set(definition, ready);
  return ready;
};

const watch = async (
  events: AsyncGenerator,
  states: readonly KnownState[],
  options: InterpreterOptions,
  history: History,
  onBroken: (error: unknown) => void,
): Promise<void> => {
  const known = new Map(states.map(({ name, state }) => [name, state]));
  for await (const event of events as AsyncGenerator<LibraryEvent>) {
    const around = known.get(event.parentState?.name ?? "");
    if (event.type === "MapIterationStarted" && around !== undefined && !isDistributed(around))
      history.add(ITERATION_EVENTS);
    // What is unknown stands for a child execution, which tells of its own states.
    const state = known.get(event.state?.name ?? "");
    if (event.state === undefined || state === undefined || !(event.type in EVENT_KINDS)) continue;
    const kind = EVENT_KINDS[event.type as keyof typeof EVENT_KINDS];
    const inside = insideOf(state.Type, isDistributed(state));
    history.add(kind === "entered" ? ENTERED + inside.begun + inside.ended : kind === "left" ? EXITED : 0);
    try {
      assertSize(kind === "left" ? event.state.output : event.state.input, `State ${event.state.name}`);
      if (history.isFull)
        throw new StateError(
          "States.Runtime",
          `The execution reached the maximum number of history events (${MOST_EVENTS}).`,
        );
      const failed = kind === "failed" && event.Error !== undefined ? { error: event.Error } : {};
      if (kind === "failed" && (state.Type === "Map" || state.Type === "Parallel")) {
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
  readonly parentState?: { readonly name: string };
  readonly state?: { readonly name: string; readonly type: string; readonly input: unknown; readonly output?: unknown };
}

const longest = (): number => 1;

type Handler = (input: unknown) => Promise<never>;

/** Items of a distributed map: executions like any other. */
const mapHandler = (
  { name, state }: KnownState,
  options: InterpreterOptions,
  deadline: number,
  stopped: AbortSignal,
): Handler => {
  const { clock, services, execution } = options;
  const mapRun = new MapRun({
    name,
    state,
    parent: execution,
    startChild: (definition, input, identity) =>
      start(definition, input, { ...options, execution: identity, endsBy: deadline }),
    onItem: () => services.itemStarted?.({ execution, within: name }),
    onItemEnd: ({ id }) => services.stopTasksWithin?.(id, ""),
    exceeded: () =>
      clock.now().getTime() >= deadline
        ? new StateError("States.Timeout", `The execution's time limit ended in state ${name}.`)
        : new StateError(
            "States.ExceedToleratedFailureThreshold",
            "The specified tolerated failure threshold was exceeded",
          ),
  });
  stopped.addEventListener("abort", () => mapRun.abort());
  return (input) => mapRun.item(input) as Promise<never>;
};

const taskHandler = (
  { name, state, within }: KnownState,
  options: InterpreterOptions,
  deadline: number,
  stopped: AbortSignal,
  history: History,
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
    const resource = state["Resource"] as string;
    for (;;) {
      try {
        assertSize(input, `The input of task ${name}`);
        const call = callTask(resource, input, options.services, {
          execution: options.execution,
          within,
        });
        const limit = Math.min(
          (state["TimeoutSeconds"] as number | undefined) ?? Infinity,
          (deadline - clock.now().getTime()) / 1000,
        );
        const output = await withLimit(call, limit, name);
        assertSize(output, `The result of task ${name}`);
        history.add(tryEvents(resource, true));
        return output as never;
      } catch (error) {
        const failure = asStateError(error);
        history.add(tryEvents(resource, wasSubmitted(failure.name)));
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
