/** Lambda entry point: Plan files of the backup workflow. */
import { createHandler } from "../runtime/create-handler";
import { planFilesInput } from "./contract";
import { planFiles } from "./plan-files";

export const handler = createHandler(planFilesInput, planFiles);
