/** The database task: dumping, packing very large files, restoring, unpacking uploads and what archives leave to it. */
import { FileAccess } from "../storage/file-access";
import { ATTEMPT_OBJECTS, PACKS } from "./key-patterns";
import { grantReadSecrets } from "./secret-access";
import type { ServiceGrants } from "./service-grants";

export const grantTask = ({ region, task, catalog, primary, replica, transfer }: ServiceGrants): void => {
  const files = new FileAccess(region);
  catalog.grant(task, "GetItem", "Query", "PutItem", "UpdateItem");
  primary.grantRead(task);
  replica.grantRead(task);
  primary.grantWrite(task, ATTEMPT_OBJECTS, PACKS);
  primary.grantWriteRecords(task);
  transfer.grantTakeUploads(task);
  transfer.grantBuildArchives(task);
  files.grantRead(task);
  files.grantRemove(task);
  grantReadSecrets(task, region);
};
