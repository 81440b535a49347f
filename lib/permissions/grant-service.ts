/** Who may do what: every permission of the functions and of the database task, in one place. */
import type { Catalog } from "../catalog";
import type { DatabaseTask } from "../database-task";
import type { ServiceFunctions } from "../functions/service-functions";
import type { AlarmTopic } from "../monitoring/alarm-topic";
import type { ServiceRegion } from "../service-region";
import { FileAccess } from "../storage/file-access";
import type { SnapshotAccess } from "../storage/snapshot-access";
import { ATTEMPT_OBJECTS, MANIFESTS, PACKS, RECORDS } from "./key-patterns";
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

const grantBackup = ({ region, functions, catalog, primary, replica, alarms }: ServiceGrants): void => {
  const workflows = new WorkflowAccess(region);
  const files = new FileAccess(region);

  const window = functions["nightly-window"];
  catalog.grant(window, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem");
  catalog.grantQueryType(window);
  workflows.grantStart(window, "backup");

  const begin = functions["backup-begin"];
  catalog.grant(begin, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem");
  workflows.grantProveEnded(begin);

  const plan = functions["backup-plan"];
  catalog.grant(plan, "GetItem", "Query", "PutItem", "UpdateItem");
  primary.grantRead(plan);

  const pack = functions["backup-pack"];
  catalog.grant(pack, "GetItem", "Query", "PutItem", "UpdateItem");
  files.grantRead(pack);
  primary.grantRead(pack);
  primary.grantWrite(pack, [ATTEMPT_OBJECTS, PACKS]);

  const seal = functions["backup-seal"];
  catalog.grant(seal, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem");
  primary.grantRead(seal);
  primary.grantWrite(seal, [MANIFESTS]);
  primary.grantLock(seal);

  const fail = functions["backup-fail"];
  catalog.grant(fail, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem");
  workflows.grantStart(fail, "backup");
  alarms.grantTell(fail);

  const check = functions["replication-check"];
  catalog.grant(check, "GetItem", "UpdateItem");
  primary.grantRead(check);
  replica.grantRead(check);
  replica.grantWrite(check);
  alarms.grantTell(check);
};

/** Retention and deletion: the same, except that only deletion may go around a lock. */
const grantKeeping = ({ region, functions, catalog, primary, replica, alarms }: ServiceGrants): void => {
  const workflows = new WorkflowAccess(region);
  for (const keeper of [functions.retention, functions.deletion]) {
    catalog.grant(keeper, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem");
    catalog.grantQueryType(keeper);
    workflows.grantProveEnded(keeper);
    for (const side of [primary, replica]) {
      side.grantRead(keeper);
      side.grantSweep(keeper);
    }
    alarms.grantTell(keeper);
  }
  for (const side of [primary, replica]) side.grantGovernanceBypass(functions.deletion);
};

const grantRestore = ({ region, functions, catalog, primary, replica, alarms }: ServiceGrants): void => {
  const workflows = new WorkflowAccess(region);
  const { restore, registration } = functions;
  catalog.grant(restore, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem");
  primary.grantRead(restore);
  replica.grantRead(restore);
  primary.grantWrite(restore, [RECORDS]);
  new FileAccess(region).grantWrite(restore);
  workflows.grantProveEnded(restore);
  alarms.grantTell(restore);

  catalog.grant(registration, "GetItem", "PutItem", "UpdateItem");
  primary.grantWrite(registration, [RECORDS]);
  workflows.grantStart(registration, "probe");
};

const grantTask = ({ region, task, catalog, primary, replica }: ServiceGrants): void => {
  const files = new FileAccess(region);
  catalog.grant(task, "GetItem", "Query", "PutItem", "UpdateItem");
  primary.grantRead(task);
  replica.grantRead(task);
  primary.grantWrite(task, [ATTEMPT_OBJECTS, PACKS, RECORDS]);
  files.grantRead(task);
  files.grantWrite(task);
  grantReadSecrets(task, region);
};
