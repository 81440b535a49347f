/** Lambda entry point: Seal of the backup workflow. */
import { createHandler } from "../runtime/create-handler";
import { sealInput } from "./contract";
import { sealSnapshot } from "./seal-snapshot";

export const handler = createHandler(sealInput, sealSnapshot);
