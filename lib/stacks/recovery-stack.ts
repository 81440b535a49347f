/**
 * What restores a lost region's snapshots in its replication region. It relies on the replica bucket and its key, by
 * their names, and on nothing else: no reference, import or look-up leads into the region that is lost. Not part of an
 * ordinary deployment (`-c recovery=<lost region>`), and gone without a trace when it is no longer needed.
 */
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { SERVICE_VERSION } from "../../lambda/runtime/service-version";
import type { Bundle } from "../assets/bundle";
import { Catalog } from "../catalog";
import { DatabaseTask } from "../database-task";
import { createSome, settingsVariables } from "../functions/service-functions";
import { AlarmTopic } from "../monitoring/alarm-topic";
import { ServiceAlarm } from "../monitoring/service-alarm";
import { executionsBrokenOff } from "../monitoring/service-alarms";
import { RECOVERY_FUNCTIONS, RECOVERY_WORKFLOWS, type FunctionName } from "../names";
import { grantRecovery } from "../permissions/grant-recovery";
import type { ServiceRegion } from "../service-region";
import { grantReplicaKey } from "../storage/recovery-keys";
import { RecordsBucket } from "../storage/records-bucket";
import { RestoreRole } from "../storage/restore-role";
import { ServiceKey } from "../storage/service-key";
import { SnapshotAccess } from "../storage/snapshot-access";
import { functionsCalledBy, ServiceWorkflow } from "../workflow/service-workflow";
import { WORKFLOWS } from "../workflows";

export interface RecoveryStackProps extends StackProps {
  readonly region: ServiceRegion;
  readonly bundle: Bundle;
}

export class RecoveryStack extends Stack {
  constructor(scope: Construct, id: string, { region, bundle, ...props }: RecoveryStackProps) {
    super(scope, id, props);
    const { row, names } = region;
    const { key } = new ServiceKey(this, "Key", { region, kind: "records", description: `Records: ${row.name}` });
    const { bucket } = new RecordsBucket(this, "Records", { region, key });
    const catalog = new Catalog(this, "Catalog", { region });
    const alarms = new AlarmTopic(this, "Alarms", { region });

    const settings = settingsVariables(region, alarms.topic.topicArn);
    const called = RECOVERY_WORKFLOWS.flatMap((name) => functionsCalledBy(WORKFLOWS[name]()));
    const others = called.filter((name) => !(RECOVERY_FUNCTIONS as readonly FunctionName[]).includes(name));
    const functions = {
      ...createSome(this, region, bundle, settings, RECOVERY_FUNCTIONS),
      /** Of restores of recovery points, which a recovery leaves to AWS Backup: they may do nothing here. */
      ...createSome(this, region, bundle, settings, [...new Set(others)]),
    };
    const task = new DatabaseTask(this, "DatabaseTask", { region, bundle, settings });
    grantRecovery({
      region,
      functions,
      task,
      catalog,
      alarms,
      replica: SnapshotAccess.toReplica(region),
      records: SnapshotAccess.toRecords(region, key),
    });
    for (const name of RECOVERY_WORKFLOWS) {
      const definition = WORKFLOWS[name]();
      const workflow = new ServiceWorkflow(this, `${name}-workflow`, { region, name, definition, functions, task });
      if (name !== "restore") continue;
      new ServiceAlarm(this, "restore-failed", {
        region,
        topic: alarms.topic,
        name: "restore-failed",
        impact: "A restore of a lost region's snapshot failed: its target is as it was, and the user still waits.",
        metric: executionsBrokenOff(workflow),
      });
    }

    /** Copies of recovery points are restored by people, under names of their own; AWS Backup works with this. */
    const restoring = new RestoreRole(this, "RestoreRole", { region, instances: "*" });
    grantReplicaKey(restoring, region, row.region);

    this.outputs({
      Version: [SERVICE_VERSION, "Which version of the service is deployed"],
      ReplicaBucket: [names.bucket("replica"), "Where snapshots are read"],
      RecordsBucket: [bucket.bucketName, "Registrations of targets, and records of restores"],
      CatalogTable: [catalog.table.tableName, "Filled by `backups catalog rebuild --recovery`"],
      RegistrationFunction: [functions.registration.function.functionName, "What `backups register` calls"],
      RequestsFunction: [functions.requests.function.functionName, "What `backups restore` calls"],
      RestoreRole: [restoring.role.roleArn, "What AWS Backup restores copies of recovery points with"],
      AlarmTopic: [alarms.topic.topicArn, "Who is told of failures subscribes here"],
      ResourceTag: [
        `${region.stage.resourceTag.key}=${region.stage.resourceTag.value}`,
        "Tag of database secrets, and of KMS keys, that the recovery may use",
      ],
    });
  }

  private outputs(outputs: Readonly<Record<string, readonly [value: string, description: string]>>): void {
    for (const [name, [value, description]] of Object.entries(outputs))
      new CfnOutput(this, `${name}Output`, { value, description }).overrideLogicalId(name);
  }
}
