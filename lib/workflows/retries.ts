/** How workflows retry, each with its arithmetic. Waits are spread by full jitter: the sums are upper bounds. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: "FULL";
}

/**
 * The service stumbles, or a dependency of ours does after its client's own retries.
 * 2 + 4 + 8 + 16 + 32 + 60 s: about two minutes.
 */
export const SERVICE_HICCUPS: Retrier = {
  ErrorEquals: [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "StoreUnavailable",
    "CatalogUnavailable",
    "RecoveryPointsUnavailable",
  ],
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxAttempts: 6,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/**
 * Fargate has no capacity, a quota is full (20 launches a second) or the call was throttled: nothing ran.
 * 15 + 30 + 60 + 120 + 240 + 4 × 300 s: about 28 minutes, short of the shortest window.
 */
export const LAUNCH_FAILURES: Retrier = {
  ErrorEquals: ["ECS.AmazonECSException", "ECS.ServerException", "ECS.SdkClientException", "AmazonECS.Unknown"],
  IntervalSeconds: 15,
  BackoffRate: 2,
  MaxAttempts: 9,
  MaxDelaySeconds: 300,
  JitterStrategy: "FULL",
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
  JitterStrategy: "FULL",
};

/**
 * For undoing a restore: a target left half restored is the worst that can happen, so a database that is down is
 * waited for. 5 + 10 + … + 640 s (21 minutes), then 92 × 900 s: about 23 hours.
 */
export const UNTIL_TOMORROW: Retrier = {
  ErrorEquals: ["States.ALL"],
  IntervalSeconds: 5,
  BackoffRate: 2,
  MaxAttempts: 100,
  MaxDelaySeconds: 900,
  JitterStrategy: "FULL",
};
