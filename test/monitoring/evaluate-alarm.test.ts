/** The evaluation itself: it must be able to say no. */
import { datapointsOf, type Datapoint } from "./datapoints";
import { evaluateAlarm, playAlarm, type AlarmProperties } from "./evaluate-alarm";
import { evaluateExpression } from "./metric-expression";

const MINUTE = 60_000;
const START = Date.parse("2026-12-05T00:00:00Z");
const point = (minute: number, value: number, name = "Lag"): Datapoint => ({
  namespace: "N",
  name,
  dimensions: { region: "r" },
  at: new Date(START + minute * MINUTE),
  value,
});
const alarm: AlarmProperties = {
  AlarmName: "a",
  Namespace: "N",
  MetricName: "Lag",
  Dimensions: [{ Name: "region", Value: "r" }],
  Statistic: "Maximum",
  Period: 300,
  Threshold: 10,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  EvaluationPeriods: 1,
  TreatMissingData: "notBreaching",
};

test.each([
  [[point(0, 10)], "ALARM"],
  [[point(0, 9)], "OK"],
  [[point(0, 10), point(6, 9)], "OK"],
  [[point(0, 10), point(4, 9)], "ALARM"],
  [[point(0, 3), point(4, 12)], "ALARM"],
  [[{ ...point(0, 10), dimensions: {} }], "OK"],
  [[{ ...point(0, 10), namespace: "M" }], "OK"],
  [[], "OK"],
] as const)("threshold, period, dimensions: %#", (datapoints, state) => {
  expect(evaluateAlarm(alarm, datapoints)).toBe(state);
});

test("statistics", () => {
  const points = [point(0, 2), point(1, 4)];
  const at = (Statistic: string, Threshold: number) => evaluateAlarm({ ...alarm, Statistic, Threshold }, points);
  expect([at("Sum", 6), at("Sum", 7)]).toEqual(["ALARM", "OK"]);
  expect([at("Average", 3), at("Average", 4)]).toEqual(["ALARM", "OK"]);
  expect([at("Minimum", 2), at("Minimum", 3)]).toEqual(["ALARM", "OK"]);
  expect([at("SampleCount", 2), at("SampleCount", 3)]).toEqual(["ALARM", "OK"]);
  expect(() => at("p99", 1)).toThrow("p99");
});

test("datapoints to alarm, over several periods that end with the minute", () => {
  const twoOfThree = { ...alarm, EvaluationPeriods: 3, DatapointsToAlarm: 2 };
  expect(evaluateAlarm(twoOfThree, [point(0, 10), point(14, 10)], undefined, 0)).toBe("ALARM");
  expect(evaluateAlarm(twoOfThree, [point(0, 10), point(15, 10)], undefined, 0)).toBe("OK");
  expect(evaluateAlarm(twoOfThree, [point(0, 10), point(15, 10)], undefined, 1)).toBe("ALARM");
});

test("missing data", () => {
  const at = new Date(START);
  expect(evaluateAlarm({ ...alarm, TreatMissingData: "breaching" }, [], at)).toBe("ALARM");
  expect(evaluateAlarm({ ...alarm, TreatMissingData: "missing" }, [], at)).toBe("INSUFFICIENT_DATA");
  expect(evaluateAlarm({ ...alarm, TreatMissingData: "ignore" }, [], at)).toBe("OK");
});

/** What an alarm of one period tells, from its creation at the start on. */
const play = (changed: Partial<AlarmProperties>, points: readonly Datapoint[], farther = 0) =>
  playAlarm({ ...alarm, OKActions: ["topic"], AlarmActions: ["topic"], ...changed }, points, {
    from: new Date(START),
    to: new Date(START + 60 * MINUTE),
    farther,
  }).map(({ at, to, told }) => [(at.getTime() - START) / MINUTE, to, told]);

test("a life: begun without data, raised, ended, and with whom it is told", () => {
  expect(play({}, [point(9, 10)])).toEqual([
    [1, "OK", true],
    [10, "ALARM", true],
    [15, "OK", true],
  ]);
  expect(play({ TreatMissingData: "missing" }, [point(9, 9)])).toEqual([
    [10, "OK", true],
    [15, "INSUFFICIENT_DATA", false],
  ]);
});

test("a value that comes late is seen only while its period is looked at", () => {
  const late = (minutes: number): Datapoint => ({ ...point(9, 10), known: new Date(START + (9 + minutes) * MINUTE) });
  const raised = (farther: number, minutes: number) =>
    play({}, [late(minutes)], farther).some(([, state]) => state === "ALARM");
  expect([raised(0, 4), raised(0, 5), raised(1, 5), raised(1, 10)]).toEqual([true, false, true, false]);
});

test("FILL hides a late value, however far back is looked", () => {
  const { Namespace: _n, MetricName: _m, Dimensions: _d, Statistic: _s, Period: _p, ...rest } = alarm;
  const Metric = { Namespace: "N", MetricName: "Lag", Dimensions: [{ Name: "region", Value: "r" }] };
  const filled: AlarmProperties = {
    ...rest,
    Metrics: [
      { Id: "filled", Expression: "FILL(a, 0)" },
      { Id: "a", ReturnData: false, MetricStat: { Metric, Period: 300, Stat: "Sum" } },
    ],
  };
  const late = { ...point(9, 10), known: new Date(START + 14 * MINUTE) };
  const period = { from: new Date(START), to: new Date(START + 60 * MINUTE), farther: 5 };
  expect(playAlarm(filled, [late], period).map(({ to }) => to)).toEqual(["OK"]);
  expect(playAlarm(alarm, [late], period).map(({ to }) => to)).toEqual(["OK", "ALARM", "OK"]);
});

test("metric math: a sum has no value where a term has none, unless it is filled", () => {
  const stat = (MetricName: string) => ({
    Metric: { Namespace: "N", MetricName, Dimensions: [{ Name: "region", Value: "r" }] },
    Period: 300,
    Stat: "Sum",
  });
  const { Namespace: _n, MetricName: _m, Dimensions: _d, Statistic: _s, Period: _p, ...rest } = alarm;
  const of = (Expression: string) =>
    evaluateAlarm(
      {
        ...rest,
        Threshold: 1,
        Metrics: [
          { Id: "sum", Expression },
          { Id: "a", MetricStat: stat("Lag"), ReturnData: false },
          { Id: "b", MetricStat: stat("Other"), ReturnData: false },
        ],
      },
      [point(0, 1)],
    );
  expect(of("a + b")).toBe("OK");
  expect(of("FILL(a, 0) + FILL(b, 0)")).toBe("ALARM");
  expect(() => of("a + c")).toThrow("no metric c");
});

test("expressions", () => {
  const value = (expression: string) => evaluateExpression(expression, (id) => ({ a: 4, b: 2 })[id]);
  expect(value("a - b * 2 + (a / b)")).toBe(2);
  expect(value("MAX(a, none, 3)")).toBe(4);
  expect(value("none")).toBeUndefined();
  expect([value("a > b"), value("a > 4"), value("IF(a > b, 7, none)"), value("IF(b > a, 7, none)")]).toEqual([
    1,
    0,
    7,
    undefined,
  ]);
  expect(value("IF(none > 1, 7, 8)")).toBeUndefined();
  expect(() => value("SEARCH('{x}', 'Sum')")).toThrow();
  expect(() => value("a b")).toThrow();
  expect(() => value("RATE(a)")).toThrow("RATE");
});

test("lines without metrics have none", () => {
  expect(datapointsOf('{"level":"INFO","message":"request"}')).toEqual([]);
});
