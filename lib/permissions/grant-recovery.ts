/**
 * A recovery: reads replicas, restores, and keeps records of its own. It writes nothing into the replica bucket and
 * deletes nothing there: no role of it may, with or without a lock.
 */
import type { Catalog } from "../catalog";
import type { DatabaseTask } from "../database-task";
import type { ServiceFunction } from "../functions/service-function";
import type { AlarmTopic } from "../monitoring/alarm-topic";
import type { RECOVERY_FUNCTIONS } from "../names";
import type { ServiceRegion } from "../service-region";
import { FileAccess } from "../storage/file-access";
import type { SnapshotAccess } from "../storage/snapshot-access";
import { grantReadDatabaseStatus, grantReadStorage } from "./database-status";
import { grantEvents } from "./grant-events";
import { grantReadSecrets } from "./secret-access";
import { WorkflowAccess } from "./workflow-access";

export interface RecoveryGrants {
  readonly region: ServiceRegion;
  readonly functions: Readonly<Record<(typeof RECOVERY_FUNCTIONS)[number], ServiceFunction>>;
  readonly task: DatabaseTask;
  readonly catalog: Catalog;
  readonly replica: SnapshotAccess;
  readonly records: SnapshotAccess;
  readonly alarms: AlarmTopic;
}

export const grantRecovery = (grants: RecoveryGrants): void => {
  grantRestoring(grants);
  grantAsking(grants);
  grantEvents(grants);
};

const grantRestoring = ({ region, functions, task, catalog, replica, records, alarms }: RecoveryGrants): void => {
  const { restore } = functions;
  const files = new FileAccess(region);
  for (const reader of [restore, task]) {
    replica.grantRead(reader);
    records.grantRead(reader);
    records.grantWriteRecords(reader);
  }
  catalog.grant(restore, "GetItem", "PutItem", "UpdateItem", "DeleteItem");
  files.grantPut(restore);
  new WorkflowAccess(region).grantProveEnded(restore);
  grantReadDatabaseStatus(restore, region);
  grantReadStorage(restore);
  alarms.grantTell(restore);

  catalog.grant(task, "GetItem", "UpdateItem");
  files.grantRead(task);
  files.grantRemove(task);
  grantReadSecrets(task, region);
};

/** What the command line asks for: registering and probing targets, listing snapshots, restoring them. */
const grantAsking = ({ region, functions, catalog, records }: RecoveryGrants): void => {
  const { registration, requests } = functions;
  const workflows = new WorkflowAccess(region);
  catalog.grant(registration, "GetItem", "PutItem", "UpdateItem");
  /** No two environments of an app may have the same mode. */
  catalog.grantQueryType(registration);
  records.grantWriteRecords(registration);
  records.grantWriteRegister(registration);
  workflows.grantStart(registration, "probe");

  catalog.grant(requests, "GetItem", "Query", "PutItem");
  workflows.grantStart(requests, "restore");
};
