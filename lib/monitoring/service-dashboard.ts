/** A region at a glance: alarms, how the night went, and how far replication is behind. */
import { Duration } from "aws-cdk-lib";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import { AlarmStatusWidget, Dashboard, GraphWidget, Metric, type IAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { WorkflowName } from "../names";
import { replicaKind } from "../regions/replica-places";
import type { ServiceRegion } from "../service-region";
import { REPLICATION_RULE } from "../storage/replication";
import { nightWidgets } from "./night-widgets";
import type { ServiceWorkflow } from "../workflow/service-workflow";

const PERIOD = Duration.minutes(5);
const WHOLE_WIDTH = 24;
const HALF_WIDTH = 12;

export interface ServiceDashboardProps {
  readonly region: ServiceRegion;
  readonly alarms: readonly IAlarm[];
  readonly workflows: Readonly<Record<WorkflowName, ServiceWorkflow>>;
  readonly api: RestApi;
}

export class ServiceDashboard extends Construct {
  constructor(scope: Construct, id: string, { region, alarms, workflows, api }: ServiceDashboardProps) {
    super(scope, id);
    const { names } = region;
    const executions = (name: WorkflowName): GraphWidget => {
      const { stateMachine } = workflows[name];
      return new GraphWidget({
        title: `${name}: executions`,
        width: HALF_WIDTH,
        left: [
          stateMachine.metricStarted({ period: PERIOD }),
          stateMachine.metricSucceeded({ period: PERIOD }),
          stateMachine.metricFailed({ period: PERIOD }),
        ],
      });
    };
    const replication = (metricName: string): Metric =>
      new Metric({
        namespace: "AWS/S3",
        metricName,
        period: PERIOD,
        statistic: "Maximum",
        dimensionsMap: {
          SourceBucket: names.bucket("primary"),
          DestinationBucket: names.bucket(replicaKind(region.row)),
          RuleId: REPLICATION_RULE,
        },
      });
    new Dashboard(this, "Dashboard", {
      dashboardName: names.dashboard(),
      widgets: [
        [new AlarmStatusWidget({ title: `Backups in ${region.row.name}`, alarms: [...alarms], width: WHOLE_WIDTH })],
        ...nightWidgets(region),
        [executions("backup"), executions("retention")],
        [executions("restore"), executions("deletion")],
        [executions("archive"), executions("upload")],
        requests(api),
        [
          new GraphWidget({
            title: "Replication: seconds behind",
            width: HALF_WIDTH,
            left: [replication("ReplicationLatency")],
          }),
          new GraphWidget({
            title: "Replication: operations pending and failed",
            width: HALF_WIDTH,
            left: [replication("OperationsPendingReplication"), replication("OperationsFailedReplication")],
          }),
        ],
      ],
    });
  }
}

const requests = ({ deploymentStage }: RestApi): GraphWidget[] => [
  new GraphWidget({
    title: "API and page: requests, refused and failed",
    width: HALF_WIDTH,
    left: [
      deploymentStage.metricCount({ period: PERIOD }),
      deploymentStage.metricClientError({ period: PERIOD }),
      deploymentStage.metricServerError({ period: PERIOD }),
    ],
  }),
  new GraphWidget({
    title: "API and page: milliseconds to the answer, slowest in a hundred",
    width: HALF_WIDTH,
    left: [deploymentStage.metricLatency({ period: PERIOD, statistic: "p99" })],
  }),
];
