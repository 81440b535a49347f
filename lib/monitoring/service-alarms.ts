/** Every alarm of a region. Each ends with the article of the same name in the runbook. */
import { Duration } from "aws-cdk-lib";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import { MathExpression, type Alarm, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { Topic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ServiceFunctions } from "../functions/service-functions";
import type { WorkflowName } from "../names";
import type { ServiceRegion } from "../service-region";
import type { ServiceWorkflow } from "../workflow/service-workflow";
import { createGaugeAlarms } from "./gauge-alarms";
import { type AlarmEvaluation, ServiceAlarm } from "./service-alarm";
import { serviceMetric } from "./service-metric";
import { taskImageAlarm } from "./task-image-alarm";

const PERIOD = Duration.minutes(5);
/** Retention counts every five minutes, when nothing keeps it from that. */
const COUNTED_EVERY = Duration.minutes(15);

/** Retention runs every five minutes: what one run fails to do, the next does. Two that fail are its fault. */
const TWO_OF_FOUR: AlarmEvaluation = { datapoints: 2, periods: 4, missingData: TreatMissingData.NOT_BREACHING };

interface FailedWorkflow {
  readonly name: string;
  readonly workflow: WorkflowName;
  readonly impact: string;
  readonly evaluation?: AlarmEvaluation;
}
const FAILED_WORKFLOWS: readonly FailedWorkflow[] = [
  {
    name: "window-failed",
    workflow: "nightly-window",
    impact: "The nightly window broke off: environments whose slot had not come yet have no backup of this night.",
  },
  {
    name: "replication-check-failed",
    workflow: "replication-check",
    impact: "A sealed snapshot is not proven to be in the replication region: losing this region would lose it.",
  },
  {
    name: "retention-failed",
    workflow: "retention",
    evaluation: TWO_OF_FOUR,
    impact:
      "Expired snapshots are not removed: nobody can see them, but their data is kept longer than promised and is paid for.",
  },
  {
    name: "deletion-failed",
    workflow: "deletion",
    impact: "A user's deletion of a snapshot did not end: its data may still be there.",
  },
  {
    name: "keep-failed",
    workflow: "keep",
    impact: "A snapshot that an administrator wanted to keep longer still ends at its old expiry.",
  },
  {
    name: "restore-failed",
    workflow: "restore",
    impact: "A restore failed: its target is as it was before, and the user still waits for the data.",
  },
  {
    name: "drill-failed",
    workflow: "drill",
    impact:
      "A snapshot could not be restored in a drill, or no drill could be held: a restore that somebody needs may fail as well.",
  },
  {
    name: "archive-failed",
    workflow: "archive",
    impact: "An archive was not put together: a user can't download a snapshot. The snapshot itself is untouched.",
  },
  {
    name: "upload-failed",
    workflow: "upload",
    impact: "An uploaded archive did not become a snapshot: a user can't restore what was uploaded.",
  },
];

export interface ServiceAlarmsProps {
  readonly region: ServiceRegion;
  readonly topic: Topic;
  readonly workflows: Readonly<Record<WorkflowName, ServiceWorkflow>>;
  readonly undelivered: Queue;
  readonly functions: Pick<ServiceFunctions, "backup-fail" | "gauges">;
  readonly api: RestApi;
}

export class ServiceAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: ServiceAlarmsProps) {
    super(scope, id);
    const { region, topic, workflows, undelivered, functions, api } = props;
    const broken = FAILED_WORKFLOWS.map(
      ({ workflow, ...rest }) =>
        new ServiceAlarm(this, rest.name, { region, topic, ...rest, metric: executionsBrokenOff(workflows[workflow]) }),
    );
    const lostBackups = new ServiceAlarm(this, "backup-failed", {
      region,
      topic,
      name: "backup-failed",
      impact:
        "A backup failed and is not tried again, or its end could not be recorded: that environment has no backup of this night, or not the one that a user asked for.",
      metric: backupsLost(region, workflows.backup, functions["backup-fail"]),
    });
    const lost = new ServiceAlarm(this, "event-undelivered", {
      region,
      topic,
      name: "event-undelivered",
      impact:
        "A schedule's event did not reach its workflow: a night was not opened, or expired data was not looked for.",
      metric: undelivered.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: "Maximum" }),
    });
    const unanswered = new ServiceAlarm(this, "api-failed", {
      region,
      topic,
      name: "api-failed",
      impact: "The API or the page did not answer: users can't create, download, upload, restore or delete backups.",
      metric: api.deploymentStage.metricServerError({ period: PERIOD, statistic: "Sum" }),
    });
    const slowDrills = new ServiceAlarm(this, "drill-slow", {
      region,
      topic,
      name: "drill-slow",
      impact:
        "A restore drill took too long, by its limit or by what it used to take: so would a restore that somebody waits for.",
      metric: serviceMetric(region, "DrillsSlow", { statistic: "Sum", period: PERIOD }),
    });
    const measured = createGaugeAlarms(this, region, topic, functions.gauges);
    const expiring = new ServiceAlarm(this, "last-snapshot-expiring", {
      region,
      topic,
      name: "last-snapshot-expiring",
      impact:
        "An environment's last snapshot expires within a week and no newer one exists: what it holds is lost unless somebody acts.",
      metric: serviceMetric(region, "LastSnapshotExpiring", { period: COUNTED_EVERY, statistic: "Maximum" }),
    });
    const image = taskImageAlarm(this, region, topic);
    this.alarms = [...broken, lostBackups, slowDrills, lost, unanswered, expiring, image, ...measured].map(
      ({ alarm }) => alarm,
    );
  }
}

export const executionsBrokenOff = ({ stateMachine }: ServiceWorkflow): IMetric =>
  new MathExpression({
    /** A sum has no value where one of its terms has none: without FILL a failure alone would go unseen. */
    expression: "FILL(failed, 0) + FILL(timedOut, 0) + FILL(aborted, 0)",
    label: "executions broken off",
    period: PERIOD,
    usingMetrics: {
      failed: stateMachine.metricFailed({ period: PERIOD }),
      timedOut: stateMachine.metricTimedOut({ period: PERIOD }),
      aborted: stateMachine.metricAborted({ period: PERIOD }),
    },
  });

/**
 * Not its failed executions: an attempt that fails is tried again, and the next one may succeed. What failed for good the
 * function `backup-fail` counts; what it could not record is its own error, or an execution that ended from outside.
 */
const backupsLost = (
  region: ServiceRegion,
  { stateMachine }: ServiceWorkflow,
  { function: fail }: ServiceFunctions["backup-fail"],
): IMetric =>
  new MathExpression({
    expression: "FILL(failed, 0) + FILL(unrecorded, 0) + FILL(timedOut, 0) + FILL(aborted, 0)",
    label: "backups that failed for good",
    period: PERIOD,
    usingMetrics: {
      failed: serviceMetric(region, "BackupsFailed", { statistic: "Sum", period: PERIOD }),
      unrecorded: fail.metricErrors({ period: PERIOD, statistic: "Sum" }),
      timedOut: stateMachine.metricTimedOut({ period: PERIOD }),
      aborted: stateMachine.metricAborted({ period: PERIOD }),
    },
  });
