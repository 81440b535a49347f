/** Lambda entry point: Begin of the backup workflow. */
import type { DatabaseStatuses } from "../runtime/collaborators";
import { createHandler } from "../runtime/create-handler";
import { RdsDatabases } from "../runtime/databases-client";
import { beginBackup } from "./begin-backup";
import { beginInput } from "./contract";

let databases: DatabaseStatuses | undefined;

export const handler = createHandler(beginInput, (input, collaborators) => {
  databases ??= new RdsDatabases({ region: collaborators.settings.REGION });
  return beginBackup(input, { ...collaborators, databases });
});
