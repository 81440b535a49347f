import type { Tier } from "../../lambda/catalog/items";
import { lastSnapshot, warningOf, WARNING_DAYS } from "../../lambda/rules/last-snapshot";
import { expiryOf } from "../../lambda/rules/retention-calendar";
import { golden, lines } from "./golden-file";

const taken = (snapshotId: string, createdAt: string, tier: Tier = "nightly") => ({
  snapshotId,
  tier,
  createdAt,
  expiresAt: expiryOf(tier, new Date(createdAt)).toISOString(),
});
const at = (time: string): Date => new Date(time);

const NIGHT = taken("night", "2026-12-03T03:18:00Z");
const WEEK = taken("week", "2026-11-29T03:18:00Z", "weekly");
const UPLOAD = taken("upload", "2026-12-10T12:00:00Z", "uploaded");

test("Rule 3: nobody is told while nights succeed: a nightly's last week begins when seven newer ones stand", () => {
  const nights = [...Array(14).keys()].map((day) =>
    taken(`night-${day}`, `2026-12-${String(day + 1).padStart(2, "0")}T03:18:00Z`),
  );
  expect(lastSnapshot(nights, at("2026-12-14T04:00:00Z"))).toMatchObject({ snapshotId: "night-13", lead: null });
  expect(warningOf(lastSnapshot(nights, at("2026-12-14T04:00:00Z")))).toBeNull();
});

test("Rule 3: the leads, to the second", () => {
  const moments = WARNING_DAYS.flatMap((days) => {
    const lead = Date.parse(NIGHT.expiresAt) - days * 86_400_000;
    return [new Date(lead - 1), new Date(lead)];
  });
  const found = moments.map((now) => {
    const last = lastSnapshot([NIGHT], now);
    return [now.toISOString(), { lead: last?.lead, nextLook: last?.nextLook }] as const;
  });
  const actual = lines(Object.fromEntries(found));
  expect(actual).toBe(golden("last-snapshot-leads", actual));
});

test("Rule 3: sentences", () => {
  const now = at("2026-12-16T00:00:00Z");
  const actual = lines({
    nothing: warningOf(lastSnapshot([], now)),
    "only a nightly": warningOf(lastSnapshot([NIGHT], now)),
    "an older weekly lives longer": warningOf(lastSnapshot([WEEK, NIGHT], now)),
    "a newer upload is no backup of its own": warningOf(lastSnapshot([NIGHT, UPLOAD], now)),
    "only an upload": warningOf(lastSnapshot([UPLOAD], at("2027-03-09T12:00:00Z"))),
    "kept longer": warningOf(lastSnapshot([{ ...NIGHT, expiresAt: "2027-12-17T03:18:00Z" }], now)),
  });
  expect(actual).toBe(golden("last-snapshot-sentences", actual));
});

test("Rule 3: an older one is left only where it lives longer than the last", () => {
  const last = { ...NIGHT, expiresAt: "2026-12-17T03:18:00Z" };
  const olderOf = (expiresAt: string) =>
    lastSnapshot([{ ...WEEK, expiresAt }, last], at("2026-12-16T00:00:00Z"))?.olderOf;
  expect(olderOf("2026-12-17T03:18:01Z")).toBe(WEEK.createdAt);
  expect(olderOf("2026-12-17T03:18:00Z")).toBeNull();
  expect(olderOf("2026-12-16T12:00:00Z")).toBeNull();
});

test("Rule 3: after the last lead nobody looks again", () => {
  expect(lastSnapshot([NIGHT], at("2026-12-17T03:17:59Z"))).toMatchObject({ nextLook: null });
});
