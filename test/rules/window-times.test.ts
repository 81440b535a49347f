import { isOver, nightOf, windowTimes } from "../../lambda/rules/window-times";
import { golden, lines } from "./golden-file";

/** Windows of the nightly table that differ in kind: at midnight, across midnight, off the hour, long. */
const WINDOWS = {
  "Frankfurt 00:00 + 3 h": { startUtc: "00:00", durationMinutes: 180 },
  "Dublin 23:00 + 3 h": { startUtc: "23:00", durationMinutes: 180 },
  "London 23:00 + 2 h": { startUtc: "23:00", durationMinutes: 120 },
  "Mumbai 19:30 + 1 h": { startUtc: "19:30", durationMinutes: 60 },
  "N. Virginia 05:00 + 4 h": { startUtc: "05:00", durationMinutes: 240 },
};
const DUBLIN = WINDOWS["Dublin 23:00 + 3 h"];

describe("Rule 1: windows of the nightly table", () => {
  test("Rule 1: a window is given by its row and the date on which it starts", () => {
    expect(windowTimes(DUBLIN, "2026-12-31")).toEqual({
      date: "2026-12-31",
      startsAt: new Date("2026-12-31T23:00:00Z"),
      endsAt: new Date("2027-01-01T02:00:00Z"),
    });
  });

  test("Rule 1: each row's window, and the nights of times around it", () => {
    const times = [
      "2026-12-06T00:00:00Z",
      "2026-12-06T04:59:59Z",
      "2026-12-06T19:30:00Z",
      "2026-12-06T22:59:59Z",
      "2026-12-06T23:00:00Z",
      "2026-12-07T00:20:00Z",
    ];
    const answers = Object.entries(WINDOWS).flatMap(([name, row]) =>
      times.map((time) => {
        const night = nightOf(row, new Date(time));
        return [
          `${name} at ${time}`,
          `night ${night.date}: ${night.startsAt.toISOString()} to ${night.endsAt.toISOString()}`,
        ] as const;
      }),
    );
    const table = lines(Object.fromEntries(answers));
    expect(table).toBe(golden("windows", table));
  });
});

describe("Rule 2: an event belongs to the night that its scheduled time names", () => {
  test("Rule 2: the date is that of the start, also after midnight", () => {
    expect(nightOf(DUBLIN, new Date("2026-12-06T23:00:00Z")).date).toBe("2026-12-06");
    expect(nightOf(DUBLIN, new Date("2026-12-07T00:00:00Z")).date).toBe("2026-12-06");
    expect(nightOf(DUBLIN, new Date("2026-12-07T22:59:59Z")).date).toBe("2026-12-06");
  });

  test("an event an hour late is in time, one after the window's end is not", () => {
    const night = nightOf(DUBLIN, new Date("2026-12-06T23:00:00Z"));
    expect(isOver(night, new Date("2026-12-07T00:00:00Z"))).toBe(false);
    expect(isOver(night, new Date("2026-12-07T01:59:59Z"))).toBe(false);
    expect(isOver(night, new Date("2026-12-07T02:00:00Z"))).toBe(true);
  });
});
