/**
 * Reads a state machine's definition and makes it ready for the interpreter. The interpreter silently ignores what
 * it does not know, gives tasks without a limit 60 seconds, and would send a task without a handler to AWS: so
 * every field is checked here, waits become tasks of ours, and limits and retries are taken over by us.
 */
import { isDistributed, prepareDistributed, processorOf } from "./distributed-map";

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number;
  readonly [field: string]: unknown;
}
export interface State {
  readonly Type: string;
  readonly [field: string]: unknown;
}

export class DefinitionNotSupported extends Error {
  override name = "DefinitionNotSupported";
}

const COMMON = ["Type", "Comment", "Next", "End", "InputPath", "OutputPath"];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: ["Resource", "Parameters", "ResultSelector", "ResultPath", "Retry", "Catch", "TimeoutSeconds"],
  Map: ["ItemsPath", "ItemSelector", "ItemProcessor", "MaxConcurrency", "ResultSelector", "ResultPath", "Catch"],
  "distributed Map": [
    "ItemsPath",
    "ItemSelector",
    "ItemProcessor",
    "MaxConcurrency",
    "MaxConcurrencyPath",
    "Label",
    "ResultSelector",
    "ResultPath",
    "Catch",
  ],
  Parallel: ["Branches", "Parameters", "ResultSelector", "ResultPath", "Catch"],
  Pass: ["Result", "Parameters", "ResultPath"],
  Wait: ["Seconds", "Timestamp", "SecondsPath", "TimestampPath"],
  Choice: ["Choices", "Default"],
  Succeed: [],
  Fail: ["Error", "Cause", "ErrorPath", "CausePath"],
};
const MACHINE_FIELDS = [
  "Comment",
  "StartAt",
  "States",
  "TimeoutSeconds",
  "Version",
  "QueryLanguage",
  "ProcessorConfig",
];
/** What of the context object means the same here as on AWS. */
const CONTEXT = /^\$\$\.(Execution\.(Id|Name)|StateMachine\.(Id|Name)|Map\.Item\.(Index|Value.*))$/;

/** Every state by name, nested ones too, with the Map or Parallel state around it. */
export interface KnownState {
  readonly name: string;
  readonly state: State;
  readonly within: string | null;
}

/** Without the states of distributed maps' items, which are executions of their own; they are checked all the same. */
export const readDefinition = (definition: Definition): readonly KnownState[] => {
  const known = new Map<string, KnownState>();
  collect(definition, null, known);
  const inChildren = new Set<string>();
  for (const { name, state } of known.values())
    if (isDistributed(state)) for (const inner of known.values()) if (inner.within === name) inChildren.add(inner.name);
  return [...known.values()].filter(({ name, within }) => !inChildren.has(name) && !inChildren.has(within ?? ""));
};

const collect = (machine: Definition, within: string | null, known: Map<string, KnownState>): void => {
  const place = within ?? "the state machine";
  refuseUnknown(place, Object.keys(machine), MACHINE_FIELDS);
  if (machine["QueryLanguage"] !== undefined && machine["QueryLanguage"] !== "JSONPath") refuse(place, "QueryLanguage");
  const { Mode = "INLINE", ExecutionType } = (machine["ProcessorConfig"] ?? {}) as Record<string, string | undefined>;
  if (!["INLINE", "DISTRIBUTED"].includes(Mode)) refuse(place, `ProcessorConfig.Mode ${Mode}`);
  if (Mode === "DISTRIBUTED" && ExecutionType !== "STANDARD") refuse(place, `ExecutionType ${ExecutionType}`);
  for (const [name, state] of Object.entries(machine.States)) {
    const fields = FIELDS[isDistributed(state) ? "distributed Map" : state.Type];
    if (fields === undefined) refuse(name, `Type ${state.Type}`);
    else refuseUnknown(name, Object.keys(state), [...COMMON, ...fields]);
    refuseContext(name, state);
    if (known.has(name)) throw new DefinitionNotSupported(`The state name "${name}" is used twice.`);
    known.set(name, { name, state, within });
    if (state.Type === "Map") collect(processorOf(state), name, known);
    if (state.Type === "Parallel") for (const branch of state["Branches"] as Definition[]) collect(branch, name, known);
  }
};

const refuse = (place: string, what: string): never => {
  throw new DefinitionNotSupported(`${place}: the local interpreter does not support ${what}.`);
};
const refuseUnknown = (place: string, given: readonly string[], supported: readonly string[]): void => {
  for (const field of given) if (!supported.includes(field)) refuse(place, `the field ${field}`);
};
const refuseContext = (name: string, value: unknown): void => {
  if (typeof value === "string") {
    for (const [path] of value.matchAll(/\$\$\.[A-Za-z.]+/g)) if (!CONTEXT.test(path)) refuse(name, path);
  } else if (value !== null && typeof value === "object") {
    for (const [field, inner] of Object.entries(value)) {
      if (!["ItemProcessor", "Branches"].includes(field)) refuseContext(name, inner);
    }
  }
};

/** The longest time a Node.js timer can hold; our own limits end tasks earlier. */
const LONGEST_TIMER_SECONDS = 2_000_000;

/** The definition as the interpreter gets it: waits are tasks, and it never retries or ends a task by itself. */
export const prepareDefinition = (machine: Definition): Definition => {
  const { TimeoutSeconds: _limit, ...rest } = machine;
  const states = Object.entries(machine.States).map(([name, state]) => [name, prepareState(name, state)]);
  return { ...rest, StartAt: machine.StartAt, States: Object.fromEntries(states) as Definition["States"] };
};

const prepareState = (name: string, state: State): State => {
  if (isDistributed(state)) return prepareDistributed(name, state, LONGEST_TIMER_SECONDS);
  if (state.Type === "Task") {
    const { Retry: _retry, ...rest } = state;
    return { ...rest, Type: "Task", TimeoutSeconds: LONGEST_TIMER_SECONDS };
  }
  if (state.Type === "Wait") {
    const { Seconds, Timestamp, SecondsPath, TimestampPath, ...rest } = state;
    const parameters = {
      ...(Seconds === undefined ? {} : { seconds: Seconds }),
      ...(SecondsPath === undefined ? {} : { "seconds.$": SecondsPath }),
      ...(Timestamp === undefined ? {} : { timestamp: Timestamp }),
      ...(TimestampPath === undefined ? {} : { "timestamp.$": TimestampPath }),
    };
    const wait = {
      Resource: WAIT_RESOURCE,
      Parameters: parameters,
      ResultPath: null,
      TimeoutSeconds: LONGEST_TIMER_SECONDS,
    };
    return { ...rest, Type: "Task", ...wait };
  }
  if (state.Type === "Map") return { ...state, ItemProcessor: prepareDefinition(processorOf(state)) };
  if (state.Type === "Parallel")
    return { ...state, Branches: (state["Branches"] as Definition[]).map(prepareDefinition) };
  return state;
};

export const WAIT_RESOURCE = "local:wait";
