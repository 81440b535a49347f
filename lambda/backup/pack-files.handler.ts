/** Lambda entry point: Pack files of the backup workflow, one shard. */
import { createHandler } from "../runtime/create-handler";
import { packFilesInput } from "./contract";
import { packFiles } from "./pack-files";

export const handler = createHandler(packFilesInput, (input, collaborators) => packFiles(input, collaborators));
