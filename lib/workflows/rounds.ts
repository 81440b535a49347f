/**
 * What an execution waits for in rounds, counted in `$.rounds`, so that its patience and its history of 25,000 events
 * both have an end: an environment's lease, a place among the region's, a task that could not be started, one
 * that has to succeed, a database instance, a restore that only goes forward.
 */
import type { State } from "./asl";

const WAITS = ["lease", "place", "launch", "task", "instance", "forward"] as const;
export type WaitedFor = (typeof WAITS)[number];

interface Pace {
  readonly firstRounds: number;
  readonly firstSeconds: number;
  readonly laterSeconds: number;
}
/** Every minute for half an hour, then every ten minutes. */
const USUAL: Pace = { firstRounds: 30, firstSeconds: 60, laterSeconds: 600 };
/** Until a day is over. */
export const MOST_ROUNDS = USUAL.firstRounds + (23.5 * 3600) / USUAL.laterSeconds;

/** Comes first in every execution that waits. */
export const noRounds = (next: string): State => ({
  Type: "Pass",
  Result: NO_ROUNDS,
  ResultPath: "$.rounds",
  Next: next,
});
export const NO_ROUNDS: Readonly<Record<WaitedFor, number>> = {
  lease: 0,
  place: 0,
  launch: 0,
  task: 0,
  instance: 0,
  forward: 0,
};

interface Waiting {
  /** Of the states: they are called `MayWaitFor…`, `WaitFor…`, `WaitLongerFor…` and so on. */
  readonly name: string;
  readonly waitedFor: WaitedFor;
  /** What is tried again after each round. */
  readonly again: string;
  /** @default every minute for half an hour, then every ten minutes */
  readonly pace?: Pace;
}
interface Patience extends Waiting {
  /** Where an execution goes that has waited for a day, with `$.error`. */
  readonly giveUp: string;
  readonly error: { readonly Error: string; readonly Cause: string };
}

export const atLeast = (waitedFor: WaitedFor, rounds: number, Next: string) => ({
  Variable: `$.rounds.${waitedFor}`,
  NumericGreaterThanEquals: rounds,
  Next,
});

/**
 * Waits for a day at most, from `MayWaitFor…` on. A round is at most 13 events: a task 5, two choices 4, wait 2, pass 2;
 * more where the task is retried.
 */
export const patientStates = ({ giveUp, error, ...waiting }: Patience): Record<string, State> => {
  const { name, waitedFor } = waiting;
  const tooLong = `WaitedTooLongFor${name}`;
  return {
    ...waitingStates(waiting, [atLeast(waitedFor, MOST_ROUNDS, tooLong)]),
    [tooLong]: { Type: "Pass", Result: error, ResultPath: "$.error", Next: giveUp },
  };
};

/** Waits as long as the execution may run. */
export const waitingStates = (
  { name, waitedFor, again, pace = USUAL }: Waiting,
  first: readonly ReturnType<typeof atLeast>[] = [],
): Record<string, State> => ({
  [`MayWaitFor${name}`]: {
    Type: "Choice",
    Choices: [...first, atLeast(waitedFor, pace.firstRounds, `WaitLongerFor${name}`)],
    Default: `WaitFor${name}`,
  },
  [`WaitFor${name}`]: { Type: "Wait", Seconds: pace.firstSeconds, Next: `CountFor${name}` },
  [`WaitLongerFor${name}`]: { Type: "Wait", Seconds: pace.laterSeconds, Next: `CountFor${name}` },
  [`CountFor${name}`]: countRound(waitedFor, again),
});

const countRound = (waitedFor: WaitedFor, next: string): State => ({
  Type: "Pass",
  Parameters: Object.fromEntries(
    WAITS.map((wait) => [`${wait}.$`, wait === waitedFor ? `States.MathAdd($.rounds.${wait}, 1)` : `$.rounds.${wait}`]),
  ),
  ResultPath: "$.rounds",
  Next: next,
});
