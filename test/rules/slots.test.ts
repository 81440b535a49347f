import { clashAt, closedMinutes, lastSlotTime, slotMinute, slotTime, type SlotOwner } from "../../lambda/rules/slots";
import { golden, lines } from "./golden-file";

const environments = (count: number): string[] => Array.from({ length: count }, (_, index) => `environment-${index}`);

describe("slots", () => {
  test("the same environment always has the same slot, at minute precision", () => {
    const owner = { environmentId: "shop-production", lastDurationSeconds: 300 };
    const startsAt = new Date("2026-12-06T23:00:00Z");
    expect(slotTime(owner, startsAt, 180)).toEqual(slotTime(owner, startsAt, 180));
    expect(slotTime(owner, startsAt, 180).getTime() % 60_000).toBe(0);
  });

  test("many short ones spread over the whole window", () => {
    const minutes = environments(6000).map((environmentId) =>
      slotMinute({ environmentId, lastDurationSeconds: 30 }, 60),
    );
    const perMinute = new Map<number, number>();
    for (const minute of minutes) perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
    expect(perMinute.size).toBeGreaterThanOrEqual(58);
    expect(Math.max(...perMinute.values())).toBeLessThan(160);
  });

  test("Rule 5: a backup and both its retries end inside the window", () => {
    for (const lastDurationSeconds of [0, 60, 600, 1199]) {
      for (const environmentId of environments(500)) {
        const minute = slotMinute({ environmentId, lastDurationSeconds }, 60);
        expect(minute).toBeGreaterThanOrEqual(0);
        expect(minute + (3 * lastDurationSeconds) / 60).toBeLessThanOrEqual(60);
      }
    }
  });

  test("long ones start early; one longer than its share of the window starts first", () => {
    for (const environmentId of environments(200)) {
      expect(slotMinute({ environmentId, lastDurationSeconds: 50 * 60 }, 180)).toBeLessThan(30);
      expect(slotMinute({ environmentId, lastDurationSeconds: 90 * 60 }, 180)).toBe(0);
      expect(slotMinute({ environmentId, lastDurationSeconds: 48 * 3600 }, 180)).toBe(0);
    }
  });

  test("a first backup, which nobody has timed, starts in the first quarter", () => {
    for (const environmentId of environments(500)) {
      expect(slotMinute({ environmentId, lastDurationSeconds: null }, 240)).toBeLessThan(60);
    }
  });

  test("no slot lies after the last one", () => {
    const startsAt = new Date("2026-12-06T23:00:00Z");
    for (const environmentId of environments(2000)) {
      const slot = slotTime({ environmentId, lastDurationSeconds: 0 }, startsAt, 60);
      expect(slot.getTime()).toBeLessThanOrEqual(lastSlotTime(startsAt, 60).getTime());
    }
  });

  test("the last one is the window's last minute; a window without minutes has its start", () => {
    expect(lastSlotTime(new Date("2026-12-06T23:00:00Z"), 60)).toEqual(new Date("2026-12-06T23:59:00Z"));
    expect(slotMinute({ environmentId: "shop", lastDurationSeconds: 60 }, 0)).toBe(0);
  });

  test("slots of some environments stay where they are", () => {
    const table = lines(
      Object.fromEntries(
        environments(12).flatMap((environmentId) =>
          [null, 120, 1800].map(
            (lastDurationSeconds) =>
              [
                `${environmentId}, last ${lastDurationSeconds ?? "never"} s, window of 180 min`,
                slotMinute({ environmentId, lastDurationSeconds }, 180),
              ] as const,
          ),
        ),
      ),
    );
    expect(table).toBe(golden("slots", table));
  });
});

describe("closed minutes", () => {
  const startsAt = new Date("2026-12-06T23:00:00Z");
  const owner = (lastDurationSeconds: number | null, backup = "dump", backupWindow = ""): SlotOwner => ({
    environmentId: "shop",
    lastDurationSeconds,
    databaseInstance: { maintenanceWindow: "", backupWindow },
    registration: { database: { instance: "shop-db", backup } },
  });
  const spans = (one: SlotOwner): (readonly [number, number])[] =>
    closedMinutes(one, startsAt, 180).map(({ from, until }) => [from, until]);
  const closed = (from: number, until: number) => ({ kind: "backup" as const, from, until });

  test("are those of RDS's windows, and for recovery points of the hour before each", () => {
    expect(spans(owner(600, "dump", "23:30-00:15"))).toEqual([[30, 75]]);
    expect(spans(owner(600, "recovery-point", "23:30-00:15"))).toEqual([[-30, 75]]);
    expect(spans(owner(600, "dump", "22:30-23:15"))).toEqual([[-30, 15]]);
  });

  test("are looked for as long as a backup of the night may be under way", () => {
    expect(spans(owner(600, "dump", "02:09-02:40"))).toEqual([[189, 220]]);
    expect(spans(owner(600, "dump", "02:10-02:40"))).toEqual([]);
    expect(spans(owner(600, "recovery-point", "03:00-03:30"))).toEqual([[180, 270]]);
    expect(spans(owner(600, "recovery-point", "03:01-03:31"))).toEqual([]);
  });

  test("are none where nothing is known of the instance", () => {
    expect(closedMinutes({ ...owner(600), databaseInstance: null }, startsAt, 180)).toEqual([]);
    expect(closedMinutes({ environmentId: "shop", lastDurationSeconds: 600 }, startsAt, 180)).toEqual([]);
  });

  test.each<[string, SlotOwner, number]>([
    ["ten minutes, a part of one counted as one", owner(541), 10],
    ["a minute at least", owner(0), 1],
    ["a quarter of the window until it has been timed", owner(null), 45],
    ["a minute for a recovery point, however long it takes", owner(3600, "recovery-point"), 1],
  ])("clash with what is under way: %s", (_, one, length) => {
    const at = (minute: number) => clashAt(one, minute, 180, [closed(100, 110)]);
    expect(at(100 - length)).toBeUndefined();
    expect(at(101 - length)).toEqual(closed(100, 110));
    expect(at(109)).toEqual(closed(100, 110));
    expect(at(110)).toBeUndefined();
  });

  test("the first that clashes is told", () => {
    const both = [closed(10, 20), closed(15, 25)];
    expect(clashAt(owner(0), 17, 180, both)).toEqual(both[0]);
    expect(clashAt(owner(0), 22, 180, both)).toEqual(both[1]);
  });

  test.each<[string, number, [number, number][], number[]]>([
    ["one minute of its own is left", 600, [[10, 150]], [0]],
    ["one minute of the window is left", 3600, [[0, 179]], [179]],
    ["none is left: its own", 3540, [[0, 240]], [0, 1, 2]],
    ["its own are closed: as many of the next", 3540, [[0, 60]], [60, 61, 62]],
  ])("slots where %s", (_, lastDurationSeconds, taken, expected) => {
    const minutes = environments(200).map((environmentId) =>
      slotMinute(
        { ...owner(lastDurationSeconds), environmentId },
        180,
        taken.map(([from, until]) => closed(from, until)),
      ),
    );
    expect([...new Set(minutes)].toSorted((a, b) => a - b)).toEqual(expected);
  });
});
