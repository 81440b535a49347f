/**
 * Which failures to start the database task pass by themselves: the workflows wait for these, for 20 hours, and for no
 * others, and what users are told says the same. Pure data.
 *
 * What ECS said of a launch. Fargate has no capacity, a quota is full (6 vCPU in a new account are three tasks; 20
 * launches a second) or the call was throttled: nothing ran. Step Functions calls most of them `ECS.AmazonECSException`,
 * which is why they can't be told apart (repost.aws/knowledge-center/ecs-fargate-runtask-capacity), and what was answered
 * with failures `AmazonECS.Unknown` (docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html).
 */
export const PASSING_LAUNCH_FAILURES = [
  "ECS.AmazonECSException",
  "ECS.ServerException",
  "ECS.SdkClientException",
  "ECS.ThrottlingException",
  "ECS.LimitExceededException",
  "AmazonECS.Unknown",
] as const;
/** What may be EC2's throttling as well as a mistake of ours: only the cause tells. */
export const DOUBTFUL_LAUNCH_FAILURES = ["ECS.InvalidParameterException", "ECS.ClientException"] as const;
/** A task that ended before it ran. */
export const NEVER_RAN = "TaskFailedToStart";

/**
 * Parts of the causes of requests that may go through later, in ECS's own letters. Sources: "Amazon ECS API failure
 * reasons" and "Stopped tasks error messages" (docs.aws.amazon.com/AmazonECS/latest/developerguide,
 * api_failures_messages.html and stopped-task-error-codes.html); EC2's `RequestLimitExceeded` inside
 * InvalidParameterException: github.com/cdklabs/construct-hub/pull/415 and github.com/dask/dask-cloudprovider/issues/56.
 */
export const PASSING_CAUSES = [
  "RequestLimitExceeded",
  "Request limit exceeded",
  "Rate exceeded",
  "ThrottlingException",
  "Throttling",
  "reached the limit",
  "Capacity is unavailable",
] as const;
/** What kept a task from starting, besides. */
export const PASSING_STARTS = [
  ...PASSING_CAUSES,
  "Timeout waiting for network interface provisioning",
  "Timeout waiting for EphemeralStorage provisioning",
  "InsufficientFreeAddressesInSubnet",
  "toomanyrequests",
] as const;

/** As the workflows decide it (`lib/workflows/database-task.ts`). */
export const isWaitedFor = (name: string, cause: string): boolean => {
  const isOneOf = (names: readonly string[]): boolean => names.includes(name);
  const says = (parts: readonly string[]): boolean => parts.some((part) => cause.includes(part));
  return (
    isOneOf(PASSING_LAUNCH_FAILURES) ||
    (isOneOf(DOUBTFUL_LAUNCH_FAILURES) && says(PASSING_CAUSES)) ||
    (name === "States.TaskFailed" && says([NEVER_RAN]) && says(PASSING_STARTS))
  );
};
