/** A task's Retry rules, as Step Functions applies them; delays pass on the simulated clock. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: string;
}

/** Errors that no wildcard matches. */
export const UNCATCHABLE = ["States.DataLimitExceeded", "States.Runtime"];

export const errorMatches = (pattern: string, name: string): boolean => {
  if (pattern === name) return true;
  if (UNCATCHABLE.includes(name)) return false;
  return pattern === "States.ALL" || (pattern === "States.TaskFailed" && name !== "States.Timeout");
};

/**
 * Seconds to wait before the next try, or undefined when there is none. Counts the try in `tries`. Full jitter takes a
 * share of the delay; `random` gives it, from 0 to 1.
 */
export const nextTry = (
  retriers: readonly Retrier[],
  tries: number[],
  errorName: string,
  random: () => number,
): number | undefined => {
  const index = retriers.findIndex((retrier) =>
    retrier.ErrorEquals.some((pattern) => errorMatches(pattern, errorName)),
  );
  const retrier = retriers[index];
  if (retrier === undefined) return undefined;
  const tried = tries[index] ?? 0;
  if (tried >= (retrier.MaxAttempts ?? 3)) return undefined;
  tries[index] = tried + 1;
  const delay = delayOf(retrier, tried);
  return retrier.JitterStrategy === "FULL" ? delay * random() : delay;
};

/** Seconds after so many tries before; with full jitter, at most. */
export const delayOf = (retrier: Retrier, tried: number): number =>
  Math.min((retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** tried, retrier.MaxDelaySeconds ?? Infinity);
