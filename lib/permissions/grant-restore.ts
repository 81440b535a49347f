/** The restore workflow's function, and what the command line asks for: registering, probing, backing up, restoring. */
import { FileAccess } from "../storage/file-access";
import { grantReadDatabaseStatus, grantReadStorage } from "./database-status";
import { grantPlanInstances, grantSwapInstances } from "./instance-swap";
import type { ServiceGrants } from "./service-grants";
import { WorkflowAccess } from "./workflow-access";

export const grantRestore = ({ region, functions, catalog, primary, replica, alarms }: ServiceGrants): void => {
  const workflows = new WorkflowAccess(region);
  const { restore, registration, requests } = functions;
  catalog.grant(restore, "GetItem", "PutItem", "UpdateItem", "DeleteItem");
  primary.grantRead(restore);
  replica.grantRead(restore);
  primary.grantWriteRecords(restore);
  new FileAccess(region).grantPut(restore);
  workflows.grantProveEnded(restore);
  grantReadDatabaseStatus(restore, region);
  grantReadStorage(restore);
  alarms.grantTell(restore);

  catalog.grantQueryType(restore);
  grantPlanInstances(restore, region);

  const swap = functions["instance-swap"];
  catalog.grant(swap, "GetItem", "UpdateItem");
  primary.grantRead(swap);
  replica.grantRead(swap);
  alarms.grantTell(swap);
  grantSwapInstances(swap, region);

  catalog.grant(registration, "GetItem", "PutItem", "UpdateItem");
  /** No two environments of an app may have the same mode. */
  catalog.grantQueryType(registration);
  primary.grantWriteRecords(registration);
  primary.grantWriteRegister(registration);
  workflows.grantStart(registration, "probe");

  catalog.grant(requests, "GetItem", "Query", "PutItem");
  workflows.grantStart(requests, "backup", "restore", "drill");
};
