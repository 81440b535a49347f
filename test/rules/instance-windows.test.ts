/** RDS's windows as spans, slots that keep out of them, and what is told where they can't. */
import { windowSpans } from "../../lambda/rules/instance-windows";
import { slotMinute, slotTime, type SlotOwner } from "../../lambda/rules/slots";
import { windowClashes } from "../../lambda/rules/window-clash";
import { windowTimes } from "../../lambda/rules/window-times";
import { golden, lines } from "./golden-file";

const NO_WINDOWS = { maintenanceWindow: "", backupWindow: "" };
const spansOf = (windows: Partial<typeof NO_WINDOWS>, from: string, until: string): readonly string[] =>
  windowSpans({ ...NO_WINDOWS, ...windows }, new Date(from), new Date(until)).map(
    ({ kind, from: opens, until: closes }) => `${kind} ${opens.toISOString()} ${closes.toISOString()}`,
  );

test.each<[string, Partial<typeof NO_WINDOWS>, readonly string[]]>([
  [
    "a backup window every day",
    { backupWindow: "23:30-00:15" },
    ["backup 2026-12-05T23:30 00:15", "backup 2026-12-06T23:30 00:15"],
  ],
  [
    "a maintenance window on its day alone",
    { maintenanceWindow: "sun:23:10-sun:23:40" },
    ["maintenance 2026-12-06T23:10 23:40"],
  ],
  [
    "one that crosses the week's end",
    { maintenanceWindow: "sat:23:45-sun:00:15" },
    ["maintenance 2026-12-05T23:45 00:15"],
  ],
  ["RDS's own upper case", { maintenanceWindow: "Sun:23:10-Sun:23:40" }, ["maintenance 2026-12-06T23:10 23:40"]],
  ["nothing where nothing is known", { maintenanceWindow: "soon", backupWindow: "25" }, []],
])("spans: %s", (_, windows, expected) => {
  // Sunday, 6 December 2026, and the midnight before it.
  const found = spansOf(windows, "2026-12-06T00:00:00Z", "2026-12-07T00:00:00Z");
  expect(
    found.map((text) =>
      text
        .replaceAll(/:00\.000Z/g, "")
        .replaceAll(/ \d{4}-\d\d-\d\dT/g, (whole, at: number) => (at > 12 ? " " : whole)),
    ),
  ).toEqual(expected);
});

test("a span that only touches the time asked for is none of it", () => {
  expect(spansOf({ backupWindow: "22:00-23:00" }, "2026-12-06T23:00:00Z", "2026-12-07T00:00:00Z")).toEqual([]);
  expect(spansOf({ backupWindow: "00:00-01:00" }, "2026-12-06T23:00:00Z", "2026-12-07T00:00:00Z")).toEqual([]);
});

const ROW = { startUtc: "23:00", durationMinutes: 180 };
const HOUR = { startUtc: "23:00", durationMinutes: 60 };
const owner = (index: number, change: Partial<SlotOwner> & { backup?: string } = {}): SlotOwner => ({
  environmentId: `environment-${index}`,
  lastDurationSeconds: 600,
  registration: {
    database: { instance: "shop-db", ...(change.backup === undefined ? {} : { backup: change.backup }) },
  },
  ...change,
});
const SUNDAY = windowTimes(ROW, "2026-12-06").startsAt;
const minuteOf = (one: SlotOwner, startsAt = SUNDAY, duration = 180): number =>
  (slotTime(one, startsAt, duration).getTime() - startsAt.getTime()) / 60_000;
const indices = Array.from({ length: 300 }, (_, index) => index);

describe("slots keep out of RDS's windows", () => {
  test("of the automated backup window, with the whole backup, and stay inside the region's window", () => {
    const databaseInstance = { ...NO_WINDOWS, backupWindow: "23:40-00:40" };
    for (const index of indices) {
      const minute = minuteOf(owner(index, { databaseInstance }));
      // Ten minutes long: it ends at 23:40, or begins at 00:40.
      expect(minute <= 30 || minute >= 100).toBe(true);
      expect(minute).toBeGreaterThanOrEqual(0);
      expect(minute).toBeLessThan(180);
    }
    expect(new Set(indices.map((index) => minuteOf(owner(index, { databaseInstance })))).size).toBeGreaterThan(60);
  });

  test("of the maintenance window on its night, and on no other", () => {
    const databaseInstance = { ...NO_WINDOWS, maintenanceWindow: "sun:23:00-sun:23:30" };
    const monday = windowTimes(ROW, "2026-12-07").startsAt;
    for (const index of indices) {
      expect(minuteOf(owner(index, { databaseInstance }))).toBeGreaterThanOrEqual(30);
      expect(minuteOf(owner(index, { databaseInstance }), monday)).toBe(slotMinute(owner(index), 180));
    }
  });

  test("recovery points also of the hour before, while a long dump only has to be over", () => {
    const databaseInstance = { ...NO_WINDOWS, backupWindow: "01:00-01:30" };
    for (const index of indices) {
      const minute = minuteOf(owner(index, { databaseInstance, backup: "recovery-point", lastDurationSeconds: 60 }));
      expect(minute < 60 || minute >= 150).toBe(true);
    }
    expect(indices.some((index) => minuteOf(owner(index, { databaseInstance })) > 60)).toBe(true);
    // It is in the morning, after the region's window; the hour before it is not.
    const late = { ...NO_WINDOWS, backupWindow: "02:30-03:00" };
    for (const index of indices) {
      const minute = minuteOf(
        owner(index, { databaseInstance: late, backup: "recovery-point", lastDurationSeconds: 0 }),
      );
      expect(minute).toBeLessThan(150);
    }
  });

  test("a long backup whose own minutes are all taken starts as early as it can", () => {
    const databaseInstance = { ...NO_WINDOWS, backupWindow: "23:00-23:30" };
    for (const index of indices)
      expect(minuteOf(owner(index, { databaseInstance, lastDurationSeconds: 3600 }))).toBe(30);
  });

  test("where the whole window clashes the slot is the one it always was", () => {
    const databaseInstance = { ...NO_WINDOWS, backupWindow: "22:30-02:30" };
    for (const index of indices)
      expect(minuteOf(owner(index, { databaseInstance }))).toBe(slotMinute(owner(index), 180));
  });

  test("slots of some environments with windows stay where they are", () => {
    const windows = [
      NO_WINDOWS,
      { maintenanceWindow: "sun:23:00-sun:23:30", backupWindow: "" },
      { maintenanceWindow: "", backupWindow: "23:15-00:15" },
      { maintenanceWindow: "sun:23:00-mon:00:30", backupWindow: "00:30-01:30" },
      { maintenanceWindow: "", backupWindow: "22:30-02:30" },
    ];
    const table = lines(
      Object.fromEntries(
        windows.flatMap((databaseInstance) =>
          ["dump", "recovery-point"].flatMap((backup) =>
            [0, 1, 2].map((index) => [
              `environment-${index}, ${backup}, maintenance ${databaseInstance.maintenanceWindow || "never"}, backups ${databaseInstance.backupWindow || "never"}, window of 180 min from 23:00`,
              minuteOf(owner(index, { databaseInstance, backup })),
            ]),
          ),
        ),
      ),
    );
    expect(table).toBe(golden("slots-and-instance-windows", table));
  });
});

describe("windows that are not aligned", () => {
  const now = new Date("2026-12-04T12:00:00Z");
  const clashes = (databaseInstance: typeof NO_WINDOWS | null, row = HOUR, backup?: string): readonly string[] =>
    windowClashes(owner(1, { databaseInstance, ...(backup === undefined ? {} : { backup }) }), row, now);

  test("the known issue is told, with the nights and what to do", () => {
    expect(clashes({ ...NO_WINDOWS, maintenanceWindow: "sun:22:30-mon:00:30" })).toEqual([
      "The Amazon RDS maintenance window of shop-db (sun:22:30-mon:00:30 UTC) is not aligned with the nightly backups (from 23:00 UTC " +
        "for 60 minutes): in the night of 2026-12-06 the backup has no time outside it, runs all the same, and may fail. Move that window: " +
        "aws rds modify-db-instance --db-instance-identifier shop-db --preferred-maintenance-window <window>.",
    ]);
    expect(clashes({ ...NO_WINDOWS, backupWindow: "23:00-00:00" })).toEqual([
      "The Amazon RDS automated backup window of shop-db (23:00-00:00 UTC) is not aligned with the nightly backups (from 23:00 UTC for " +
        "60 minutes): every night the backup has no time outside it, runs all the same, and may fail. Move that window: " +
        "aws rds modify-db-instance --db-instance-identifier shop-db --preferred-backup-window <window>.",
    ]);
  });

  test("for recovery points the hour before clashes too", () => {
    const databaseInstance = { ...NO_WINDOWS, backupWindow: "00:00-00:30" };
    expect(clashes(databaseInstance)).toEqual([]);
    expect(clashes(databaseInstance, HOUR, "recovery-point")).toHaveLength(1);
  });

  test("nothing is told where slots find room, and where nothing is known", () => {
    expect(clashes({ maintenanceWindow: "sun:23:00-sun:23:30", backupWindow: "03:00-03:30" })).toEqual([]);
    expect(clashes(null)).toEqual([]);
    expect(windowClashes({ environmentId: "x", lastDurationSeconds: 1 }, HOUR, now)).toEqual([]);
  });
});
