/** A restore's percent: what people see while they wait goes forward, about as fast everywhere, and ends at its end. */
import type { RestoreItem, RestorePlan } from "../../lambda/catalog/items";
import { estimatedSeconds } from "../../lambda/restore/estimate";
import { restoreProgress, type RestoreStep } from "../../lambda/restore/progress";
import { seededRandomness } from "../support/collaborators";
import { must } from "../support/must";

const START = Date.parse("2026-12-06T00:00:00Z");
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const GIB = 1024 ** 3;

interface Work {
  readonly dumpSize: number;
  readonly filesToPut: number;
  readonly bytesToPut: number;
  readonly filesToRemove: number;
  readonly filesPresent: number;
  readonly databaseOnly?: boolean;
}
const planOf = (work: Work): RestorePlan => ({
  at: at(0),
  refusals: [],
  warnings: [],
  ...(work.databaseOnly === true ? { filesToPut: 0, bytesToPut: 0, filesPresent: 0 } : work),
  estimatedSeconds: estimatedSeconds(
    work.databaseOnly === true ? { dumpSize: work.dumpSize, filesToPut: 0, bytesToPut: 0 } : work,
  ),
});
const files = { part: 0, after: null, batches: 0, put: 0, kept: 0, done: false };
const database = {
  oldOid: 1,
  newName: "beside",
  newOid: 2,
  restored: false,
  oldList: [],
  swappedAt: null,
  removed: 0,
  oldDropped: false,
};

/** What the item holds, and when it is looked at, moment by moment; the seconds of the plan's estimate are what it takes. */
function* moments(work: Work): Generator<{ readonly item: Partial<RestoreItem>; readonly now: number }> {
  const plan = planOf(work);
  const removal = { segments: [], count: work.filesToRemove, done: true };
  let now = 0;
  const common = { state: "running", plan: null, files, database: null, removal: null } as const;
  yield { item: { ...common, state: "queued", phase: "queued" }, now };
  yield { item: { ...common, phase: "preflight" }, now: (now += 40) };
  yield { item: { ...common, phase: "plan" }, now: (now += 40) };
  const all = work.databaseOnly === true ? 0 : work.filesToPut;
  const filesSeconds = Math.max(all / 300, work.bytesToPut / (60 * 1024 ** 2));
  for (let share = all > 0 ? 0 : 1; share < 1; share += 0.1) {
    const put = Math.floor(all * share);
    const kept = Math.floor(work.filesPresent * share);
    yield {
      item: { ...common, phase: "files", plan, files: { ...files, put, kept } },
      now: now + filesSeconds * share,
    };
  }
  now += filesSeconds;
  const done = { ...files, put: all, kept: work.filesPresent, done: true };
  const since = now;
  const fillSeconds = work.dumpSize / (15 * 1024 ** 2);
  for (let share = 0; share < 1.5; share += 0.05)
    yield {
      item: { ...common, phase: "files", plan, files: done, database, updatedAt: at(since) },
      now: since + fillSeconds * share,
    };
  now = since + fillSeconds * 1.5;
  const filled = { ...database, restored: true };
  yield { item: { ...common, phase: "plan-removal", plan, files: done, database: filled, updatedAt: at(now) }, now };
  yield { item: { ...common, phase: "swap", plan, files: done, database: filled, removal, updatedAt: at(now) }, now };
  for (let share = 0; share <= 1; share += 0.25) {
    const removed = Math.floor(work.filesToRemove * share);
    const swapped = { ...filled, swappedAt: at(now), removed };
    yield { item: { ...common, phase: "swap", plan, files: done, database: swapped, removal }, now: now++ };
  }
  yield { item: { ...common, state: "completed", phase: "done", plan, files: done }, now };
}

const progressAt = ({ item, now }: { readonly item: Partial<RestoreItem>; readonly now: number }, work: Work) =>
  restoreProgress(
    { updatedAt: at(0), databaseOnly: work.databaseOnly === true, ...item } as RestoreItem,
    new Date(START + now * 1000),
  );
const played = (work: Work) => [...moments(work)].map((moment) => progressAt(moment, work));

/** Percents as they come, their last taken off, and whether they only go forward. */
const percentsOf = (
  work: Work,
): { readonly before: readonly number[]; readonly last: number; readonly goForward: boolean } => {
  const percents = played(work).map(({ percent }) => must(percent));
  const goForward = percents.every((percent, index) => index === 0 || percent >= must(percents[index - 1]));
  return { before: percents.slice(0, -1), last: must(percents.at(-1)), goForward };
};
const expectForward = (work: Work): void => {
  const { before, last, goForward } = percentsOf(work);
  expect(goForward).toBe(true);
  expect(Math.max(...before)).toBeLessThanOrEqual(99);
  expect(last).toBe(100);
};

const kinds: Record<string, Work> = {
  "files and database alike": {
    dumpSize: 10 * GIB,
    filesToPut: 200_000,
    bytesToPut: 30 * GIB,
    filesToRemove: 1000,
    filesPresent: 0,
  },
  "nearly all files stand there": {
    dumpSize: 50 * GIB,
    filesToPut: 3,
    bytesToPut: 100,
    filesToRemove: 0,
    filesPresent: 900_000,
  },
  "no file to put": { dumpSize: GIB, filesToPut: 0, bytesToPut: 0, filesToRemove: 0, filesPresent: 10 },
  "the database alone": {
    dumpSize: GIB,
    filesToPut: 0,
    bytesToPut: 0,
    filesToRemove: 0,
    filesPresent: 0,
    databaseOnly: true,
  },
  "many files to remove": { dumpSize: GIB, filesToPut: 10, bytesToPut: 10, filesToRemove: 2_000_000, filesPresent: 10 },
  "a few bytes": { dumpSize: 10, filesToPut: 1, bytesToPut: 1, filesToRemove: 1, filesPresent: 0 },
};

test.each(Object.entries(kinds))("%s: forward only, to 100 at the end alone", (_, work) => expectForward(work));

test("two hundred generated restores: forward only, to 100 at the end alone", () => {
  const bytes = seededRandomness(10);
  const upTo = (most: number): number => Math.floor((Buffer.from(bytes(4)).readUInt32BE() / 2 ** 32) ** 4 * most);
  for (let number = 0; number < 200; number++)
    expectForward({
      dumpSize: upTo(1000 * GIB),
      filesToPut: upTo(1e6),
      bytesToPut: upTo(1000 * GIB),
      filesToRemove: upTo(1e6),
      filesPresent: upTo(1e6),
      databaseOnly: upTo(2) === 1,
    });
  expect.hasAssertions();
});

test("files that stand there already count for nothing; the database's hour is most of it", () => {
  const work = must(kinds["nearly all files stand there"]);
  const plan = planOf(work);
  const item = { state: "running", phase: "files", plan, files: { ...files, put: 3, kept: 850_000 } } as const;
  expect(must(progressAt({ item, now: 100 }, work).percent)).toBeLessThan(10);
  const filling = { ...item, files: { ...item.files, done: true }, database, updatedAt: at(100) };
  const half = work.dumpSize / (15 * 1024 ** 2) / 2;
  expect(progressAt({ item: filling, now: 100 + half }, work)).toEqual({
    step: "database",
    percent: 49,
    message: "Filling a new database beside the old one.",
  });
});

test.each<[string, Partial<RestoreItem>, RestoreStep, number | null, RegExp]>([
  ["waiting", { state: "queued", phase: "queued", plan: null }, "waiting", 0, /turn/],
  [
    "waiting for a person's word",
    { state: "queued", phase: "acknowledgement" },
    "waiting",
    0,
    /acknowledged; nothing was touched/,
  ],
  ["going back", { state: "running", phase: "undo" }, "undo", null, /as it was before/],
  ["failed", { state: "failed", phase: "files" }, "ended", null, /Failed/],
  [
    "an instance is made",
    { state: "running", phase: "files", instances: { changed: false } as never },
    "database",
    3,
    /RDS/,
  ],
  [
    "an instance is ready",
    { state: "running", phase: "files", instances: { changed: true } as never },
    "swap",
    96,
    /place/,
  ],
])("%s", (_, item, step, percent, message) => {
  const work = { dumpSize: 45 * 60 * 15 * 1024 ** 2, filesToPut: 0, bytesToPut: 0, filesToRemove: 0, filesPresent: 0 };
  const found = progressAt({ item: { plan: planOf(work), files: { ...files, done: true }, ...item }, now: 0 }, work);
  expect(found).toEqual({ step, percent, message: expect.stringMatching(message) });
});
