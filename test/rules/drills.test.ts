import {
  chooseSnapshot,
  drillOverdue,
  drillSlot,
  duration,
  isDrillTime,
  isRecent,
  lastDrillSlot,
  tooSlow,
} from "../../lambda/rules/drills";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { golden, lines } from "./golden-file";

const DUBLIN = { startUtc: "23:00", durationMinutes: 180 };
const HOUR = 3_600_000;
const environments = (count: number): string[] => Array.from({ length: count }, (_, index) => `environment-${index}`);

describe("when drills run", () => {
  test("not in the nightly window, nor two hours before or after it", () => {
    const times = ["20:59", "21:00", "22:59", "23:30", "01:59", "02:00", "03:59", "04:00"];
    expect(times.filter((time) => isDrillTime(DUBLIN, new Date(`2026-12-06T${time}:00Z`)))).toEqual(["20:59", "04:00"]);
  });

  test("to the millisecond, and on both sides of midnight", () => {
    const free = (startUtc: string, times: string[]): string[] =>
      times.filter((time) => isDrillTime({ startUtc, durationMinutes: 60 }, new Date(`2026-12-06T${time}Z`)));
    expect(free("23:00", ["20:59:59.999", "21:00:00"])).toEqual(["20:59:59.999"]);
    expect(free("23:00", ["00:00:00", "01:59:59.999", "02:00:00"])).toEqual(["02:00:00"]);
    expect(free("01:00", ["22:59:59.999", "23:00:00", "03:59:59.999", "04:00:00"])).toEqual([
      "22:59:59.999",
      "04:00:00",
    ]);
    expect(free("12:00", ["09:59:59.999", "10:00:00", "14:59:59.999", "15:00:00"])).toEqual([
      "09:59:59.999",
      "15:00:00",
    ]);
  });

  test("an hour is one of them only as a whole", () => {
    const hours = (startUtc: string): number[] =>
      [...new Set(environments(300).map((one) => drillSlot(one, { startUtc, durationMinutes: 60 }).hour))].toSorted(
        (a, b) => a - b,
      );
    const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);
    expect(hours("12:00")).toEqual([...from(0, 9), ...from(15, 23)]);
    expect(hours("11:59")).toEqual([...from(0, 8), ...from(15, 23)]);
    expect(hours("12:01")).toEqual([...from(0, 9), ...from(16, 23)]);
  });

  test.each(NIGHTLY_TABLE.map((row) => [row.name, row] as const))(
    "%s: every slot lies outside its window",
    (_, row) => {
      for (const environmentId of environments(300)) {
        const { day, hour } = drillSlot(environmentId, row);
        const begin = Date.UTC(2026, 10, 1 + day, hour);
        expect(new Date(begin).getUTCDay()).toBe(day);
        for (const minute of [0, 59])
          expect([environmentId, isDrillTime(row, new Date(begin + minute * 60_000))]).toEqual([environmentId, true]);
      }
    },
  );

  test("they spread over the week", () => {
    const hours = new Map<string, number>();
    for (const environmentId of environments(5000)) {
      const { day, hour } = drillSlot(environmentId, DUBLIN);
      hours.set(`${day} ${hour}`, (hours.get(`${day} ${hour}`) ?? 0) + 1);
    }
    expect(hours.size).toBe(7 * 17);
    expect(Math.max(...hours.values())).toBeLessThan(75);
  });

  test("slots of some environments stay where they are", () => {
    const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    const table = lines(
      Object.fromEntries(
        environments(8).flatMap((environmentId) =>
          [DUBLIN, { startUtc: "05:00", durationMinutes: 240 }].map((window) => {
            const { day, hour } = drillSlot(environmentId, window);
            return [
              `${environmentId}, window ${window.startUtc} + ${window.durationMinutes} min`,
              `${days[day]} ${hour}:00`,
            ] as const;
          }),
        ),
      ),
    );
    expect(table).toBe(golden("drill-slots", table));
  });

  test("the latest slot is that of its hour and day, now or in the week before", () => {
    for (const environmentId of environments(40)) {
      const { day, hour } = drillSlot(environmentId, DUBLIN);
      const slot = lastDrillSlot(environmentId, DUBLIN, new Date("2026-12-09T12:34:56Z"));
      expect([slot.getUTCDay(), slot.toISOString().slice(11)]).toEqual([
        day,
        `${String(hour).padStart(2, "0")}:00:00.000Z`,
      ]);
      const after = (time: number) => lastDrillSlot(environmentId, DUBLIN, new Date(slot.getTime() + time)).getTime();
      expect(after(0)).toBe(slot.getTime());
      expect(after(7 * 24 * HOUR - 1)).toBe(slot.getTime());
      expect(after(-1)).toBe(slot.getTime() - 7 * 24 * HOUR);
    }
  });

  test("one is due from its slot on until it has been held, and the longer so the further back the slot lies", () => {
    const environmentId = "shop-production";
    const now = new Date("2026-12-09T12:34:56Z");
    const slot = lastDrillSlot(environmentId, DUBLIN, now);
    expect(now.getTime() - slot.getTime()).toBeLessThan(7 * 24 * HOUR);
    const due = (since: number, at = now) =>
      drillOverdue({ environmentId, since: new Date(slot.getTime() + since) }, DUBLIN, at);
    expect(due(-1000)).toBe(now.getTime() - slot.getTime());
    expect(due(0)).toBeUndefined();
    expect(due(HOUR)).toBeUndefined();
    expect(due(0, new Date(slot.getTime() + 7 * 24 * HOUR - 1000))).toBeUndefined();
    expect(due(0, new Date(slot.getTime() + 7 * 24 * HOUR))).toBe(0);
  });
});

describe("which snapshot", () => {
  const snapshots = ["a", "b", "c", "d"].map((snapshotId) => ({ snapshotId }));
  const chosen = (drilled: string[], random: number) => chooseSnapshot(snapshots, new Set(drilled), random)?.snapshotId;

  test("a random one of those that were never drilled, else of all", () => {
    expect([0, 0.26, 0.5, 0.99].map((random) => chosen([], random))).toEqual(["a", "b", "c", "d"]);
    expect([0, 0.49, 0.5, 0.99].map((random) => chosen(["a", "c"], random))).toEqual(["b", "b", "d", "d"]);
    expect(chosen(["a", "b", "c", "d"], 0.5)).toBe("c");
    expect(chooseSnapshot([], new Set(), 0.5)).toBeUndefined();
  });

  test("in whatever order they come", () => {
    const turned = snapshots.toReversed();
    expect([0, 0.26, 0.5, 0.99].map((random) => chooseSnapshot(turned, new Set(), random)?.snapshotId)).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
    expect(chooseSnapshot(turned, new Set(["a", "b", "d"]), 0.99)).toEqual({ snapshotId: "c" });
  });

  test("of the last 30 days", () => {
    const now = new Date("2026-12-31T00:00:00Z");
    expect(isRecent("2026-12-01T00:00:01Z", now)).toBe(true);
    expect(isRecent("2026-12-01T00:00:00Z", now)).toBe(false);
  });
});

describe("how long is too long", () => {
  const limits = { slowSeconds: 4 * 3600, slowFactor: 2, leastSamples: 3 };

  test("more than the limit, whatever was before", () => {
    expect(tooSlow(4 * 3600, [], limits)).toBeNull();
    expect(tooSlow(4 * 3600 + 60, [], limits)).toBe(
      "It took 4 h 1 min, and more than 4 h is too long for a restore: look at what takes the time, or raise the limit.",
    );
  });

  test("more than twice the usual, once there are enough to say what that is, and not for minutes", () => {
    expect(tooSlow(1300, [600, 600], limits)).toBeNull();
    expect(tooSlow(1300, [500, 600, 5000], limits)).toBe(
      "It took 22 min, more than 2 times the usual 10 min: look at what has grown.",
    );
    expect(tooSlow(1200, [500, 600, 5000], limits)).toBeNull();
    expect(tooSlow(1301, [500, 600, 700, 5000], limits)).toContain("the usual 11 min");
    expect(tooSlow(600, [20, 20, 20], limits)).toBeNull();
    expect(tooSlow(601, [20, 20, 20], limits)).toContain("the usual 20 s");
    expect(tooSlow(700, [10, 900, 20], limits)).toContain("the usual 20 s");
    expect(tooSlow(700, [10, 900, 20, 40], limits)).toContain("the usual 30 s");
  });

  test("in words", () => {
    expect([0, 59, 60, 3600, 7500].map(duration)).toEqual(["0 s", "59 s", "1 min", "1 h", "2 h 5 min"]);
  });
});
