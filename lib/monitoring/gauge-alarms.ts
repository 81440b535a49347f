/** Alarms on the service's own metrics: each with its threshold, and the arithmetic behind it. */
import { Duration } from "aws-cdk-lib";
import { MathExpression, TreatMissingData, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { GAUGES_MINUTES, TOO_OLD_SECONDS } from "../../lambda/gauges/contract";
import type { MetricName } from "../../lambda/observability/metric-names";
import type { ServiceRegion } from "../service-region";
import type { ServiceFunction } from "../functions/service-function";
import { ServiceAlarm, type AlarmEvaluation } from "./service-alarm";
import { serviceMetric } from "./service-metric";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const ROUND = Duration.minutes(GAUGES_MINUTES);

interface GaugeAlarm {
  readonly name: string;
  readonly metric: MetricName;
  readonly statistic: "Maximum" | "Sum";
  readonly threshold: number;
  readonly impact: string;
}

export const GAUGE_ALARMS: readonly GaugeAlarm[] = [
  {
    name: "snapshot-too-old",
    metric: "NewestSnapshotAge",
    statistic: "Maximum",
    threshold: TOO_OLD_SECONDS,
    impact:
      "At least one environment's newest backup at the far end is too old: losing the region now would lose more than a day. A message of its own names the environments.",
  },
  {
    name: "window-overrun",
    metric: "WindowOverrun",
    statistic: "Maximum",
    threshold: 30 * MINUTE,
    impact:
      "Nightly backups are still running or waiting after their window has closed: they take resources from the users' day.",
  },
  {
    name: "replication-late",
    metric: "ReplicationLag",
    statistic: "Maximum",
    /** S3 promises a quarter of an hour for nearly all objects; the check copies again what it gives up on. */
    threshold: 3 * HOUR,
    impact: "A sealed snapshot has been waiting for its replica for hours: losing this region now would lose it.",
  },
  {
    name: "queue-too-long",
    metric: "LongestQueued",
    statistic: "Maximum",
    threshold: 4 * HOUR,
    impact: "A backup or a restore has been waiting for hours for another operation of its environment to end.",
  },
  {
    name: "retention-behind",
    metric: "RetentionOverdue",
    statistic: "Maximum",
    /** Minutes are promised; a long restore may pin its snapshot for some hours. */
    threshold: 6 * HOUR,
    impact:
      "Data of snapshots that expired hours ago is still there: nobody can see it, but it is kept longer than promised and is paid for.",
  },
  {
    name: "events-not-sent",
    metric: "EventsNotSent",
    statistic: "Sum",
    threshold: 1,
    impact: "EventBridge did not take events about snapshots or restores: whoever hooked on has not heard of them.",
  },
];

/**
 * Two of three rounds: a function that fails once is called again, by Lambda and by the next round. Before the first
 * round there is nothing to say, so a first deployment is silent: the alarm begins without data. Once there was a round,
 * three and more without one change it to "insufficient data", and that is told.
 */
const TWO_OF_THREE_ROUNDS: AlarmEvaluation = {
  datapoints: 2,
  periods: 3,
  missingData: TreatMissingData.MISSING,
  tellsOfSilence: true,
};

export const createGaugeAlarms = (
  scope: Construct,
  region: ServiceRegion,
  topic: Topic,
  gauges: ServiceFunction,
): readonly ServiceAlarm[] => [
  ...GAUGE_ALARMS.map(
    ({ name, metric, statistic, threshold, impact }) =>
      new ServiceAlarm(scope, name, {
        region,
        topic,
        name,
        impact,
        threshold,
        metric: serviceMetric(region, metric, { statistic, period: ROUND }),
      }),
  ),
  new ServiceAlarm(scope, "gauges-failed", {
    region,
    topic,
    name: "gauges-failed",
    impact: "Nobody measures the backups: a snapshot that grows old, an overrun and an expired one would go unseen.",
    metric: failedRounds(region, gauges),
    evaluation: TWO_OF_THREE_ROUNDS,
  }),
];

/** 1 for a round with an error, 0 for one that measured, no value without a round. */
const failedRounds = (region: ServiceRegion, { function: gauges }: ServiceFunction): IMetric =>
  new MathExpression({
    expression: "IF(FILL(errors, 0) > 0, 1, 0 * measured)",
    label: "rounds with an error",
    period: ROUND,
    usingMetrics: {
      errors: gauges.metricErrors({ period: ROUND, statistic: "Sum" }),
      measured: serviceMetric(region, "NewestSnapshotAge", { statistic: "Maximum", period: ROUND }),
    },
  });
