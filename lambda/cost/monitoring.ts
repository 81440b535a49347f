/**
 * What watching over a region costs a month. It does not depend on the number of environments: metrics have the region
 * as their only dimension. A test holds the counts against the synthesized templates. Pure.
 */
import { METRICS } from "../observability/metric-names";
import { PRICES, type PriceList } from "./prices";

/** S3 counts these for each replication rule, and bills them like custom metrics. */
export const METRICS_A_REPLICATION_RULE = 4;

export interface Monitoring {
  readonly customMetrics: number;
  /** An alarm on an expression is paid for each metric in it. */
  readonly alarmMetrics: number;
  readonly dashboards: number;
}
/** Of a region, with the stack of its replicas. */
export const REGION_MONITORING: Monitoring = {
  customMetrics: Object.keys(METRICS).length + 2 * METRICS_A_REPLICATION_RULE,
  alarmMetrics: 44,
  dashboards: 1,
};

/** The prices that it takes. */
export const MONITORING_PRICES = ["customMetricMonth", "alarmMetricMonth", "dashboardMonth"] as const;

export interface MonitoringLine {
  readonly item: string;
  readonly quantity: number;
  /** US dollars a month. */
  readonly usd: number;
}
export const monitoringCost = (
  region: string,
  prices: PriceList = PRICES,
  counted: Monitoring = REGION_MONITORING,
): readonly MonitoringLine[] => {
  const line = (item: string, name: (typeof MONITORING_PRICES)[number], quantity: number): MonitoringLine => ({
    item,
    quantity,
    usd: quantity * prices.priceOf(name, region).usd,
  });
  return [
    line("custom metrics", "customMetricMonth", counted.customMetrics),
    line("metrics of alarms", "alarmMetricMonth", counted.alarmMetrics),
    line("dashboard", "dashboardMonth", counted.dashboards),
  ];
};

/** One sentence: it is paid once a region, so no environment's estimate holds it. */
export const monitoringInWords = (region: string, prices: PriceList): string => {
  const lines = monitoringCost(region, prices);
  const usd = lines.reduce((sum, line) => sum + line.usd, 0);
  return `Watching over a region costs about $${usd.toFixed(2)} a month once, however many environments it has: ${lines.map(({ quantity, item }) => `${quantity} ${item}`).join(", ")}.`;
};
