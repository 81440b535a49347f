/** The drill workflow's Lambda function: one step a call; all progress stands in the catalog. */
import { createHandler } from "../runtime/create-handler";
import { begin } from "./begin";
import { checkFiles } from "./check-files";
import { clearFiles } from "./clear-files";
import { drillInput, drillSettings, DRILLS_VARIABLE } from "./contract";
import { finish } from "./finish";

/** The window and the limits of the region, read once. */
const settings = drillSettings.parse(JSON.parse(process.env[DRILLS_VARIABLE] ?? "null"));

export const handler = createHandler(drillInput, (input, collaborators) => {
  switch (input.step) {
    case "begin":
      return begin(input, settings, collaborators);
    case "files":
      return checkFiles(input, collaborators);
    case "clear":
      return clearFiles(input, collaborators);
    default:
      return finish(input, settings, collaborators);
  }
});
