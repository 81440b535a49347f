/** Who may do what: every permission of the functions and of the database task, in one place. */
import type { Catalog } from "../catalog";
import type { DatabaseTask } from "../database-task";
import type { ServiceFunctions } from "../functions/service-functions";
import type { AlarmTopic } from "../monitoring/alarm-topic";
import type { ServiceRegion } from "../service-region";
import { FileAccess } from "../storage/file-access";
import type { SnapshotAccess } from "../storage/snapshot-access";
import type { Grantee } from "./allow";
import { ATTEMPT_OBJECTS, MANIFESTS, PACKS } from "./key-patterns";
import { grantReadSecrets } from "./secret-access";
import { WorkflowAccess } from "./workflow-access";

export interface ServiceGrants {
  readonly region: ServiceRegion;
  readonly functions: ServiceFunctions;
  readonly task: DatabaseTask;
  readonly catalog: Catalog;
  readonly primary: SnapshotAccess;
  readonly replica: SnapshotAccess;
  readonly alarms: AlarmTopic;
}

export const grantService = (grants: ServiceGrants): void => {
  grantBackup(grants);
  grantKeeping(grants);
  grantRestore(grants);
  grantTask(grants);
};

const grantBackup = (grants: ServiceGrants): void => {
  const { region, functions, catalog, primary, replica, alarms } = grants;
  const workflows = new WorkflowAccess(region);

  const window = functions["nightly-window"];
  catalog.grant(window, "GetItem", "PutItem");
  catalog.grantQueryType(window);
  workflows.grantStart(window, "backup");

  const begin = functions["backup-begin"];
  catalog.grant(begin, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem");
  workflows.grantProveEnded(begin);

  const plan = functions["backup-plan"];
  catalog.grant(plan, "GetItem", "UpdateItem");
  primary.grantRead(plan);

  const pack = functions["backup-pack"];
  catalog.grant(pack, "GetItem", "Query", "PutItem", "UpdateItem");
  new FileAccess(region).grantRead(pack);
  primary.grantRead(pack);
  primary.grantWrite(pack, ATTEMPT_OBJECTS, PACKS);

  grantCommit(functions["backup-seal"], grants);

  const fail = functions["backup-fail"];
  grantCommit(fail, grants);
  workflows.grantStart(fail, "backup");
  alarms.grantTell(fail);

  const check = functions["replication-check"];
  catalog.grant(check, "GetItem", "UpdateItem");
  primary.grantRead(check);
  replica.grantRead(check);
  replica.grantWrite(check, ATTEMPT_OBJECTS, MANIFESTS, PACKS);
  alarms.grantTell(check);
};

/**
 * Locks, manifest, catalog. Whoever finds a seal that was interrupted completes it: besides Seal that is Fail,
 * retention and deletion.
 */
const grantCommit = (committer: Grantee, { catalog, primary }: ServiceGrants): void => {
  catalog.grant(committer, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem");
  primary.grantRead(committer);
  primary.grantCommit(committer);
};

/** Retention and deletion: nearly the same, except that only deletion may go around a lock. */
const grantKeeping = (grants: ServiceGrants): void => {
  const { region, functions, catalog, primary, replica, alarms } = grants;
  const { retention, deletion } = functions;
  for (const keeper of [retention, deletion]) {
    grantCommit(keeper, grants);
    new WorkflowAccess(region).grantProveEnded(keeper);
    replica.grantRead(keeper);
    for (const side of [primary, replica]) side.grantDelete(keeper);
  }
  for (const side of [primary, replica]) side.grantSweepUploads(retention);
  catalog.grantQueryType(retention);
  new WorkflowAccess(region).grantStart(retention, "restore", "replication-check");
  alarms.grantTell(retention);
  primary.grantWriteRecords(deletion);
  for (const side of [primary, replica]) side.grantGovernanceBypass(deletion);
};

const grantRestore = ({ region, functions, catalog, primary, replica, alarms }: ServiceGrants): void => {
  const workflows = new WorkflowAccess(region);
  const { restore, registration, requests } = functions;
  catalog.grant(restore, "GetItem", "PutItem", "UpdateItem", "DeleteItem");
  primary.grantRead(restore);
  replica.grantRead(restore);
  primary.grantWriteRecords(restore);
  new FileAccess(region).grantPut(restore);
  workflows.grantProveEnded(restore);
  alarms.grantTell(restore);

  catalog.grant(registration, "GetItem", "PutItem", "UpdateItem");
  primary.grantWriteRecords(registration);
  workflows.grantStart(registration, "probe");

  catalog.grant(requests, "GetItem", "Query", "PutItem");
  workflows.grantStart(requests, "backup", "restore");
};

const grantTask = ({ region, task, catalog, primary, replica }: ServiceGrants): void => {
  const files = new FileAccess(region);
  catalog.grant(task, "GetItem", "Query", "PutItem", "UpdateItem");
  primary.grantRead(task);
  replica.grantRead(task);
  primary.grantWrite(task, ATTEMPT_OBJECTS, PACKS);
  primary.grantWriteRecords(task);
  files.grantRead(task);
  files.grantRemove(task);
  grantReadSecrets(task, region);
};
