/**
 * The rows of both tables of AWS's page, with five values looked at: 3 of 3 and 2 of 3. `0` is within the threshold, `X`
 * at fault, `-` missing. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
import { stateOf, type AlarmState } from "./alarm-state";

const KEPT = "KEPT";
type Expected = AlarmState | typeof KEPT;
const INSUFFICIENT = "INSUFFICIENT_DATA";
type Row = readonly [values: string, missing: Expected, ignore: Expected, breaching: Expected, notBreaching: Expected];

const ROWS: Readonly<Record<2 | 3, readonly Row[]>> = {
  3: [
    ["0-X-X", "OK", "OK", "OK", "OK"],
    ["0----", "OK", "OK", "OK", "OK"],
    ["----0", "OK", "OK", "OK", "OK"],
    ["-----", INSUFFICIENT, KEPT, "ALARM", "OK"],
    ["0XX-X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["----X", INSUFFICIENT, KEPT, "ALARM", "OK"],
    ["X----", "ALARM", KEPT, "ALARM", "OK"],
    ["--X--", "ALARM", KEPT, "ALARM", "OK"],
  ],
  2: [
    ["0-X-X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["00X0X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["0-X--", "OK", "OK", "ALARM", "OK"],
    ["----0", "OK", "OK", "ALARM", "OK"],
    ["----X", INSUFFICIENT, KEPT, "ALARM", "OK"],
    ["---X-", "ALARM", KEPT, "ALARM", "OK"],
  ],
};

const cases = ([2, 3] as const).flatMap((toAlarm) =>
  ROWS[toAlarm].flatMap(([values, ...expected]) =>
    (["missing", "ignore", "breaching", "notBreaching"] as const).map(
      (missing, index) => [toAlarm, values, missing, expected[index] ?? KEPT] as const,
    ),
  ),
);
test.each(cases)("%i of 3, %s, %s: %s", (toAlarm, text, missing, expected) => {
  const values = text.split("").map((one) => (one === "-" ? undefined : one === "X"));
  for (const before of ["OK", "ALARM", INSUFFICIENT] as const)
    expect(stateOf(values, { name: "a", periods: 3, toAlarm, missing, before })).toBe(
      expected === KEPT ? before : expected,
    );
});

test("a treatment that nobody knows is an error", () => {
  expect(() => stateOf([undefined], { name: "a", periods: 1, toAlarm: 1, missing: "perhaps", before: "OK" })).toThrow(
    "perhaps",
  );
});
