/** The nightly window, the backup workflow's functions and the replication check. */
import { FileAccess } from "../storage/file-access";
import { grantReadDatabaseStatus } from "./database-status";
import { grantCommit } from "./grant-commit";
import { ATTEMPT_OBJECTS, MANIFESTS, PACKS } from "./key-patterns";
import { RecoveryPointAccess } from "./recovery-points";
import type { ServiceGrants } from "./service-grants";
import { WorkflowAccess } from "./workflow-access";

export const grantBackup = (grants: ServiceGrants): void => {
  const { region, functions, catalog, primary, replica, alarms } = grants;
  const workflows = new WorkflowAccess(region);

  const window = functions["nightly-window"];
  catalog.grant(window, "GetItem", "PutItem", "UpdateItem");
  grantReadDatabaseStatus(window, region);
  catalog.grantQueryType(window);
  workflows.grantStart(window, "backup");

  catalog.grantQueryType(functions.gauges);
  catalog.grantGauges(functions.gauges);
  alarms.grantTell(functions.gauges);

  const begin = functions["backup-begin"];
  catalog.grant(begin, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem");
  primary.grantWriteOutcomes(begin);
  workflows.grantProveEnded(begin);
  grantReadDatabaseStatus(begin, region);

  const plan = functions["backup-plan"];
  catalog.grant(plan, "GetItem", "Query", "UpdateItem");
  primary.grantRead(plan);
  primary.grantRenewLocks(plan, ATTEMPT_OBJECTS, PACKS);
  /** Places of executions that have ended are taken back by those who wait. */
  workflows.grantDescribe(plan, "backup");

  const pack = functions["backup-pack"];
  catalog.grant(pack, "GetItem", "Query", "PutItem", "UpdateItem");
  new FileAccess(region).grantRead(pack);
  primary.grantRead(pack);
  primary.grantWrite(pack, ATTEMPT_OBJECTS, PACKS);

  grantCommit(functions["backup-seal"], grants);

  const points = new RecoveryPointAccess(region);
  const point = functions["recovery-point"];
  catalog.grant(point, "GetItem", "Query", "UpdateItem");
  primary.grantRead(point);
  primary.grantRenewLocks(point, ATTEMPT_OBJECTS, PACKS);
  points.grantTake(point);

  const fail = functions["backup-fail"];
  grantCommit(fail, grants);
  primary.grantWriteOutcomes(fail);
  points.grantDelete(fail);
  workflows.grantStart(fail, "backup");
  alarms.grantTell(fail);

  const check = functions["replication-check"];
  catalog.grant(check, "GetItem", "UpdateItem");
  primary.grantRead(check);
  primary.grantWriteOutcomes(check);
  replica.grantRead(check);
  replica.grantWrite(check, ATTEMPT_OBJECTS, MANIFESTS, PACKS);
  points.grantDescribe(check);
  alarms.grantTell(check);
};
