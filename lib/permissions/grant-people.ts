/** What people reach: the API, the archives that they download, and who may sign in. The page's function needs nothing. */
import { grantReadDatabaseStatus } from "./database-status";
import type { ServiceGrants } from "./service-grants";
import { WorkflowAccess } from "./workflow-access";

export const grantPeople = (grants: ServiceGrants): void => {
  grantApi(grants);
  grantArchive(grants);
  const { functions, catalog, primary } = grants;
  catalog.grant(functions.access, "GetItem", "Query");
  catalog.grantWritePrincipals(functions.access, "PutItem", "DeleteItem");
  catalog.grantQueryType(functions.access);
  primary.grantWriteServiceRecords(functions.access);
};

/** It asks: for everything that changes a snapshot or an environment's data it starts a workflow. */
const grantApi = ({ region, functions, catalog, primary, replica, transfer }: ServiceGrants): void => {
  const { api } = functions;
  catalog.grant(api, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem");
  catalog.grantQueryType(api);
  for (const side of [primary, replica]) {
    side.grantReadManifests(api);
    side.grantReadFileIndex(api);
  }
  primary.grantReadRecords(api);
  primary.grantWriteRecords(api);
  primary.grantWriteRegister(api);
  transfer.grantReceiveUploads(api);
  new WorkflowAccess(region).grantStart(
    api,
    "backup",
    "restore",
    "archive",
    "upload",
    "deletion",
    "keep",
    "probe",
    "drill",
  );
  grantReadDatabaseStatus(api, region);
};

const grantArchive = ({ functions, catalog, primary, replica, transfer }: ServiceGrants): void => {
  const { archive } = functions;
  catalog.grant(archive, "GetItem", "PutItem", "UpdateItem", "DeleteItem");
  for (const side of [primary, replica]) side.grantRead(archive);
  transfer.grantBuildArchives(archive);
};
