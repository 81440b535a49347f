/**
 * A region that has just been deployed tells nobody anything for two days, whether it has no environment, one that is
 * never started, or one whose nights succeed; and it tells in time when something is wrong from the beginning.
 */
import type { WindowRow } from "../../lambda/nightly-window/contract";
import { allAlarms, names } from "./alarms";
import { playAlarm, type Change } from "./evaluate-alarm";
import { HOUR, live, MINUTE, SHOP, type FirstDays, type Lived } from "./first-days";

const EVENING: WindowRow = { region: "eu-central-1", startUtc: "23:00", durationMinutes: 180 };
const MIDNIGHT: WindowRow = { region: "eu-central-1", startUtc: "00:00", durationMinutes: 180 };

/** What alarms tell, other than that all is well: alarm, state, hours since the deployment. */
const told = ({ datapoints }: Lived, { deployedAt, hours }: FirstDays, minutesLate = 0, farther = 2) => {
  const late = datapoints.map((point) => ({ ...point, known: new Date(point.at.getTime() + minutesLate * MINUTE) }));
  const from = new Date(deployedAt);
  const to = new Date(from.getTime() + hours * HOUR);
  return allAlarms().flatMap((alarm) =>
    playAlarm(alarm, late, { from, to, farther })
      .filter((change: Change) => change.told && change.to !== "OK")
      .map((change) => ({
        alarm: alarm.AlarmName.slice(names.alarm("").length),
        to: change.to,
        hours: (change.at.getTime() - from.getTime()) / HOUR,
      })),
  );
};

const TIMES: readonly (readonly [string, WindowRow, string])[] = [
  ["a minute before the window", EVENING, "2026-12-05T22:59:00Z"],
  ["right after the window", MIDNIGHT, "2026-12-05T03:01:00Z"],
  ["in the middle of the window", MIDNIGHT, "2026-12-05T01:30:00Z"],
  ["at noon", EVENING, "2026-12-05T12:00:00Z"],
];
const after = (time: string, minutes: number): string =>
  new Date(Date.parse(time) + minutes * MINUTE).toISOString().replace(".000", "");

describe.each(TIMES)("deployed %s", (_name, row, deployedAt) => {
  const kinds: readonly (readonly [string, Partial<FirstDays>])[] = [
    ["no environment", {}],
    ["an environment that is never started", { startedAt: null }],
    ["an environment that is started at once", { startedAt: after(deployedAt, 1) }],
    ["an environment that is started hours later", { startedAt: after(deployedAt, 185) }],
  ];
  test.each(kinds)("%s: nobody is told anything", async (_kind, change) => {
    const days: FirstDays = { deployedAt, row, hours: 48, ...change };
    const lived = await live(days);
    expect(told(lived, days, 0, 0)).toEqual([]);
    expect(told(lived, days, 20, 5)).toEqual([]);
    expect(lived.fakes.notifier.told).toEqual([]);
    if (typeof days.startedAt === "string")
      expect((await lived.fakes.catalog.listSnapshots(SHOP)).items.map(({ state }) => state)).toContain("completed");
  });
});

test("an environment whose nights all fail: told by the alarm, and by name, 26 hours after its first was due", async () => {
  const days: FirstDays = {
    deployedAt: "2026-12-05T22:00:00Z",
    row: EVENING,
    hours: 40,
    startedAt: "2026-12-05T22:10:00Z",
    backupsFail: true,
  };
  const lived = await live(days);
  expect(told(lived, days)).toEqual([{ alarm: "snapshot-too-old", to: "ALARM", hours: expect.any(Number) as number }]);
  const [raised] = told(lived, days);
  expect(raised?.hours).toBeGreaterThanOrEqual(1 + 26);
  expect(raised?.hours).toBeLessThan(1 + 26 + 0.5);
  expect(lived.fakes.notifier.told).toHaveLength(1);
  expect(lived.fakes.notifier.told[0]?.message).toContain(`${SHOP}: no backup at the far end`);
});

describe("the gauges", () => {
  const days = (gauges: NonNullable<FirstDays["gauges"]>): FirstDays => ({
    deployedAt: "2026-12-05T12:00:00Z",
    row: EVENING,
    hours: 12,
    gauges,
  });
  const toldOf = async (gauges: NonNullable<FirstDays["gauges"]>, farther = 2) =>
    told(await live(days(gauges)), days(gauges), 0, farther);
  const isFrom = (hour: number) => (at: Date) => at >= new Date(Date.parse("2026-12-05T12:00:00Z") + hour * HOUR);

  test("that fail from the beginning are told within the hour", async () => {
    const [first, ...more] = await toldOf(() => "fail");
    expect(first).toMatchObject({ alarm: "gauges-failed", to: "ALARM" });
    expect(first?.hours).toBeLessThan(1);
    expect(more).toEqual([]);
  });
  test("that begin to fail are told within three quarters of an hour", async () => {
    const [first, ...more] = await toldOf((at) => (isFrom(6)(at) ? "fail" : "measure"));
    expect(first).toMatchObject({ alarm: "gauges-failed", to: "ALARM" });
    expect(first?.hours).toBeLessThan(6.75);
    expect(more).toEqual([]);
  });
  test.each([0, 2, 5])("that stop are told, with %i more periods looked at", async (farther) => {
    const [first, ...more] = await toldOf((at) => (isFrom(6)(at) ? "none" : "measure"), farther);
    expect(first).toMatchObject({ alarm: "gauges-failed", to: "INSUFFICIENT_DATA" });
    expect(first?.hours).toBeLessThan(6 + (3 + farther) / 4 + 0.25);
    expect(more).toEqual([]);
  });
  test.each(["fail", "none"] as const)("one round of which is missing (%s) tell nobody", async (how) => {
    const once = (at: Date): typeof how | "measure" =>
      at.getTime() === Date.parse("2026-12-05T18:00:00Z") ? how : "measure";
    for (const farther of [0, 5]) expect(await toldOf(once, farther)).toEqual([]);
  });
});
