/** Lambda entry point: Begin of the backup workflow. */
import { createHandler } from "../runtime/create-handler";
import { beginBackup } from "./begin-backup";
import { beginInput } from "./contract";

export const handler = createHandler(beginInput, beginBackup);
