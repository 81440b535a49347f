import type { Lease } from "../../lambda/catalog/items";
import { takeLease, type LeaseOutcome, type LeaseWish } from "../../lambda/runtime/lease";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";

const wish = (executionArn: string, change: Partial<LeaseWish> = {}): LeaseWish => ({
  environmentId: "e",
  executionArn,
  purpose: "backup",
  ...change,
});
const held = (outcome: LeaseOutcome): Lease => {
  if (outcome.outcome !== "held") throw new Error(`busy by ${outcome.by.executionArn}`);
  return outcome.lease;
};

const TASK_SINCE = "2026-12-05T00:30:00Z";

/** Whether a take-over crashes at the n-th request; afterwards the same execution gets its lease all the same. */
const crashesAt = async (hook: "onRequest" | "onReply", position: number): Promise<boolean> => {
  const c = fakeCollaborators();
  held(await takeLease(c, wish("x")));
  c.workflows.ended.add("x");
  let seen = 0;
  c.table[hook] = () => {
    if (++seen === position) throw new Error("crash");
  };
  const crashed = await takeLease(c, wish("y")).then(
    () => false,
    () => true,
  );
  c.table[hook] = undefined;
  const lease = held(await takeLease(c, wish("y")));
  expect(await c.catalog.getLease("e")).toEqual(lease);
  return crashed;
};

describe("takeLease", () => {
  let c: FakeCollaborators;
  beforeEach(() => {
    c = fakeCollaborators();
  });

  test("a free lease is taken, with a token nobody can guess", async () => {
    const lease = held(await takeLease(c, wish("x")));
    expect(lease).toEqual({
      environmentId: "e",
      executionArn: "x",
      purpose: "backup",
      token: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      takenAt: "2026-12-05T00:00:00Z",
      taskArn: null,
    });
    expect(await c.catalog.getLease("e")).toEqual(lease);
    expect(held(await takeLease(c, wish("x", { environmentId: "other" }))).token).not.toBe(lease.token);
  });
  test("taking it again gives the same lease, with the task that has recorded itself", async () => {
    const first = held(await takeLease(c, wish("x")));
    await c.catalog.recordLeaseTask("e", first.token, "task", TASK_SINCE);
    expect(held(await takeLease(c, wish("x")))).toEqual({ ...first, taskArn: "task", taskSince: TASK_SINCE });
  });
  test("another's lease is respected while its execution runs", async () => {
    const first = held(await takeLease(c, wish("x")));
    expect(await takeLease(c, wish("y", { purpose: "restore" }))).toEqual({ outcome: "busy", by: first });
    expect(await c.catalog.getLease("e")).toEqual(first);
  });
  test.each<[string, boolean, string | null, boolean, boolean]>([
    ["execution and task run", false, "task", false, false],
    ["the execution runs, its task has stopped", false, "task", true, false],
    ["the execution has ended, its task runs on", true, "task", false, false],
    ["both have ended", true, "task", true, true],
    ["the execution has ended and had no task", true, null, false, true],
  ])("taken over only if provably ended: %s", async (_name, ended, taskArn, stopped, takenOver) => {
    const first = held(await takeLease(c, wish("x")));
    if (taskArn !== null) await c.catalog.recordLeaseTask("e", first.token, taskArn, TASK_SINCE);
    if (ended) c.workflows.ended.add("x");
    if (stopped) c.tasks.stopped.add("task");
    const outcome = await takeLease(c, wish("y"));
    expect(outcome.outcome).toBe(takenOver ? "held" : "busy");
    expect((await c.catalog.getLease("e"))?.executionArn).toBe(takenOver ? "y" : "x");
    // The one it was taken from can commit nothing any more.
    expect(await c.catalog.holdsLease("e", first.token)).toBe(!takenOver);
  });
  test.each<[string, "execution" | "task", number, boolean]>([
    ["an execution that was started a moment ago", "execution", 5, false],
    ["an execution after a minute", "execution", 60, false],
    ["an execution just below ten minutes", "execution", 599, false],
    ["an execution after ten minutes", "execution", 600, true],
    ["an execution that ended 90 days ago", "execution", 90 * 86_400, true],
    ["a task that recorded itself a moment ago, long after the lease was taken", "task", 1805, false],
    ["a task just below ten minutes", "task", 1800 + 599, false],
    ["a task after ten minutes", "task", 1800 + 600, true],
  ])("what is not found has not ended while it is young: %s", async (_name, what, seconds, takenOver) => {
    const first = held(await takeLease(c, wish("x")));
    if (what === "task") await c.catalog.recordLeaseTask("e", first.token, "task", TASK_SINCE);
    (what === "task" ? c.tasks : c.workflows).unfound.add(what === "task" ? "task" : "x");
    if (what === "task") c.workflows.ended.add("x");
    c.clock.advance(seconds * 1000);
    expect((await takeLease(c, wish("y"))).outcome).toBe(takenOver ? "held" : "busy");
    expect(await c.catalog.holdsLease("e", first.token)).toBe(!takenOver);
  });
  test("a task of a lease of before its time was kept counts from the lease", async () => {
    const lease = { ...held(await takeLease(c, wish("x"))), taskArn: "task" };
    await c.catalog.takeOverLease({ ...lease, taskArn: null }, lease);
    c.workflows.ended.add("x");
    c.tasks.unfound.add("task");
    c.clock.advance(599_000);
    expect((await takeLease(c, wish("y"))).outcome).toBe("busy");
    c.clock.advance(1000);
    expect((await takeLease(c, wish("y"))).outcome).toBe("held");
  });
  test("a task that records itself at the last moment is not overlooked", async () => {
    const first = held(await takeLease(c, wish("x")));
    c.workflows.ended.add("x");
    let recorded = false;
    c.table.onRequest = async (operation) => {
      if (operation !== "put" || recorded || c.table.requests.filter((one) => one.operation === "put").length < 3)
        return;
      recorded = true;
      await c.catalog.recordLeaseTask("e", first.token, "task", TASK_SINCE);
    };
    expect(await takeLease(c, wish("y"))).toEqual({
      outcome: "busy",
      by: { ...first, taskArn: "task", taskSince: TASK_SINCE },
    });
    expect(recorded).toBe(true);
  });
  test("two who find the same ended lease: one takes it, the other waits", async () => {
    held(await takeLease(c, wish("x")));
    c.workflows.ended.add("x");
    const outcomes = await Promise.all([takeLease(c, wish("y")), takeLease(c, wish("z"))]);
    expect(outcomes.map((one) => one.outcome).toSorted()).toEqual(["busy", "held"]);
    const winner = outcomes.find((one) => one.outcome === "held");
    expect(await c.catalog.getLease("e")).toEqual(winner?.outcome === "held" ? winner.lease : undefined);
  });
  test("it may become free, or change hands, while we look", async () => {
    const first = held(await takeLease(c, wish("x")));
    let done = false;
    c.table.onRequest = async (operation) => {
      if (operation !== "get" || done) return;
      done = true;
      await c.catalog.releaseLease("e", first.token);
    };
    expect(held(await takeLease(c, wish("y"))).executionArn).toBe("y");
    expect(done).toBe(true);
  });
  test("a crash at any request, before or after its effect, leaves a lease that the same execution gets again", async () => {
    for (const hook of ["onRequest", "onReply"] as const) {
      const crashes: boolean[] = [];
      for (let position = 1; position <= 4; position++) crashes.push(await crashesAt(hook, position));
      // A refused put has no reply to lose: its three requests give two replies.
      expect(crashes).toEqual(hook === "onRequest" ? [true, true, true, false] : [true, true, false, false]);
    }
  });
});
