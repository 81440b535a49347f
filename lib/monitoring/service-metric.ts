/** One of the service's own metrics, as alarms and dashboards look at it. */
import type { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import {
  ENVIRONMENT_DIMENSION,
  metricsNamespace,
  REGION_DIMENSION,
  type MetricName,
} from "../../lambda/observability/metric-names";
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

/** A search for a metric of every environment, for dashboards: alarms look at the region's, whose maximum is the worst. */
export const environmentsSearch = ({ stage, row }: ServiceRegion, name: MetricName, period: Duration): string =>
  `SEARCH('{${metricsNamespace(stage.prefix)},${REGION_DIMENSION},${ENVIRONMENT_DIMENSION}} MetricName="${name}" ${REGION_DIMENSION}="${row.region}"', 'Maximum', ${period.toSeconds()})`;
