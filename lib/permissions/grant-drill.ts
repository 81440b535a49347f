/**
 * Restore drills: the function reads snapshots and works at the scratch prefix of the transfer bucket. It has no
 * permission on any environment's files, so that no drill can touch them.
 */
import type { ServiceGrants } from "./service-grants";
import { WorkflowAccess } from "./workflow-access";

export const grantDrill = ({ region, functions, catalog, primary, replica, transfer, alarms }: ServiceGrants): void => {
  const { drill, registration } = functions;
  catalog.grant(drill, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem");
  catalog.grantQueryType(drill);
  primary.grantRead(drill);
  replica.grantRead(drill);
  primary.grantWriteDrillRecords(drill);
  transfer.grantDrill(drill);
  new WorkflowAccess(region).grantProveEnded(drill);
  alarms.grantTell(drill);
  catalog.grant(registration, "DeleteItem");
  primary.grantWriteServiceRecords(registration);
};
