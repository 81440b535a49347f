/** Tasks that have to succeed, such as undoing a restore, are tried again for as long as they say, whatever fails. */
import { StateError } from "../../local/workflows/interpreter";
import { must } from "../support/must";
import { failure, NETWORK, playWorkflow, taskFailed, type Played, type Script } from "./play";

const HOUR = 3600;
const FULL = failure(
  "ECS.AmazonECSException",
  "You've reached the limit on the number of vCPUs you can run concurrently",
);
const PROGRAM = taskFailed("EssentialContainerExited", "Essential container in task exited");
const LATE = taskFailed("TaskFailedToStart", "Timeout waiting for network interface provisioning to complete.");
const GONE = taskFailed("TaskFailedToStart", "CannotPullContainerError: manifest unknown");
const FORBIDDEN = failure("ECS.AccessDeniedException", "User is not authorized to perform: ecs:RunTask");
const SLOW = new StateError("States.Timeout", "");

/** A restore or drill whose functions find nothing in the way. */
const calls =
  (begun: object): Script["call"] =>
  (_name, { step }) => {
    if (step === "begin") return { outcome: "begun", network: NETWORK, resumed: false, databaseOnly: true, ...begun };
    if (step === "plan") return { outcome: "go" };
    if (step === "fail") return { outcome: "failed", message: "It failed." };
    return { outcome: "done", message: "" };
  };
/** `verbs`: tasks that fail, each with its failures in turn, for good. */
const playFailing = async (
  workflow: "restore" | "drill",
  begun: object,
  verbs: Readonly<Record<string, readonly StateError[]>>,
): Promise<Played & { readonly tries: ReadonlyMap<string, number> }> => {
  const tries = new Map<string, number>();
  const played = await playWorkflow(
    workflow,
    { restoreId: "r" },
    {
      call: calls(begun),
      task: ([verb = ""]) => {
        const failures = verbs[verb];
        if (failures === undefined) return {};
        const tried = tries.get(verb) ?? 0;
        tries.set(verb, tried + 1);
        throw must(failures[tried % failures.length]);
      },
    },
  );
  return { ...played, tries };
};

const DUMP = { recoveryPoint: false };
const POINT = { recoveryPoint: true };
const tasks = [
  ["Undo", "restore", DUMP, "undo", { restore: [PROGRAM] }, "FailRestore", 20],
  ["Swap", "restore", DUMP, "swap", {}, "Undo", 50 / 60],
  ["ProveInstance", "restore", POINT, "prove", {}, "UndoInstance", 2.5 / 60],
  ["SettleInstance", "restore", POINT, "settle", {}, "FailRestore", 20],
  [
    "ClearDatabase",
    "drill",
    { environmentId: "e", drillId: "d" },
    "drill-clear",
    { drill: [PROGRAM] },
    "ClearFiles",
    50 / 60,
  ],
] as const;
const kinds = [
  ["its program", [PROGRAM], 0],
  ["its time", [SLOW], 0],
  ["an image that is gone", [GONE], 0],
  ["a right that is missing", [FORBIDDEN], 0],
  ["launches that pass later", [LATE], 20],
  ["full quotas", [FULL], 20],
  ["program and quota by turns", [PROGRAM, FULL], 20],
  ["all by turns", [LATE, PROGRAM, FULL, SLOW, GONE], 20],
] as const;

describe.each(tasks)("%s", (_state, workflow, begun, verb, others, next, hours) => {
  /** What launches are waited for comes on top at most: they are counted by themselves. */
  test.each(kinds)("fails with %s: tried for so long, and then given up", async (_, failures, launchHours) => {
    const played = await playFailing(workflow, begun, { ...others, [verb]: failures });
    expect(played.error?.name).not.toBe("States.Timeout");
    expect(played.entered).toContain(next);
    expect(played.tries.get(verb)).toBeGreaterThan(5);
    expect(played.seconds).toBeGreaterThan((hours - 0.1) * HOUR);
    expect(played.seconds).toBeLessThan((hours + launchHours + 0.5) * HOUR);
    expect(played.events).toBeLessThan(10_000);
  });
});

test("a restore that waited for its launch in vain is undone as patiently as any other", async () => {
  const played = await playFailing("restore", DUMP, { restore: [FULL], undo: [FULL] });
  expect(played.seconds).toBeGreaterThan(39 * HOUR);
  expect(played.seconds).toBeLessThan(42 * HOUR);
});
