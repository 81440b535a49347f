/** The table of alarms in docs/observability.md says how each alarm of the templates is evaluated, and why. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { alarmNames, alarmNamed, periodOf } from "./alarms";

const DOCS = join(__dirname, "../../docs");
interface Row {
  readonly name: string;
  readonly from: string;
  readonly period: string;
  readonly of: string;
  readonly silence: string;
  readonly why: string;
}
const rows: readonly Row[] = [
  ...readFileSync(join(DOCS, "observability.md"), "utf8").matchAll(
    /^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm,
  ),
].map(([, name = "", from = "", period = "", of = "", silence = "", why = ""]) => ({
  name,
  from,
  period,
  of,
  silence,
  why,
}));
const sorted = (names: readonly string[]): readonly string[] => names.toSorted((a, b) => a.localeCompare(b));

test("every alarm has one row", () => {
  expect(sorted(rows.map(({ name }) => name))).toEqual(sorted(alarmNames()));
});

/** From which value on, in words. */
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^one$|^an error$/, 1],
  [/ minutes$/, 60],
  [/ hours$/, 3600],
  [/ days$/, 86_400],
];
const thresholdOf = (from: string): number => {
  const [, factor = Number.NaN] = UNITS.find(([words]) => words.test(from)) ?? [];
  return factor === 1 ? 1 : Number.parseFloat(from) * factor;
};

test.each(rows)("$name: as the template has it", ({ name, from, period, of, silence, why }) => {
  const alarm = alarmNamed(name);
  const tells = (alarm.InsufficientDataActions ?? []).length > 0;
  expect({
    threshold: thresholdOf(from),
    period: `${periodOf(alarm) / 60} min`,
    of: `${alarm.DatapointsToAlarm} of ${alarm.EvaluationPeriods}`,
    missing: alarm.TreatMissingData,
    tells,
  }).toEqual({
    threshold: alarm.Threshold,
    period,
    of,
    missing: silence === "no fault" ? "notBreaching" : "missing",
    tells: silence === "said when rounds stop",
  });
  expect(why.length).toBeGreaterThan(10);
});

test("no alarm takes missing values for a fault: it would be raised as soon as it is made", () => {
  expect(alarmNames().filter((name) => alarmNamed(name).TreatMissingData === "breaching")).toEqual([]);
});

test("every alarm tells when it is raised and when it is over", () => {
  for (const name of alarmNames()) {
    const { AlarmActions = [], OKActions = [] } = alarmNamed(name);
    expect([name, AlarmActions.length, OKActions.length]).toEqual([name, 1, 1]);
  }
});
