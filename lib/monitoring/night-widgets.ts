/** How the nights go, on the dashboard: success, ages at the far end, lag, overrun, queue, backlog, bytes. */
import { Duration } from "aws-cdk-lib";
import { GraphWidget, LogQueryWidget, MathExpression, Metric, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import { GAUGES_MINUTES, TOO_OLD_MESSAGE } from "../../lambda/gauges/contract";
import type { MetricName } from "../../lambda/observability/metric-names";
import type { BucketKind } from "../names";
import type { ServiceRegion } from "../service-region";
import { serviceMetric } from "./service-metric";

const WHOLE_WIDTH = 24;
const HALF_WIDTH = 12;
const ROUND = Duration.minutes(GAUGES_MINUTES);
const DAY = Duration.days(1);
const HOUR_SECONDS = 3600;

export const nightWidgets = (region: ServiceRegion): IWidget[][] => {
  const gauge = (name: MetricName, label: string): Metric =>
    serviceMetric(region, name, { statistic: "Maximum", period: ROUND, label });
  const counted = (name: MetricName, label: string): Metric =>
    serviceMetric(region, name, { statistic: "Sum", period: DAY, label });
  /** Ids are unique in a graph. */
  const hours = (name: MetricName, label: string): IMetric =>
    new MathExpression({
      expression: `seconds${name} / ${HOUR_SECONDS}`,
      usingMetrics: { [`seconds${name}`]: gauge(name, label) },
      label,
      period: ROUND,
    });
  return [
    [
      graph("Nightly backups a day", counted("NightlySucceeded", "succeeded"), counted("NightlyFailed", "failed")),
      graph(
        "Newest backups at the far end: hours of the oldest, environments too old",
        hours("NewestSnapshotAge", "hours of the oldest"),
        gauge("EnvironmentsTooOld", "environments too old"),
      ),
    ],
    [tooOldByName(region)],
    [
      graph(
        "Hours behind: replication, window, retention, queue",
        hours("ReplicationLag", "replication"),
        hours("WindowOverrun", "after the window's end"),
        hours("RetentionOverdue", "longest expired"),
        hours("LongestQueued", "longest queued"),
      ),
      graph(
        "Waiting: operations, expired snapshots, events",
        gauge("QueuedOperations", "queued operations"),
        gauge("RetentionBacklog", "expired, still there"),
        serviceMetric(region, "EventsNotSent", { statistic: "Sum", period: ROUND, label: "events not sent" }),
      ),
    ],
    [
      graph("Bytes that snapshots hold, each by itself", gauge("StoredLogical", "dumps and files")),
      graph("Bytes stored", stored(region, "primary"), stored(region, "replica"), stored(region, "transfer")),
    ],
  ];
};

const graph = (title: string, ...left: IMetric[]): GraphWidget => new GraphWidget({ title, width: HALF_WIDTH, left });

/** From the log: a metric for each environment would be paid for each. */
const tooOldByName = ({ names }: ServiceRegion): LogQueryWidget =>
  new LogQueryWidget({
    title: "Environments without a recent backup at the far end",
    width: WHOLE_WIDTH,
    logGroupNames: [`/aws/lambda/${names.function("gauges")}`],
    queryLines: [
      `filter message = "${TOO_OLD_MESSAGE}"`,
      "stats latest(ageHours) as hours, latest(@timestamp) as seen by environmentId",
      "sort hours desc",
    ],
  });

/** S3 counts once a day. */
const stored = ({ names, row }: ServiceRegion, kind: BucketKind): Metric =>
  new Metric({
    namespace: "AWS/S3",
    metricName: "BucketSizeBytes",
    dimensionsMap: { BucketName: names.bucket(kind), StorageType: "StandardStorage" },
    region: kind === "replica" ? row.replication.region : row.region,
    statistic: "Maximum",
    period: DAY,
    label: kind,
  });
