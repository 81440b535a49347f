import { effectiveExpiry, laterOf } from "../../lambda/rules/effective-expiry";

const SEALED = { expiresAt: "2026-12-17T03:18:00Z" };

test.each([
  ["without a record", undefined, SEALED.expiresAt],
  ["with a record that says nothing of it", null, SEALED.expiresAt],
  ["with a later date", "2027-12-17T03:18:00Z", "2027-12-17T03:18:00Z"],
  ["with an earlier date, which can't be", "2026-12-16T03:18:00Z", SEALED.expiresAt],
  ["a second later", "2026-12-17T03:18:01.000Z", "2026-12-17T03:18:01.000Z"],
  ["the same second, spelt otherwise", "2026-12-17T03:18:00.000Z", SEALED.expiresAt],
])("Rule 3: a snapshot's effective expiry, %s", (_name, keepUntil, expected) => {
  expect(effectiveExpiry(SEALED, keepUntil === undefined ? undefined : { keepUntil })).toBe(expected);
});

test("instants are compared, not their spelling", () => {
  expect(laterOf("2026-12-17T03:18:00.500Z", "2026-12-17T03:18:00Z")).toBe("2026-12-17T03:18:00.500Z");
});
