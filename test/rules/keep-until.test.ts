import type { SnapshotState } from "../../lambda/catalog/items";
import { objectionToKeeping } from "../../lambda/rules/keep-until";
import { golden, lines } from "./golden-file";

const NOW = new Date("2026-12-10T12:00:00Z");
const SNAPSHOT = {
  snapshotId: "night",
  state: "completed" as SnapshotState,
  expiresAt: "2026-12-17T03:18:00Z",
  deleting: false,
};
const objection = (until: string, change: Partial<typeof SNAPSHOT> = {}, now = NOW): string =>
  objectionToKeeping({ ...SNAPSHOT, ...change }, new Date(until), now) ?? "may be kept";

test("Rule 3: until when a snapshot may be kept", () => {
  const actual = lines({
    "a year": objection("2027-12-17T03:18:00Z"),
    "a second longer": objection("2026-12-17T03:18:01Z"),
    "the same second": objection("2026-12-17T03:18:00Z"),
    earlier: objection("2026-12-16T00:00:00Z"),
    past: objection("2026-12-10T11:59:59Z"),
    "ten years to the second": objection("2036-12-10T12:00:00Z"),
    "a second more": objection("2036-12-10T12:00:01Z"),
    queued: objection("2027-12-17T03:18:00Z", { state: "queued" }),
    failed: objection("2027-12-17T03:18:00Z", { state: "failed" }),
    "being deleted": objection("2027-12-17T03:18:00Z", { deleting: true }),
    "31 seconds before its expiry": objection("2027-12-17T03:18:00Z", {}, new Date("2026-12-17T03:17:29Z")),
    "29 seconds before": objection("2027-12-17T03:18:00Z", {}, new Date("2026-12-17T03:17:31Z")),
    "in its expiry second": objection("2027-12-17T03:18:00Z", {}, new Date("2026-12-17T03:18:00Z")),
  });
  expect(actual).toBe(golden("keep-until", actual));
});

test("to the second: half a minute must be left, and the date must be after now and after the expiry", () => {
  const before = (milliseconds: number) => new Date(Date.parse(SNAPSHOT.expiresAt) - milliseconds);
  expect(objection("2027-12-17T03:18:00Z", {}, before(30_000))).toBe("may be kept");
  expect(objection("2027-12-17T03:18:00Z", {}, before(29_999))).toMatch(/too soon to lock all of it/);
  expect(objection("2026-12-10T12:00:00Z", {}, NOW)).toMatch(/is in the past/);
});
