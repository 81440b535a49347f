/** Backups on a first day: few functions, few tasks, throttled requests, and thousands of shards. */
import { MOST_EVENTS } from "../../local/workflows/history";
import type { StateError } from "../../local/workflows/interpreter";
import { must } from "../support/must";
import { BACKUP_INPUT, backupCalls, failure, playWorkflow, taskFailed, thrown, type Script } from "./play";

const HOUR = 3600;
const fine = backupCalls(3, 2);
/** The same failure until so many hours have passed. */
const until = (hours: number, fail: () => Error, then: unknown): ((now: Date) => unknown) => {
  let first: number | undefined;
  return (now) => {
    first ??= now.getTime();
    if (now.getTime() - first < hours * HOUR * 1000) throw fail();
    return then;
  };
};
const playDump = (task: (now: Date) => unknown) =>
  playWorkflow("backup", BACKUP_INPUT, { call: fine, task: (_command, now) => task(now) });

describe("launches that pass by themselves are waited out", () => {
  const RATE =
    "Error retrieving security group information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)";
  test.each([
    [
      "no vCPU left",
      () =>
        failure(
          "ECS.AmazonECSException",
          "You've reached the limit on the number of vCPUs you can run concurrently (Service: AmazonECS; Status Code: 400; Error Code: ThrottlingException)",
        ),
      15,
    ],
    [
      "no capacity",
      () =>
        failure(
          "ECS.AmazonECSException",
          "Capacity is unavailable at this time. Please try again later or in a different availability zone",
        ),
      2,
    ],
    ["failures in the answer", () => failure("AmazonECS.Unknown", '{"Failures":[{"Reason":"RESOURCE:ENI"}]}'), 2],
    ["ECS's own throttling", () => failure("ECS.ThrottlingException", "Rate exceeded"), 2],
    [
      "the task limit as a mistake of the client's",
      () => failure("ECS.ClientException", "You've reached the limit on the number of tasks you can run concurrently"),
      2,
    ],
    ["EC2's throttling in disguise", () => failure("ECS.InvalidParameterException", RATE), 2],
    [
      "a network interface that comes too late",
      () => taskFailed("TaskFailedToStart", "Timeout waiting for network interface provisioning to complete."),
      2,
    ],
    [
      "a network interface that was throttled",
      () =>
        taskFailed(
          "TaskFailedToStart",
          "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment disabled in subnet 'subnet-1': RequestLimitExceeded",
        ),
      2,
    ],
    [
      "a registry that throttles",
      () => taskFailed("TaskFailedToStart", "CannotPullContainerError: toomanyrequests: Rate exceeded"),
      2,
    ],
  ])("%s", async (_, fail, hours) => {
    const played = await playDump(until(hours, fail, {}));
    expect(played.error).toBeUndefined();
    expect(played.seconds).toBeGreaterThanOrEqual(hours * HOUR);
    expect(played.seconds).toBeLessThan((hours + 0.3) * HOUR);
  });
});

describe("mistakes are told at once", () => {
  test.each([
    [
      "a wrong subnet",
      () =>
        failure(
          "ECS.InvalidParameterException",
          "Error retrieving subnet information for [subnet-1]: The subnet ID 'subnet-1' does not exist (ErrorCode: InvalidSubnetID.NotFound)",
        ),
    ],
    [
      "a wrong security group",
      () =>
        failure(
          "ECS.InvalidParameterException",
          "Error retrieving security group information for [sg-1]: The security group 'sg-1' does not exist (ErrorCode: InvalidGroup.NotFound)",
        ),
    ],
    ["a cluster that is gone", () => failure("ECS.ClusterNotFoundException", "Cluster not found.")],
    [
      "a role that may not",
      () => failure("ECS.AccessDeniedException", "User is not authorized to perform: ecs:RunTask"),
    ],
    ["an image that is gone", () => taskFailed("TaskFailedToStart", "CannotPullContainerError: manifest unknown")],
    [
      "a program that failed, whatever it wrote",
      () => taskFailed("EssentialContainerExited", "Essential container in task exited: Rate exceeded"),
    ],
  ])("%s", async (_, fail) => {
    const failed: unknown[] = [];
    const script: Script = {
      call: (name, payload, now) => {
        if (name === "BackupFail") failed.push(payload["error"]);
        return fine(name, payload, now);
      },
      task: () => {
        throw fail();
      },
    };
    const played = await playWorkflow("backup", BACKUP_INPUT, script);
    expect(played.error?.name).toBe("BackupFailed");
    expect(played.seconds).toBeLessThan(120);
    expect(failed).toEqual([{ Error: fail().name, Cause: fail().message }]);
  });
});

const FULL = "You've reached the limit on the number of vCPUs you can run concurrently";
test.each<[string, () => StateError[]]>([
  ["a quota that stays full", () => [failure("ECS.AmazonECSException", FULL)]],
  ["failures that Step Functions names otherwise", () => [failure("AmazonECS.Unknown", FULL)]],
  [
    "failures of all kinds by turns",
    () => [
      failure("ECS.InvalidParameterException", "Request limit exceeded. (ErrorCode: RequestLimitExceeded)"),
      failure("ECS.ServerException", "Service Unavailable"),
      taskFailed("TaskFailedToStart", "Timeout waiting for network interface provisioning to complete."),
      failure("AmazonECS.Unknown", FULL),
    ],
  ],
])("%s: the attempt fails within the day, with ECS's words", async (_, failures) => {
  let launches = 0;
  const failed: unknown[] = [];
  const played = await playWorkflow("backup", BACKUP_INPUT, {
    call: (name, payload, now) => {
      if (name === "BackupFail") failed.push(payload["error"]);
      return fine(name, payload, now);
    },
    task: () => {
      const turns = failures();
      throw must(turns[launches++ % turns.length]);
    },
  });
  expect(failures().map(({ name, message }) => ({ Error: name, Cause: message }))).toContainEqual(failed[0]);
  expect(failed).toHaveLength(1);
  expect(played.seconds).toBeGreaterThan(19 * HOUR);
  expect(played.seconds).toBeLessThan(22 * HOUR);
});

test.each(["BackupBegin", "BackupPlan", "BackupPack", "BackupSeal"])(
  "%s throttled for two hours is waited out",
  async (throttled) => {
    const answers = until(2, () => failure("Lambda.TooManyRequestsException", "Rate Exceeded."), undefined);
    const played = await playWorkflow("backup", BACKUP_INPUT, {
      call: (name, payload, now) => {
        if (name === throttled) answers(now);
        return fine(name, payload, now);
      },
    });
    expect(played.error).toBeUndefined();
    expect(played.seconds).toBeGreaterThanOrEqual(2 * HOUR);
    expect(played.seconds).toBeLessThan(2.3 * HOUR);
  },
);

test("no more packers run at a time than there are places", async () => {
  let running = 0;
  let most = 0;
  const calls = backupCalls(20, 3);
  const played = await playWorkflow("backup", BACKUP_INPUT, {
    call: async (name, payload, now) => {
      if (name !== "BackupPack") return calls(name, payload, now);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return { outcome: "done" };
    },
  });
  expect(played.error).toBeUndefined();
  expect(most).toBe(3);
});

test("without a place it waits, and goes on once there is one", async () => {
  let asked = 0;
  const played = await playWorkflow("backup", BACKUP_INPUT, {
    call: (name, payload, now) =>
      name === "BackupPlan" && ++asked < 50 ? { outcome: "busy", reason: "Queued." } : fine(name, payload, now),
  });
  expect(played.error).toBeUndefined();
  expect(played.seconds).toBeGreaterThan(3 * HOUR);
  expect(played.entered.filter((state) => state === "WaitLongerForPlace").length).toBe(19);
});

test("without a place for a day it fails and says so", async () => {
  const failed: unknown[] = [];
  const played = await playWorkflow("backup", BACKUP_INPUT, {
    call: (name, payload, now) => {
      if (name === "BackupFail") failed.push(payload["error"]);
      return name === "BackupPlan" ? { outcome: "busy", reason: "Queued." } : fine(name, payload, now);
    },
  });
  expect(failed).toEqual([expect.objectContaining({ Error: "NoPlace" })]);
  expect(Math.round(played.seconds / HOUR)).toBe(24);
});

test("a shard that fails notes its reason, stops the others, and fails the attempt", async () => {
  const notes: unknown[] = [];
  const failed: unknown[] = [];
  const calls = backupCalls(50, 2);
  const played = await playWorkflow("backup", BACKUP_INPUT, {
    call: (name, payload, now) => {
      if (name === "BackupFail") failed.push(payload["error"]);
      if (name === "BackupPack" && payload["error"] !== undefined) notes.push(payload);
      else if (name === "BackupPack" && payload["shard"] === 3)
        throw thrown("FileUnreadable", "The file a can't be read.");
      return calls(name, payload, now);
    },
  });
  expect(notes).toEqual([
    expect.objectContaining({ shard: 3, error: expect.objectContaining({ Error: "FileUnreadable" }) }),
  ]);
  expect(failed).toEqual([expect.objectContaining({ Error: "States.ExceedToleratedFailureThreshold" })]);
  expect(played.entered.filter((state) => state === "PackShard").length).toBeLessThan(10);
});

test("thousands of shards leave the execution's own history short", async () => {
  const played = await playWorkflow("backup", BACKUP_INPUT, { call: backupCalls(3_000, 20) });
  expect(played.error).toBeUndefined();
  expect(played.entered.filter((state) => state === "PackShard").length).toBe(3_000);
  expect(played.events).toBeLessThan(100);
  expect(MOST_EVENTS).toBe(25_000);
}, 60_000);
