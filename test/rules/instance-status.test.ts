import { adviceFor, readinessOf } from "../../lambda/rules/instance-status";

test.each<[string, string, string]>([
  ["available", "ready", "ready"],
  ["storage-optimization", "ready", "ready"],
  ["backing-up", "ready", "passing"],
  ["maintenance", "passing", "passing"],
  ["modifying", "passing", "passing"],
  ["rebooting", "passing", "passing"],
  ["upgrading", "passing", "passing"],
  ["stopped", "broken", "broken"],
  ["storage-full", "broken", "broken"],
  ["incompatible-parameters", "broken", "broken"],
  ["a-word-of-next-year", "ready", "ready"],
])("%s: %s for a dump, %s for a recovery point", (status, dump, recoveryPoint) => {
  expect(readinessOf(status)).toBe(dump);
  expect(readinessOf(status, "recovery-point")).toBe(recoveryPoint);
});

test("what is broken comes with what to do", () => {
  expect(adviceFor("stopped")).toBe("start the instance, then take the backup");
});
