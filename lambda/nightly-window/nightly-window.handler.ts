/** Lambda entry point: the nightly window, opened once and then started minute by minute. */
import type { DatabaseListing } from "../runtime/collaborators";
import { createHandler } from "../runtime/create-handler";
import { RdsDatabases } from "../runtime/databases-client";
import { WINDOW_VARIABLE, windowInput, windowRow } from "./contract";
import { openNight } from "./open-night";
import { startBackups } from "./start-backups";

/** The region's row of the nightly table, read once. */
const row = windowRow.parse(JSON.parse(process.env[WINDOW_VARIABLE] ?? "null"));

let databases: DatabaseListing | undefined;

export const handler = createHandler(windowInput, (input, collaborators) => {
  if (input.step === "start") return startBackups(input.night, row, collaborators);
  databases ??= new RdsDatabases({ region: collaborators.settings.REGION });
  return openNight(input, row, { ...collaborators, databases });
});
