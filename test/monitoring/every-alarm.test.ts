/** No alarm without a test that makes its condition, and no test of an alarm that is gone. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { alarmNames } from "./alarms";

const sorted = (names: readonly string[]): readonly string[] => names.toSorted((a, b) => a.localeCompare(b));
const TESTS = join(__dirname, "..");

test("every alarm of the templates has a test that makes its condition", () => {
  const files = readdirSync(TESTS, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".test.ts"));
  const tested = files.flatMap((file) =>
    [...readFileSync(join(TESTS, file), "utf8").matchAll(/\btestAlarm\(\s*"([a-z-]+)"/g)].map(
      (match) => match[1] ?? "",
    ),
  );
  expect(sorted(tested)).toEqual(sorted(alarmNames()));
});
