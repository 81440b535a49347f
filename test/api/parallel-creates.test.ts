/**
 * A hundred backups of one environment asked for at once: one runs, the others are queued and run in turn, none is
 * lost. The workflow's steps are the real ones; time is simulated, and passes when everybody waits.
 */
import { backupExecutionName, type BackupRequest } from "../../lambda/backup/contract";
import { executionArn } from "../backup/environment-fixture";
import { playExecution } from "../backup/night";
import { PRODUCTION } from "../support/api-world";
import { environmentPath, startApi, type ApiUnderTest } from "./api-client";

const MANY = 100;
const BACKUP_MS = 50_000;
const ROUND_MS = 60_000;
const LIST = `${environmentPath(PRODUCTION)}/snapshots`;

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** Whoever sleeps is woken in order of time, once all others sleep too. */
class SimulatedTime {
  private readonly sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  private awake: number;
  constructor(
    private readonly clock: { now(): Date; set(time: Date): void },
    count: number,
  ) {
    this.awake = count;
  }
  sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => {
      this.sleepers.push({ until: this.clock.now().getTime() + milliseconds, wake });
      this.rest();
    });
  }
  /** Also at somebody's end. */
  rest(): void {
    this.awake--;
    if (this.awake > 0) return;
    const next = this.sleepers.toSorted((a, b) => a.until - b.until)[0];
    if (next === undefined) return;
    this.sleepers.splice(this.sleepers.indexOf(next), 1);
    this.awake++;
    if (next.until > this.clock.now().getTime()) this.clock.set(new Date(next.until));
    next.wake();
  }
}

test("one runs, the others are queued and run in turn, none lost", async () => {
  const answers = await Promise.all(
    Array.from({ length: MANY }, (_, number) =>
      api.send("operator", "POST", LIST, { body: { comment: `parallel ${number}` } }),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ json }) => json.state))).toEqual(new Set(["queued"]));
  const ids = answers.map(({ json }) => json.snapshot_id as string);
  expect(new Set(ids).size).toBe(MANY);
  const { started } = api.fakes.workflows;
  expect(new Set(started.map(({ name }) => name)).size).toBe(MANY);

  const time = new SimulatedTime(api.fakes.clock, MANY);
  const countRunning = async (): Promise<number> => {
    const { items } = await api.fakes.catalog.listSnapshots(PRODUCTION);
    return items.filter(({ snapshotId, state }) => ids.includes(snapshotId) && state === "running").length;
  };
  let running = 0;
  let most = 0;
  const execute = async (request: BackupRequest): Promise<string> => {
    for (;;) {
      const played = await playExecution(api.fakes, request, {
        listed: [],
        before: async (step) => {
          if (step !== "dump") return;
          most = Math.max(most, ++running);
          expect(await countRunning()).toBe(1);
          await time.sleep(BACKUP_MS);
          running--;
        },
      });
      if (played.outcome !== "busy") return played.outcome;
      // As Step Functions has it: the execution has not ended, and holds nothing.
      api.fakes.workflows.ended.delete(executionArn(backupExecutionName(request)));
      await time.sleep(ROUND_MS);
    }
  };
  const outcomes = await Promise.all(
    started.map(async ({ input }) => {
      const outcome = await execute((input as { request: BackupRequest }).request);
      time.rest();
      return outcome;
    }),
  );
  expect(outcomes).toEqual(ids.map(() => "sealed"));
  expect(most).toBe(1);

  const { json } = await api.send("reader", "GET", `${LIST}?limit=1000`);
  const mine = json.snapshots.filter(({ snapshot_id: id }: { snapshot_id: string }) => ids.includes(id));
  expect(mine).toHaveLength(MANY);
  expect(new Set(mine.map(({ state }: { state: string }) => state))).toEqual(new Set(["completed"]));
  expect(new Set(mine.map(({ comment }: { comment: string }) => comment)).size).toBe(MANY);
});
