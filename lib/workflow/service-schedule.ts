/** A schedule that starts a workflow, or calls a function, with its scheduled time, and keeps what it could not deliver. */
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { windowEvent } from "../../lambda/nightly-window/contract";
import type { ServiceFunction } from "../functions/service-function";
import type { ScheduleName } from "../names";
import { allow, type Grantee } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";
import { ServiceWorkflow } from "./service-workflow";

/** The scheduler's own limits. */
const SHORTEST_EVENT_AGE_SECONDS = 60;
const MOST_RETRIES = 185;

export interface ServiceScheduleProps {
  readonly region: ServiceRegion;
  readonly name: ScheduleName;
  readonly description: string;
  /** `cron(…)` or `rate(…)`, in UTC. */
  readonly expression: string;
  /** An event older than this is worth nothing. The scheduler's default would be a day. */
  readonly maximumEventAgeSeconds: number;
  readonly target: ServiceWorkflow | ServiceFunction;
  readonly undelivered: Queue;
}

export class ServiceSchedule extends Construct implements Grantee {
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ServiceScheduleProps) {
    super(scope, id);
    const { region, target, undelivered } = props;
    this.role = new Role(this, "Role", {
      roleName: region.names.scheduleRole(props.name),
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": region.account } },
      }),
    });
    const { arn, ...permission } = startOf(target, region);
    allow(this, permission);
    allow(this, { actions: ["sqs:SendMessage"], resources: [undelivered.queueArn] });
    const schedule = new CfnSchedule(this, "Schedule", {
      name: region.names.schedule(props.name),
      description: props.description,
      flexibleTimeWindow: { mode: "OFF" },
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: "UTC",
      target: {
        arn,
        roleArn: this.role.roleArn,
        input: JSON.stringify({ scheduledTime: "<aws.scheduler.scheduled-time>" } satisfies Record<
          keyof typeof windowEvent.shape,
          string
        >),
        retryPolicy: {
          maximumEventAgeInSeconds: Math.max(props.maximumEventAgeSeconds, SHORTEST_EVENT_AGE_SECONDS),
          maximumRetryAttempts: MOST_RETRIES,
        },
        deadLetterConfig: { arn: undelivered.queueArn },
      },
    });
    /** The scheduler tries the role when the schedule is made. */
    schedule.node.addDependency(this.role);
  }
}

/** What has to be allowed to start the target, and where it is. */
const startOf = (target: ServiceWorkflow | ServiceFunction, { names }: ServiceRegion) =>
  target instanceof ServiceWorkflow
    ? {
        arn: target.stateMachine.stateMachineArn,
        actions: ["states:StartExecution"],
        resources: [names.stateMachineArn(target.name)],
      }
    : {
        arn: target.function.functionArn,
        actions: ["lambda:InvokeFunction"],
        resources: [target.function.functionArn],
      };
