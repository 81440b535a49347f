/** A region of the service: snapshots, catalog, functions, workflows, schedules and alarms, wired together. */
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { BESIDE_PATTERN } from "../../lambda/instance-swap/instance-names";
import { SERVICE_VERSION } from "../../lambda/runtime/service-version";
import { isAdopting } from "../adoption/adopting";
import { ServiceApi } from "../api/service-api";
import type { Bundle } from "../assets/bundle";
import { Catalog } from "../catalog";
import { DatabaseTask } from "../database-task";
import { createFunctions, settingsVariables } from "../functions/service-functions";
import { AlarmTopic } from "../monitoring/alarm-topic";
import { ServiceAlarms } from "../monitoring/service-alarms";
import { ServiceDashboard } from "../monitoring/service-dashboard";
import { WORKFLOW_NAMES, type WorkflowName } from "../names";
import { grantService } from "../permissions/grant-service";
import type { ServiceRegion } from "../service-region";
import { BackupRole } from "../storage/backup-role";
import { DownloadRole } from "../storage/download-role";
import { LockedBucket } from "../storage/locked-bucket";
import { RecoveryVault } from "../storage/recovery-vault";
import { Replication } from "../storage/replication";
import { RestoreRole } from "../storage/restore-role";
import { ServiceKey } from "../storage/service-key";
import { SnapshotAccess } from "../storage/snapshot-access";
import { TransferAccess } from "../storage/transfer-access";
import { TransferBucket } from "../storage/transfer-bucket";
import { Schedules } from "../workflow/schedules";
import { ServiceWorkflow } from "../workflow/service-workflow";
import { WORKFLOWS } from "../workflows";

export interface PrimaryStackProps extends StackProps {
  readonly region: ServiceRegion;
  readonly bundle: Bundle;
}

export class PrimaryStack extends Stack {
  constructor(scope: Construct, id: string, { region, bundle, ...props }: PrimaryStackProps) {
    super(scope, id, props);
    const { row } = region;
    const { key } = new ServiceKey(this, "Key", { region, kind: "primary", description: `Snapshots of ${row.name}` });
    const { bucket } = new LockedBucket(this, "Snapshots", { region, kind: "primary", key });
    new Replication(this, "Replication", { region, source: bucket, sourceKey: key });
    const transfer = new TransferBucket(this, "Transfer", { region, key });
    new RecoveryVault(this, "RecoveryPoints", { region, kind: "primary", key });
    new BackupRole(this, "BackupRole", { region, key });
    new RestoreRole(this, "RestoreRole", { region, instances: BESIDE_PATTERN, key });
    const catalog = new Catalog(this, "Catalog", { region });
    const alarms = new AlarmTopic(this, "Alarms", { region });

    const settings = settingsVariables(region, alarms.topic.topicArn);
    const functions = createFunctions(this, region, bundle, settings);
    const task = new DatabaseTask(this, "DatabaseTask", { region, bundle, settings });
    const transferAccess = new TransferAccess(region, key);
    new DownloadRole(this, "DownloadRole", { region, transfer: transferAccess, api: functions.api });
    grantService({
      region,
      functions,
      task,
      catalog,
      alarms,
      primary: SnapshotAccess.toPrimary(region, key),
      replica: SnapshotAccess.toReplica(region),
      transfer: transferAccess,
    });
    const api = new ServiceApi(this, "Api", {
      region,
      api: functions.api.function,
      console: functions.console.function,
    });
    if (!isAdopting(this)) transfer.acceptUploadsFrom(api.origins);

    const workflows = Object.fromEntries(
      WORKFLOW_NAMES.map((name) => [
        name,
        new ServiceWorkflow(this, `${name}-workflow`, { region, name, definition: WORKFLOWS[name](), functions, task }),
      ]),
    ) as Record<WorkflowName, ServiceWorkflow>;
    const { undelivered } = new Schedules(this, "Schedules", { region, workflows, functions });
    const watch = new ServiceAlarms(this, "ServiceAlarms", {
      region,
      topic: alarms.topic,
      workflows,
      undelivered,
      functions,
      api: api.api,
    });
    new ServiceDashboard(this, "Dashboard", { region, alarms: watch.alarms, workflows, api: api.api });

    this.outputs({
      Version: [SERVICE_VERSION, "Which version of the service is deployed"],
      ConsoleUrl: [api.consoleUrl, `The page for backups of ${row.name}`],
      ApiUrl: [api.apiUrl, "What stands before /apps/... in every call"],
      ApiNetworks: [region.stage.api.allowedNetworks.join(", ") || "none", "From where page and API may be reached"],
      AccessFunction: [functions.access.function.functionName, "What `backups keys` and `grants` call"],
      PrimaryBucket: [bucket.bucketName, `Snapshots of ${row.name}`],
      ReplicationRegion: [row.replication.region, `Replicas are in ${row.replication.name}`],
      NightlyWindow: [
        `${row.startUtc} UTC, ${row.durationMinutes} minutes`,
        `When nightly backups of ${row.name} are taken`,
      ],
      CatalogTable: [catalog.table.tableName, "Environments, snapshots and restores"],
      RegistrationFunction: [functions.registration.function.functionName, "What `backups register` calls"],
      RequestsFunction: [functions.requests.function.functionName, "What `backups backup` and `restore` call"],
      RestoreWorkflow: [workflows.restore.stateMachine.stateMachineArn, "What restores a snapshot"],
      DeletionWorkflow: [workflows.deletion.stateMachine.stateMachineArn, "What deletes a snapshot before its expiry"],
      AlarmTopic: [alarms.topic.topicArn, "Who is told of failures subscribes here"],
      ResourceTag: [
        `${region.stage.resourceTag.key}=${region.stage.resourceTag.value}`,
        "Tag of database secrets and KMS keys that the service may use, and of RDS instances that it may replace",
      ],
    });
  }

  private outputs(outputs: Readonly<Record<string, readonly [value: string, description: string]>>): void {
    for (const [name, [value, description]] of Object.entries(outputs))
      new CfnOutput(this, `${name}Output`, { value, description }).overrideLogicalId(name);
  }
}
