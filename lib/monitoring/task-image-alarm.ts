/** The database task's image has not been renewed for a month. */
import { Duration } from "aws-cdk-lib";
import { TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { ServiceRegion } from "../service-region";
import { type AlarmEvaluation, ServiceAlarm } from "./service-alarm";
import { serviceMetric } from "./service-metric";

/**
 * PostgreSQL's minor releases come every quarter, with others between them when they must; Debian's and Node's about
 * every month. https://www.postgresql.org/developer/roadmap/
 */
const MOST = Duration.days(30);
/** Four rounds of the gauges: one that is late, or tells late, leaves none without a value. */
const PERIOD = Duration.hours(1);

/**
 * For one hour two images may run side by side, the old one and the new: two at fault are needed. Four are looked at, so
 * that values that are two hours late are seen. An hour without a value is none at fault: no task has run yet, or the
 * gauges' own alarm says that they don't.
 */
const TWO_OF_FOUR_HOURS: AlarmEvaluation = {
  datapoints: 2,
  periods: 4,
  missingData: TreatMissingData.NOT_BREACHING,
};

export const taskImageAlarm = (scope: Construct, region: ServiceRegion, topic: Topic): ServiceAlarm =>
  new ServiceAlarm(scope, "task-image-old", {
    region,
    topic,
    name: "task-image-old",
    impact:
      "The database task's image has not been renewed for 30 days: it lacks security fixes of Debian, Node and PostgreSQL's programs, and new certificate authorities of RDS.",
    threshold: MOST.toSeconds(),
    metric: serviceMetric(region, "TaskImageAge", { statistic: "Maximum", period: PERIOD }),
    evaluation: TWO_OF_FOUR_HOURS,
  });
