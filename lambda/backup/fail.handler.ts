/** Lambda entry point: Fail of the backup workflow. */
import { createHandler } from "../runtime/create-handler";
import { failInput } from "./contract";
import { failBackup } from "./fail-backup";

export const handler = createHandler(failInput, failBackup);
