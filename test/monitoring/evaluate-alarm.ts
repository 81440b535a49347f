/**
 * Evaluates a synthesized alarm on metric values, as CloudWatch does: statistic by period, metric math, threshold,
 * datapoints to alarm, missing data. So a test can make a condition with the real code and see whether somebody is told.
 */
import type { Datapoint } from "./datapoints";
import { evaluateExpression } from "./metric-expression";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

interface Dimension {
  readonly Name: string;
  readonly Value: string;
}
interface MetricStat {
  readonly Metric: {
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions?: readonly Dimension[];
  };
  readonly Period: number;
  readonly Stat: string;
}
/** `AWS::CloudWatch::Alarm`, its references resolved. */
export interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription?: string;
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: readonly Dimension[];
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Period?: number;
  readonly Metrics?: readonly {
    readonly Id: string;
    readonly Expression?: string;
    readonly ReturnData?: boolean;
    readonly MetricStat?: MetricStat;
  }[];
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly TreatMissingData?: string;
}

/** The state at `at`, by default in the period of the newest value. */
export const evaluateAlarm = (
  alarm: AlarmProperties,
  datapoints: readonly Datapoint[],
  at: Date = newest(datapoints),
): AlarmState => {
  const values = valuesByPeriod(alarm, datapoints, at);
  const treatment = alarm.TreatMissingData ?? "missing";
  if (!["missing", "breaching", "notBreaching"].includes(treatment))
    throw new Error(`${alarm.AlarmName}: treating missing data as "${treatment}" is not known here.`);
  if (treatment === "missing" && values.every((value) => value === undefined)) return "INSUFFICIENT_DATA";
  const breaches = values.filter((value) =>
    value === undefined ? treatment === "breaching" : compare(alarm, value),
  ).length;
  return breaches >= (alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods) ? "ALARM" : "OK";
};

const newest = (datapoints: readonly Datapoint[]): Date =>
  new Date(Math.max(0, ...datapoints.map(({ at }) => at.getTime())));

/** Of the evaluation periods, the last one being the one that holds `at`. */
const valuesByPeriod = (
  alarm: AlarmProperties,
  datapoints: readonly Datapoint[],
  at: Date,
): readonly (number | undefined)[] => {
  const { stats, valueIn } = measured(alarm);
  const periods = new Set(stats.map(({ Period }) => Period));
  const [period] = periods;
  if (period === undefined || periods.size > 1) throw new Error(`${alarm.AlarmName}: several periods.`);
  const last = Math.floor(at.getTime() / (period * 1000));
  return Array.from({ length: alarm.EvaluationPeriods }, (_, back) => last - back).map((number) => {
    const inPeriod = datapoints.filter((point) => Math.floor(point.at.getTime() / (period * 1000)) === number);
    return valueIn((stat) => aggregate(stat, inPeriod));
  });
};

type Aggregated = (stat: MetricStat) => number | undefined;

const measured = (
  alarm: AlarmProperties,
): { readonly stats: readonly MetricStat[]; readonly valueIn: (of: Aggregated) => number | undefined } => {
  const { Metrics } = alarm;
  if (Metrics === undefined) {
    const { Namespace = "", MetricName = "", Dimensions = [], Period = 0 } = alarm;
    const stat: MetricStat = {
      Metric: { Namespace, MetricName, Dimensions },
      Period,
      Stat: alarm.Statistic ?? alarm.ExtendedStatistic ?? "",
    };
    return { stats: [stat], valueIn: (of) => of(stat) };
  }
  const returned = Metrics.filter(({ ReturnData }) => ReturnData !== false);
  if (returned.length !== 1) throw new Error(`${alarm.AlarmName}: ${returned.length} metrics are returned, not one.`);
  const valueOf = (id: string, of: Aggregated): number | undefined => {
    const found = Metrics.find(({ Id }) => Id === id);
    if (found?.MetricStat !== undefined) return of(found.MetricStat);
    if (found?.Expression === undefined) throw new Error(`${alarm.AlarmName}: no metric ${id}.`);
    return evaluateExpression(found.Expression, (inner) => valueOf(inner, of));
  };
  return {
    stats: Metrics.flatMap(({ MetricStat: stat }) => stat ?? []),
    valueIn: (of) => valueOf(returned[0]?.Id ?? "", of),
  };
};

const aggregate = ({ Metric, Stat }: MetricStat, points: readonly Datapoint[]): number | undefined => {
  const wanted = (Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value] as const);
  const values = points
    .filter(
      ({ namespace, name, dimensions }) =>
        namespace === Metric.Namespace &&
        name === Metric.MetricName &&
        Object.keys(dimensions).length === wanted.length &&
        wanted.every(([dimension, value]) => dimensions[dimension] === value),
    )
    .map(({ value }) => value);
  if (values.length === 0) return undefined;
  const sum = values.reduce((total, value) => total + value, 0);
  switch (Stat) {
    case "Sum":
      return sum;
    case "Average":
      return sum / values.length;
    case "Maximum":
      return Math.max(...values);
    case "Minimum":
      return Math.min(...values);
    case "SampleCount":
      return values.length;
    default:
      throw new Error(`The statistic ${Stat} is not known here.`);
  }
};

const compare = ({ ComparisonOperator, Threshold, AlarmName }: AlarmProperties, value: number): boolean => {
  switch (ComparisonOperator) {
    case "GreaterThanOrEqualToThreshold":
      return value >= Threshold;
    case "GreaterThanThreshold":
      return value > Threshold;
    case "LessThanOrEqualToThreshold":
      return value <= Threshold;
    case "LessThanThreshold":
      return value < Threshold;
    default:
      throw new Error(`${AlarmName}: the comparison ${ComparisonOperator} is not known here.`);
  }
};
