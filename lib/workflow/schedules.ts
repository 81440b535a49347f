/** A region's clocks: the nightly window's, from its row of the nightly table, retention's, the drills', the gauges'. */
import { Duration, Validations } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { GAUGES_MINUTES } from "../../lambda/gauges/contract";
import type { ServiceFunctions } from "../functions/service-functions";
import type { WorkflowName } from "../names";
import type { ServiceRegion } from "../service-region";
import { ServiceSchedule } from "./service-schedule";
import type { ServiceWorkflow } from "./service-workflow";

/** "Its data goes within minutes" (rule 3). */
const RETENTION_MINUTES = 5;
/** Each environment has its hour of the week; what a crashed drill left is removed within the hour. */
const DRILL_AGE_MINUTES = 55;
const MINUTE_SECONDS = 60;

export interface SchedulesProps {
  readonly region: ServiceRegion;
  readonly workflows: Readonly<Record<WorkflowName, ServiceWorkflow>>;
  readonly functions: ServiceFunctions;
}

export class Schedules extends Construct {
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { region, workflows, functions }: SchedulesProps) {
    super(scope, id);
    const { row } = region;
    this.undelivered = new Queue(this, "Undelivered", {
      queueName: region.names.deadLetterQueue(),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.undelivered).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "It is itself the dead-letter queue of the schedules.",
    });
    new ServiceSchedule(this, "NightlyWindow", {
      region,
      name: "nightly-window",
      description: `Nightly backups of ${row.name}, ${row.startUtc} UTC`,
      expression: nightlyExpression(row.startUtc),
      maximumEventAgeSeconds: row.durationMinutes * MINUTE_SECONDS,
      target: workflows["nightly-window"],
      undelivered: this.undelivered,
    });
    new ServiceSchedule(this, "Retention", {
      region,
      name: "retention",
      description: `Removes expired snapshots of ${row.name}`,
      expression: `rate(${RETENTION_MINUTES} minutes)`,
      maximumEventAgeSeconds: RETENTION_MINUTES * MINUTE_SECONDS,
      target: workflows.retention,
      undelivered: this.undelivered,
    });
    new ServiceSchedule(this, "Gauges", {
      region,
      name: "gauges",
      description: `Measures the backups of ${row.name}`,
      expression: `rate(${GAUGES_MINUTES} minutes)`,
      maximumEventAgeSeconds: GAUGES_MINUTES * MINUTE_SECONDS,
      target: functions.gauges,
      undelivered: this.undelivered,
    });
    new ServiceSchedule(this, "Drills", {
      region,
      name: "drills",
      description: `Restore drills of ${row.name}`,
      expression: "rate(1 hour)",
      maximumEventAgeSeconds: DRILL_AGE_MINUTES * MINUTE_SECONDS,
      target: workflows.drill,
      undelivered: this.undelivered,
    });
  }
}

/** `19:30` → `cron(30 19 * * ? *)`. */
const nightlyExpression = (startUtc: string): string => {
  const [hour, minute] = startUtc.split(":").map(Number);
  return `cron(${minute} ${hour} * * ? *)`;
};
