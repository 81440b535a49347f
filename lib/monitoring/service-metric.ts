/** One of the service's own metrics, as alarms and dashboards look at it. */
import type { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { metricsNamespace, REGION_DIMENSION, type MetricName } from "../../lambda/observability/metric-names";
import type { ServiceRegion } from "../service-region";

export interface ServiceMetricOptions {
  readonly statistic: "Sum" | "Maximum" | "Minimum" | "Average";
  readonly period: Duration;
  readonly label?: string;
}

export const serviceMetric = (
  { stage, row }: ServiceRegion,
  name: MetricName,
  { statistic, period, label }: ServiceMetricOptions,
): Metric =>
  new Metric({
    namespace: metricsNamespace(stage.prefix),
    metricName: name,
    dimensionsMap: { [REGION_DIMENSION]: row.region },
    statistic,
    period,
    ...(label === undefined ? {} : { label }),
  });
