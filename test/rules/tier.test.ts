import { tierOfNight } from "../../lambda/rules/tier";
import { addDays, dateOf, startOfDate } from "../../lambda/rules/utc-date";
import { nightOf } from "../../lambda/rules/window-times";
import { golden, lines } from "./golden-file";

const dates = (from: string, count: number): string[] =>
  Array.from({ length: count }, (_, day) => dateOf(addDays(startOfDate(from), day)));

describe("Rule 2: the tier of a night", () => {
  test("Rule 2: first Sunday of the month is monthly, other Sundays weekly, every other night nightly", () => {
    expect(tierOfNight("2026-12-05")).toBe("nightly");
    expect(tierOfNight("2026-12-06")).toBe("monthly");
    expect(tierOfNight("2026-12-07")).toBe("nightly");
    expect(tierOfNight("2026-12-13")).toBe("weekly");
  });

  test("Rule 2: a first Sunday may be any of the first seven days", () => {
    expect(tierOfNight("2026-02-01")).toBe("monthly");
    expect(tierOfNight("2026-02-08")).toBe("weekly");
    expect(tierOfNight("2026-06-07")).toBe("monthly");
    expect(tierOfNight("2026-06-14")).toBe("weekly");
  });

  test("Rule 2: a backup after midnight in a window that opened on Sunday is a Sunday backup", () => {
    const dublin = { startUtc: "23:00", durationMinutes: 180 };
    const night = nightOf(dublin, new Date("2026-12-07T00:20:00Z")).date;
    expect(night).toBe("2026-12-06");
    expect(tierOfNight(night)).toBe("monthly");
  });

  test("Rule 2: Sundays of two years, a leap year among them", () => {
    const table = lines(
      Object.fromEntries(
        dates("2027-01-01", 731)
          .map((date) => [date, tierOfNight(date)] as const)
          .filter(([, tier]) => tier !== "nightly"),
      ),
    );
    expect(table).toBe(golden("sundays", table));
  });

  test("Rule 2: twelve monthlies a year, and one snapshot a night", () => {
    const tiers = dates("2027-01-01", 365).map(tierOfNight);
    expect(tiers.filter((tier) => tier === "monthly")).toHaveLength(12);
    expect(tiers.filter((tier) => tier === "weekly")).toHaveLength(52 - 12);
  });

  test("what is no date is refused", () => {
    expect(() => tierOfNight("2027-02-29")).toThrow(RangeError);
    expect(() => tierOfNight("6 December")).toThrow(RangeError);
  });
});
