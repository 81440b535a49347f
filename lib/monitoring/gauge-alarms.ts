/** Alarms on the service's own metrics: each with its threshold, and the arithmetic behind it. */
import { Duration } from "aws-cdk-lib";
import { TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { GAUGES_MINUTES } from "../../lambda/gauges/contract";
import type { MetricName } from "../../lambda/observability/metric-names";
import type { ServiceRegion } from "../service-region";
import { ServiceAlarm } from "./service-alarm";
import { serviceMetric } from "./service-metric";

const MINUTE = 60;
const HOUR = 60 * MINUTE;

interface GaugeAlarm {
  readonly name: string;
  readonly metric: MetricName;
  readonly statistic: "Maximum" | "Sum";
  readonly threshold: number;
  readonly impact: string;
  readonly missingData?: TreatMissingData;
}

export const GAUGE_ALARMS: readonly GaugeAlarm[] = [
  {
    name: "snapshot-too-old",
    metric: "NewestSnapshotAge",
    statistic: "Maximum",
    /** A day between two nights, an hour for the backup, a quarter for the replication, and some air. */
    threshold: 26 * HOUR,
    impact:
      "At least one environment's newest snapshot at the far end is too old, or nobody knows: losing the region now would lose more than a day.",
    /** The gauges don't run: then nobody would hear that a snapshot grows old. */
    missingData: TreatMissingData.BREACHING,
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

export const createGaugeAlarms = (scope: Construct, region: ServiceRegion, topic: Topic): readonly ServiceAlarm[] =>
  GAUGE_ALARMS.map(
    ({ name, metric, statistic, threshold, impact, missingData }) =>
      new ServiceAlarm(scope, name, {
        region,
        topic,
        name,
        impact,
        threshold,
        metric: serviceMetric(region, metric, { statistic, period: Duration.minutes(GAUGES_MINUTES) }),
        /** Two rounds of the gauges, so that one that is late is no alarm. */
        ...(missingData === undefined ? {} : { missingData, periods: 2 }),
      }),
  );
