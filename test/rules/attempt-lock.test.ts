import { attemptLock, needsRenewal } from "../../lambda/rules/attempt-lock";

const now = new Date("2026-12-06T23:00:00Z");

test("Rule 6: an attempt's objects are locked for two days", () => {
  expect(attemptLock("COMPLIANCE", now)).toEqual({ mode: "COMPLIANCE", until: new Date("2026-12-08T23:00:00Z") });
});

test("Rule 6: a running attempt renews locks that end within a day", () => {
  expect(needsRenewal(new Date("2026-12-07T22:59:59Z"), now)).toBe(true);
  expect(needsRenewal(new Date("2026-12-07T23:00:00Z"), now)).toBe(false);
});
