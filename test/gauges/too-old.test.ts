/** Whose newest backup is too old is said by name: at once, then at most once an hour, and when it is over. */
import { TOO_OLD_MESSAGE } from "../../lambda/gauges/contract";
import { measureRegion } from "../../lambda/gauges/measure-region";
import { environmentItem, snapshotItem } from "../catalog/catalog-fixtures";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";

const ROW = { region: "eu-central-1", startUtc: "00:00", durationMinutes: 180 };
const MINUTE = 60_000;

/** Environments whose newest backup is so many hours old at noon of the 6th; null: started a month ago, never backed up. */
const world = async (ages: Readonly<Record<string, number | null>>): Promise<FakeCollaborators> => {
  const fakes = fakeCollaborators({ now: new Date("2026-12-06T12:00:00Z"), tablePageLimit: 7 });
  for (const [id, hours] of Object.entries(ages)) {
    await fakes.catalog.createEnvironment(environmentItem(id, { firstStartedAt: "2026-11-06T08:00:00Z" }));
    if (hours !== null) await backUp(fakes, id, hours);
  }
  return fakes;
};
const backUp = async ({ catalog, clock }: FakeCollaborators, id: string, hoursAgo = 0): Promise<void> => {
  const at = new Date(clock.now().getTime() - hoursAgo * 60 * MINUTE).toISOString();
  await catalog.createSnapshot(
    snapshotItem(id, `s-${at}`, { state: "completed", createdAt: at, finishedAt: at, replicatedAt: at }),
  );
};
/** A round of the gauges, and a quarter of an hour; the messages that it sent. */
const round = async (fakes: FakeCollaborators) => {
  const before = fakes.notifier.told.length;
  await measureRegion(ROW, fakes);
  fakes.clock.advance(15 * MINUTE);
  return fakes.notifier.told.slice(before);
};
const rounds = async (fakes: FakeCollaborators, count: number) => {
  const told = [];
  for (let one = 0; one < count; one++) told.push(...(await round(fakes)));
  return told;
};

test("the first message names them, the oldest first, with what to do; then nobody is told the same again", async () => {
  const fakes = await world({ good: 12, late: 27, later: 49.5, never: null });
  const [first, ...more] = await rounds(fakes, 40);
  expect(more).toEqual([]);
  expect(first).toEqual({
    subject: "3 environments in eu-central-1 without a recent backup",
    message: expect.any(String) as string,
  });
  expect(first?.message.split("\n").slice(0, 4)).toEqual([
    "Too old since the last message (3):",
    "never: no backup at the far end; the first was due 708 hours ago",
    "later: the newest backup at the far end is 49.5 hours old",
    "late: the newest backup at the far end is 27 hours old",
  ]);
  expect(first?.message).toContain("npx backups snapshots ENVIRONMENT");
});

test("26 hours to the second", async () => {
  const fakes = await world({ late: 26 });
  expect(await round(fakes)).toHaveLength(1);
  const young = await world({ fresh: 26 - 1 / 3600 });
  expect(await round(young)).toHaveLength(0);
  expect(young.metrics.valuesOf("EnvironmentsTooOld")).toEqual([0]);
});

test("who comes and goes within an hour is said together, and the end at once", async () => {
  const fakes = await world({ a: 27, b: 25.75, c: 25.5 });
  expect(await round(fakes)).toMatchObject([{ subject: "1 environment in eu-central-1 without a recent backup" }]);
  // b at 12:15, c at 12:30; a has a backup at 12:45.
  expect(await rounds(fakes, 2)).toEqual([]);
  await backUp(fakes, "a");
  const [second, ...none] = await rounds(fakes, 4);
  expect(none).toEqual([]);
  expect(second?.subject).toBe("2 environments in eu-central-1 without a recent backup");
  expect(second?.message.split("\n")).toEqual(
    expect.arrayContaining([
      "Too old since the last message (2):",
      "No longer among them: backed up, or no longer backed up here (1):",
      "a",
    ]),
  );
  await backUp(fakes, "b");
  await backUp(fakes, "c");
  expect(await rounds(fakes, 8)).toEqual([
    {
      subject: "No newest backup in eu-central-1 is too old any more",
      message: "No longer among them: backed up, or no longer backed up here (2):\nb\nc",
    },
  ]);
});

test("four hundred over three hours: some messages, each short, and the log names all", async () => {
  const ids = Array.from({ length: 400 }, (_, index) => `app-${String(index).padStart(4, "0")}`);
  const fakes = await world(Object.fromEntries(ids.map((id, index) => [id, 26 - (index / 400) * 3])));
  const told = await rounds(fakes, 24);
  expect(told.length).toBeLessThanOrEqual(5);
  for (const { message, subject } of told) {
    expect(message.length).toBeLessThan(5_000);
    expect(subject.length).toBeLessThanOrEqual(100);
  }
  expect(told.at(-1)).toMatchObject({
    subject: "400 environments in eu-central-1 without a recent backup",
    message: expect.stringMatching(/\nand \d+ more\n/) as string,
  });
  const named = fakes.log.lines
    .filter(({ message }) => message === TOO_OLD_MESSAGE)
    .map(({ details }) => details?.["environmentId"]);
  expect(new Set(named).size).toBe(400);
  expect(fakes.metrics.valuesOf("EnvironmentsTooOld").at(-1)).toBe(400);
  // As many values of metrics a round as with a single one.
  const lines = fakes.metrics.lines().map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.every((line) => !("environmentId" in line))).toBe(true);
}, 120_000);

test("new ones are named before those of whom is known", async () => {
  const old = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`old-${index}`, 200]));
  const fakes = await world({ ...old, fresh: 25.9 });
  await round(fakes);
  const [second] = await rounds(fakes, 6);
  expect(second?.message.split("\n").slice(0, 2)).toEqual([
    "Too old since the last message (1):",
    "fresh: the newest backup at the far end is 26.9 hours old",
  ]);
  expect(second?.message).toContain("Still too old (30):");
  expect(second?.message).toContain("and 10 more");
});

test("one that is registered elsewhere now is no longer among them", async () => {
  const fakes = await world({ a: 27, b: 27 });
  await round(fakes);
  const { registration } = environmentItem("a");
  await fakes.catalog.updateEnvironment("a", { registration: { ...registration, region: "eu-west-1" } });
  const [second] = await rounds(fakes, 6);
  expect(second?.message).toContain("no longer backed up here (1):\na");
});

test("an SNS that takes nothing fails no round; the first round that reaches it tells once", async () => {
  const fakes = await world({ late: 27 });
  const tell = fakes.notifier.tell.bind(fakes.notifier);
  fakes.notifier.tell = async () => {
    throw new Error("Throttled");
  };
  expect(await measureRegion(ROW, fakes)).toEqual({ snapshots: 1, environments: 1, tooOld: 1 });
  expect(fakes.metrics.valuesOf("EnvironmentsTooOld")).toEqual([1]);
  expect(fakes.log.lines.at(-1)).toMatchObject({ level: "error", details: { cause: "Throttled" } });
  fakes.notifier.tell = tell;
  expect(await rounds(fakes, 8)).toHaveLength(1);
});

test("a crash between the message and its note repeats one message, no more", async () => {
  const fakes = await world({ late: 27 });
  const { catalog } = fakes;
  const put = catalog.putTooOldTold.bind(catalog);
  catalog.putTooOldTold = async () => {
    throw new Error("The function was killed.");
  };
  expect(await round(fakes)).toHaveLength(1);
  catalog.putTooOldTold = put;
  expect(await rounds(fakes, 8)).toHaveLength(1);
});
