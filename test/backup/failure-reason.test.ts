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
      "a full quota, which ECS answers as a failure",
      {
        Error: "AmazonECS.Unknown",
        Cause:
          '{"Failures":[{"Arn":"arn","Reason":"You\u2019ve reached the limit on the number of vCPUs you can run concurrently"}],"Tasks":[]}',
      },
      null,
      "The database task could not be started: the account's quota of Fargate vCPUs in this region was used up; ask for a higher one in Service Quotas.",
    ],
    [
      "no capacity",
      {
        Error: "ECS.AmazonECSException",
        Cause:
          "Capacity is unavailable at this time. Please try again later or in a different availability zone (Service: AmazonECS; Status Code: 400)",
      },
      null,
      "The database task could not be started: Fargate had no capacity in the environment's subnets; try again later, or register subnets in more Availability Zones.",
    ],
    [
      "EC2's throttling, which ECS calls an invalid parameter",
      {
        Error: "ECS.InvalidParameterException",
        Cause:
          "Error retrieving security group information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded) (Service: AmazonECS)",
      },
      null,
      "The database task could not be started: AWS throttled the calls that start tasks; try again later, and look for what else in this account and region makes so many.",
    ],
    [
      "an ECS that does not answer",
      { Error: "ECS.ServerException", Cause: "" },
      null,
      "The database task could not be started: Amazon ECS did not answer; try again later.",
    ],
    [
      "a launch that is refused for good, after an older failure of the task",
      { Error: "ECS.InvalidParameterException", Cause: "The subnet ID 'subnet-1' does not exist" },
      left,
      "The database task could not be started: The subnet ID 'subnet-1' does not exist.",
    ],
    [
      "a launch that failed without a word",
      { Error: "AmazonECS.Unknown", Cause: "{}" },
      null,
      "The database task could not be started: AmazonECS.Unknown; see the execution's history.",
    ],
    [
      "a function that was throttled to the end",
      { Error: "Lambda.TooManyRequestsException", Cause: "Rate Exceeded. (Service: AWSLambda; Status Code: 429)" },
      null,
      "A function could not be called: the account's quota of concurrent functions in this region was used up; ask for a higher one in Service Quotas.",
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
