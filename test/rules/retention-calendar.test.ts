import type { Tier } from "../../lambda/catalog/items";
import { expiryOf, isExpired } from "../../lambda/rules/retention-calendar";
import { golden, lines } from "./golden-file";

const TIERS: readonly Tier[] = ["nightly", "weekly", "monthly", "on-demand", "uploaded"];
const expiry = (tier: Tier, created: string): string => expiryOf(tier, new Date(created)).toISOString();

describe("Rule 3: retention", () => {
  test("Rule 3: the examples of the service description", () => {
    expect(expiry("weekly", "2026-12-03T03:18:00Z")).toBe("2027-03-03T03:18:00.000Z");
    expect(expiry("weekly", "2026-11-30T23:59:59Z")).toBe("2027-02-28T23:59:59.000Z");
    expect(expiry("weekly", "2027-11-30T12:00:00Z")).toBe("2028-02-29T12:00:00.000Z");
  });

  test("Rule 3: a leap day's monthly ends on the last day of February", () => {
    expect(expiry("monthly", "2028-02-29T00:00:01Z")).toBe("2029-02-28T00:00:01.000Z");
  });

  test("Rule 3: to the second; a fraction of a second is cut", () => {
    expect(expiry("nightly", "2026-12-03T03:18:07.999Z")).toBe("2026-12-17T03:18:07.000Z");
  });

  test("Rule 3: gone from the expiry second on, not a moment earlier", () => {
    const expiresAt = "2026-12-17T03:18:07Z";
    expect(isExpired(expiresAt, new Date("2026-12-17T03:18:06.999Z"))).toBe(false);
    expect(isExpired(expiresAt, new Date("2026-12-17T03:18:07.000Z"))).toBe(true);
  });

  test("Rule 3: every tier from awkward creation times", () => {
    const created = [
      "2026-12-03T03:18:00Z",
      "2026-11-30T23:59:59Z",
      "2027-01-31T00:00:00Z",
      "2027-02-28T12:30:15Z",
      "2027-08-31T06:00:00Z",
      "2027-10-31T00:30:00Z",
      "2027-11-29T05:59:59Z",
      "2027-11-30T05:59:59Z",
      "2027-12-31T23:59:59Z",
      "2028-02-29T00:00:01Z",
    ];
    const table = lines(
      Object.fromEntries(
        created.map((time) => [time, Object.fromEntries(TIERS.map((tier) => [tier, expiry(tier, time)]))]),
      ),
    );
    expect(table).toBe(golden("expiries", table));
  });

  test("Rule 3: to the day, an expiry never comes before the one of an earlier creation of the same tier", () => {
    for (const tier of TIERS) {
      const days = Array.from({ length: 400 }, (_, day) =>
        expiryOf(tier, new Date(Date.UTC(2027, 0, 1 + day, 3, 18))).toISOString(),
      );
      expect(days).toEqual(days.toSorted());
    }
  });
});
