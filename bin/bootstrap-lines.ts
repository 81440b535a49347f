/** `npm run bootstrap-lines [-- -c stage=<stage>]`: prints what has to be done once before the first deployment. */
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";
import { bootstrapLines } from "../lib/regions/bootstrap-lines";

const stage = process.argv
  .slice(2)
  .map((word) => /^(?:--context=|-c)?stage=(.+)$/.exec(word)?.[1])
  .find((found) => found !== undefined);

try {
  console.log(bootstrapLines(loadStage(stage ?? "default")).join("\n"));
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
