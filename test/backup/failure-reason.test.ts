import { failureReason } from "../../lambda/backup/failure-reason";

const left = {
  name: "DatabaseUnreachable",
  message: "The database db.example:5432 does not answer; check its security group.",
};

describe("Rule 5: the reason of a failure is one sentence", () => {
  test.each([
    [
      "a function's own failure",
      {
        Error: "TooManyFilesMissing",
        Cause: '{"errorType":"TooManyFilesMissing","errorMessage":"12 of 20 files are missing.","trace":["at x"]}',
      },
      null,
      "12 of 20 files are missing.",
    ],
    [
      "a task that left a sentence",
      { Error: "States.TaskFailed", Cause: '{"StoppedReason":"Essential container in task exited"}' },
      left,
      left.message,
    ],
    [
      "a function's failure after an older one of the task",
      { Error: "LeaseLost", Cause: '{"errorMessage":"The lease is lost"}' },
      left,
      "The lease is lost.",
    ],
    [
      "a task that left nothing",
      {
        Error: "States.TaskFailed",
        Cause: '{"StoppedReason":"CannotPullContainerError","Containers":[{"Reason":"pull timed out"}]}',
      },
      null,
      "The database task did not end well: CannotPullContainerError: pull timed out.",
    ],
    [
      "a task killed without a word",
      { Error: "States.TaskFailed", Cause: "{}" },
      null,
      "The database task ended without saying why; see its log.",
    ],
    [
      "a launch that is refused for good, after an older failure of the task",
      { Error: "ECS.InvalidParameterException", Cause: "The subnet ID 'subnet-1' does not exist" },
      left,
      "The database task could not be started: The subnet ID 'subnet-1' does not exist.",
    ],
    ["a plain cause", { Error: "Boom", Cause: "first line\n   second line" }, null, "first line second line."],
    [
      "a time-out",
      { Error: "States.Timeout" },
      null,
      "A step of the backup took longer than it may; see its execution's history.",
    ],
    ["nothing at all", {}, undefined, "The backup's workflow failed; see its execution's history."],
  ] as const)("%s", (_, error, failure, message) => {
    expect(failureReason(error, failure)).toEqual({ message, retryable: true });
  });

  test.each([
    [
      "a function that was throttled to the end",
      "Lambda.TooManyRequestsException",
      "Rate Exceeded. (Service: AWSLambda; Status Code: 429)",
      /^For twelve hours a function could not be called: .* quota of concurrent functions .* Service Quotas/,
    ],
    [
      "a full quota",
      "ECS.AmazonECSException",
      "You've reached the limit on the number of vCPUs you can run concurrently",
      /^For 20 hours .* quota of Fargate vCPUs .* Service Quotas\.$/,
    ],
    [
      "a full quota, which ECS answers as a failure",
      "AmazonECS.Unknown",
      '{"Failures":[{"Arn":"arn","Reason":"You\u2019ve reached the limit on the number of vCPUs you can run concurrently"}],"Tasks":[]}',
      /^For 20 hours .* quota of Fargate vCPUs .* Service Quotas\.$/,
    ],
    [
      "no capacity",
      "ECS.AmazonECSException",
      "Capacity is unavailable at this time. Please try again later or in a different availability zone (Service: AmazonECS)",
      /^For 20 hours .*: Fargate had no capacity in the environment's subnets; .* Availability Zones\.$/,
    ],
    [
      "EC2's throttling, which ECS calls an invalid parameter",
      "ECS.InvalidParameterException",
      "Error retrieving security group information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)",
      /^For 20 hours .*: AWS throttled the calls that start tasks; .*\.$/,
    ],
    ["an ECS that does not answer", "ECS.ServerException", "", /^For 20 hours .*: Amazon ECS did not answer; .*\.$/],
    [
      "a network interface that never came",
      "States.TaskFailed",
      '{"StopCode":"TaskFailedToStart","StoppedReason":"Timeout waiting for network interface provisioning to complete."}',
      /^For 20 hours .* network interface .* in time; .*\.$/,
    ],
    [
      "an exception of ECS's that nobody knows",
      "ECS.AmazonECSException",
      "Something new (Service: AmazonECS)",
      /^For 20 hours the database task could not be started: Something new \(Service: AmazonECS\)\.$/,
    ],
    [
      "a client's own trouble with the network",
      "ECS.SdkClientException",
      "Unable to execute HTTP request: Read timed out",
      /^For 20 hours .*: Unable to execute HTTP request: Read timed out\.$/,
    ],
    [
      "a launch that failed without a word",
      "AmazonECS.Unknown",
      "",
      /^For 20 hours .*: AmazonECS\.Unknown; see the execution's history\.$/,
    ],
    [
      "failures without a known reason",
      "AmazonECS.Unknown",
      '{"Failures":[{"Arn":"arn","Reason":"ATTRIBUTE"}],"Tasks":[]}',
      /^For 20 hours .*: ATTRIBUTE\.$/,
    ],
  ])("what was waited out is not tried again, and says what to do: %s", (_, name, cause, message) => {
    const reason = failureReason({ Error: name, Cause: cause }, null);
    expect(reason).toEqual({ message: expect.stringMatching(message), retryable: false });
  });
  test.each([
    [
      "an image's registry that is away",
      "States.TaskFailed",
      '{"StopCode":"TaskFailedToStart","StoppedReason":"CannotPullContainerError: 503 Service Unavailable"}',
    ],
    [
      "secrets that took too long",
      "States.TaskFailed",
      '{"StopCode":"TaskFailedToStart","StoppedReason":"ResourceInitializationError: Timeout waiting for secrets"}',
    ],
    ["a mistake of ours that speaks of throttling", "ECS.InvalidParameterException", "No such option: throttle"],
    ["a cluster's limit", "ECS.ClientException", "The limit on the number of revisions is 1,000,000"],
    [
      "an exhausted rate in other letters",
      "States.TaskFailed",
      '{"StopCode":"TaskFailedToStart","StoppedReason":"CannotPullContainerError: request was throttled"}',
    ],
  ])("what the workflow does not wait for was not waited for, and is tried again: %s", (_, name, cause) => {
    const { message, retryable } = failureReason({ Error: name, Cause: cause }, null);
    expect(message).toMatch(/^The database task could not be started: .*\.$/);
    expect(retryable).toBe(true);
  });
  test("a shard's reason comes by way of the attempt", () => {
    const name = "ECS.AmazonECSException";
    const reason = failureReason({ Error: name, Cause: "Rate exceeded" }, null);
    const map = { Error: "States.ExceedToleratedFailureThreshold", Cause: "The specified threshold was exceeded" };
    expect(failureReason(map, { name, message: reason.message })).toEqual(reason);
  });
  test("no place for a day is not tried again either", () => {
    expect(failureReason({ Error: "NoPlace", Cause: "All places are taken." }, null).retryable).toBe(false);
  });

  test("its length is bounded", () => {
    const { message } = failureReason({ Error: "Boom", Cause: "x".repeat(10_000) }, null);
    expect(message).toHaveLength(600);
  });

  test("trying again can't help only where nobody could begin", () => {
    expect(failureReason({ Error: "States.TaskFailed" }, left).retryable).toBe(true);
    expect(
      failureReason({ Error: "EnvironmentBusy", Cause: "Another operation has been running for a day." }, null)
        .retryable,
    ).toBe(false);
    expect(
      failureReason(
        { Error: "EnvironmentNotFound", Cause: '{"errorType":"EnvironmentNotFound","errorMessage":"Not registered."}' },
        null,
      ).retryable,
    ).toBe(false);
  });
});
