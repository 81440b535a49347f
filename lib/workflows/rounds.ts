/**
 * What an execution waits for in rounds, counted in `$.rounds`, so that its patience and its history of 25,000 events
 * both have an end: an environment's lease, a place among the region's, a task that could not be started.
 */
import type { State } from "./asl";

const WAITS = ["lease", "place", "launch"] as const;
export type WaitedFor = (typeof WAITS)[number];

/** Every minute for an hour, then every five minutes until a day is over. */
const FIRST_ROUNDS = 60;
const FIRST_SECONDS = 60;
const LATER_SECONDS = 300;
export const MOST_ROUNDS = FIRST_ROUNDS + (23 * 3600) / LATER_SECONDS;

/** Comes first in every execution that waits. */
export const noRounds = (next: string): State => ({
  Type: "Pass",
  Result: NO_ROUNDS,
  ResultPath: "$.rounds",
  Next: next,
});
export const NO_ROUNDS: Readonly<Record<WaitedFor, number>> = { lease: 0, place: 0, launch: 0 };

interface Patience {
  /** Of the states: they are called `MayWaitFor…`, `WaitFor…`, `WaitLongerFor…` and so on. */
  readonly name: string;
  readonly waitedFor: WaitedFor;
  /** What is tried again after each round. */
  readonly again: string;
  /** Where an execution goes that has waited for a day, with `$.error`. */
  readonly giveUp: string;
  readonly error: { readonly Error: string; readonly Cause: string };
}

/** A round is at most 13 events: a task 5, two choices 4, wait 2, pass 2; more where the task is retried. */
export const patientStates = ({ name, waitedFor, again, giveUp, error }: Patience): Record<string, State> => {
  const atLeast = (rounds: number, Next: string) => ({
    Variable: `$.rounds.${waitedFor}`,
    NumericGreaterThanEquals: rounds,
    Next,
  });
  return {
    [`MayWaitFor${name}`]: {
      Type: "Choice",
      Choices: [atLeast(MOST_ROUNDS, `WaitedTooLongFor${name}`), atLeast(FIRST_ROUNDS, `WaitLongerFor${name}`)],
      Default: `WaitFor${name}`,
    },
    [`WaitFor${name}`]: { Type: "Wait", Seconds: FIRST_SECONDS, Next: `CountFor${name}` },
    [`WaitLongerFor${name}`]: { Type: "Wait", Seconds: LATER_SECONDS, Next: `CountFor${name}` },
    [`CountFor${name}`]: countRound(waitedFor, again),
    [`WaitedTooLongFor${name}`]: { Type: "Pass", Result: error, ResultPath: "$.error", Next: giveUp },
  };
};

export const countRound = (waitedFor: WaitedFor, next: string): State => ({
  Type: "Pass",
  Parameters: Object.fromEntries(
    WAITS.map((wait) => [`${wait}.$`, wait === waitedFor ? `States.MathAdd($.rounds.${wait}, 1)` : `$.rounds.${wait}`]),
  ),
  ResultPath: "$.rounds",
  Next: next,
});
