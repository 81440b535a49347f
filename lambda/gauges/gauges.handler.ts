/** Lambda entry point: measures the region, by its row of the nightly table. */
import { WINDOW_VARIABLE, windowRow } from "../nightly-window/contract";
import { createHandler } from "../runtime/create-handler";
import { gaugesInput } from "./contract";
import { measureRegion } from "./measure-region";

const row = windowRow.parse(JSON.parse(process.env[WINDOW_VARIABLE] ?? "null"));

export const handler = createHandler(gaugesInput, (_event, collaborators) => measureRegion(row, collaborators));
