/** Lambda entry point: the nightly window, opened once and then started minute by minute. */
import { createHandler } from "../runtime/create-handler";
import { WINDOW_VARIABLE, windowInput, windowRow } from "./contract";
import { openNight } from "./open-night";
import { startBackups } from "./start-backups";

/** The region's row of the nightly table, read once. */
const row = windowRow.parse(JSON.parse(process.env[WINDOW_VARIABLE] ?? "null"));

export const handler = createHandler(windowInput, (input, collaborators) =>
  input.step === "open" ? openNight(input, row, collaborators) : startBackups(input.night, row, collaborators),
);
