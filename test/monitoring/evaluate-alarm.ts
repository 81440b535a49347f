/**
 * Evaluates a synthesized alarm on metric values, as CloudWatch does: every minute, over periods that end then, with
 * statistic, metric math, threshold, datapoints to alarm and missing data, on the values that are known by then. So a
 * test can make a condition with the real code and see whether, and when, somebody is told.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
import { stateOf, type AlarmState } from "./alarm-state";
import type { Datapoint } from "./datapoints";
import { evaluateExpression } from "./metric-expression";

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
  readonly AlarmActions?: readonly unknown[];
  readonly OKActions?: readonly unknown[];
  readonly InsufficientDataActions?: readonly unknown[];
}

/**
 * CloudWatch looks farther back than the evaluation periods when values are missing; how far it does not say, its own
 * example with three periods looks at five. Whoever wants to be sure tries none and some.
 */
export const FARTHER_BACK = 2;
const MINUTE = 60_000;

/** The state at the end of the minute that holds `at`, by default that of the newest value. */
export const evaluateAlarm = (
  alarm: AlarmProperties,
  datapoints: readonly Datapoint[],
  at: Date = newest(datapoints),
  farther = FARTHER_BACK,
): AlarmState => stateAt(alarm, datapoints, endOfMinute(at), { farther, before: "OK" });

/** A change of the alarm's state, and whether the alarm tells somebody of it. */
export interface Change {
  readonly at: Date;
  readonly to: AlarmState;
  readonly told: boolean;
}
export interface Play {
  readonly from: Date;
  readonly to: Date;
  /** @default FARTHER_BACK */
  readonly farther?: number;
}

/** An alarm's life from its creation at `from`, when it is without data, minute by minute. */
export const playAlarm = (
  alarm: AlarmProperties,
  datapoints: readonly Datapoint[],
  { from, to, farther = FARTHER_BACK }: Play,
): readonly Change[] => {
  const changes: Change[] = [];
  const { stats } = measured(alarm);
  const watched = new Set(stats.map(({ Metric }) => Metric.MetricName));
  const values = datapoints.filter(({ name }) => watched.has(name)).toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const range = (alarm.EvaluationPeriods + farther) * Math.max(...stats.map(({ Period }) => Period)) * 1000;
  const indexFrom = (time: number, start: number): number => {
    let index = start;
    while (index < values.length && (values[index]?.at.getTime() ?? 0) < time) index++;
    return index;
  };
  let state: AlarmState = "INSUFFICIENT_DATA";
  let [first, end] = [0, 0];
  for (let minute = endOfMinute(from); minute <= to.getTime(); minute += MINUTE) {
    first = indexFrom(minute - range, first);
    end = indexFrom(minute, end);
    const next = stateAt(alarm, values.slice(first, end), minute, { farther, before: state });
    if (next !== state) changes.push({ at: new Date(minute), to: next, told: actionsOf(alarm, next).length > 0 });
    state = next;
  }
  return changes;
};

const actionsOf = (alarm: AlarmProperties, state: AlarmState): readonly unknown[] =>
  ({ OK: alarm.OKActions, ALARM: alarm.AlarmActions, INSUFFICIENT_DATA: alarm.InsufficientDataActions })[state] ?? [];

const newest = (datapoints: readonly Datapoint[]): Date =>
  new Date(Math.max(0, ...datapoints.map(({ at }) => at.getTime())));
const endOfMinute = (at: Date): number => (Math.floor(at.getTime() / MINUTE) + 1) * MINUTE;

const stateAt = (
  alarm: AlarmProperties,
  datapoints: readonly Datapoint[],
  end: number,
  { farther, before }: { readonly farther: number; readonly before: AlarmState },
): AlarmState => {
  const { stats, valueIn } = measured(alarm);
  const periods = new Set(stats.map(({ Period }) => Period));
  const [period] = periods;
  if (period === undefined || periods.size > 1) throw new Error(`${alarm.AlarmName}: several periods.`);
  const length = period * 1000;
  const count = alarm.EvaluationPeriods + farther;
  const known = datapoints.filter(
    ({ at, known: since = at }) => since.getTime() < end && at.getTime() < end && at.getTime() >= end - count * length,
  );
  const values = Array.from({ length: count }, (_, index) => {
    const to = end - (count - 1 - index) * length;
    const inPeriod = known.filter(({ at }) => at.getTime() >= to - length && at.getTime() < to);
    const value = valueIn((stat) => aggregate(stat, inPeriod));
    return value === undefined ? undefined : compare(alarm, value);
  });
  return stateOf(values, {
    name: alarm.AlarmName,
    periods: alarm.EvaluationPeriods,
    toAlarm: alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods,
    missing: alarm.TreatMissingData ?? "missing",
    before,
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
