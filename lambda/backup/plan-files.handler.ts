/** Lambda entry point: Plan files of the backup workflow. */
import { PLACES_VARIABLE } from "../places/contract";
import { createHandler } from "../runtime/create-handler";
import { planFilesInput } from "./contract";
import { planFiles } from "./plan-files";

/** Of the region, read once. */
const places = Number(process.env[PLACES_VARIABLE]);
if (!(places >= 1)) throw new Error(`The variable ${PLACES_VARIABLE} must be a number of at least 1.`);

export const handler = createHandler(planFilesInput, (input, collaborators) => planFiles(input, collaborators, places));
