/** The evaluation itself: it must be able to say no. */
import { datapointsOf, type Datapoint } from "./datapoints";
import { evaluateAlarm, type AlarmProperties } from "./evaluate-alarm";
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

test("datapoints to alarm, over several periods", () => {
  const twoOfThree = { ...alarm, EvaluationPeriods: 3, DatapointsToAlarm: 2 };
  expect(evaluateAlarm(twoOfThree, [point(0, 10), point(11, 10)])).toBe("ALARM");
  expect(evaluateAlarm(twoOfThree, [point(0, 10), point(16, 10)])).toBe("OK");
});

test("missing data", () => {
  const at = new Date(START);
  expect(evaluateAlarm({ ...alarm, TreatMissingData: "breaching" }, [], at)).toBe("ALARM");
  expect(evaluateAlarm({ ...alarm, TreatMissingData: "missing" }, [], at)).toBe("INSUFFICIENT_DATA");
  expect(() => evaluateAlarm({ ...alarm, TreatMissingData: "ignore" }, [], at)).toThrow("ignore");
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
  expect(() => value("SEARCH('{x}', 'Sum')")).toThrow();
  expect(() => value("a b")).toThrow();
  expect(() => value("RATE(a)")).toThrow("RATE");
});

test("lines without metrics have none", () => {
  expect(datapointsOf('{"level":"INFO","message":"request"}')).toEqual([]);
});
