/** How workflows retry, each with its arithmetic. Where waits are spread by full jitter the sums are upper bounds, twice what is expected. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: "FULL" | "NONE";
}

/**
 * The service stumbles, or a dependency of ours does after its client's own retries.
 * 5 + 25 + 60 s: a minute and a half.
 */
export const SERVICE_HICCUPS: Retrier = {
  ErrorEquals: [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "StoreUnavailable",
    "CatalogUnavailable",
    "RecoveryPointsUnavailable",
  ],
  IntervalSeconds: 5,
  BackoffRate: 5,
  MaxAttempts: 3,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/**
 * All functions that the account may run at a time are running, and nothing of ours has begun: waited out, because a
 * night that is late is better than one that fails. 60 + 180 + 143 × 300 s: twelve hours. Without
 * jitter, so that the time says how many there are; slots and places spread the calls.
 */
export const THROTTLED: Retrier = {
  ErrorEquals: ["Lambda.TooManyRequestsException"],
  IntervalSeconds: 60,
  BackoffRate: 3,
  MaxAttempts: 145,
  MaxDelaySeconds: 300,
  JitterStrategy: "NONE",
};

/**
 * For steps after which there is only forward, and for recording failures: whatever went wrong, again.
 * 5 + 10 + 20 + 40 + 80 + 160 + 9 × 300 s: about 50 minutes.
 */
export const PERSISTENT: Retrier = {
  ErrorEquals: ["States.ALL"],
  IntervalSeconds: 5,
  BackoffRate: 2,
  MaxAttempts: 15,
  MaxDelaySeconds: 300,
  JitterStrategy: "NONE",
};

/**
 * For undoing a restore: a target left half restored is the worst that can happen, so a database that is down is
 * waited for. 30 + 90 + 270 + 810 + 91 × 900 s: 23 hours.
 */
export const UNTIL_TOMORROW: Retrier = {
  ErrorEquals: ["States.ALL"],
  IntervalSeconds: 30,
  BackoffRate: 3,
  MaxAttempts: 95,
  MaxDelaySeconds: 900,
  JitterStrategy: "NONE",
};
