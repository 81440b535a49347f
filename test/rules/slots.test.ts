import { lastSlotTime, slotMinute, slotTime } from "../../lambda/rules/slots";
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
