/** `npm run --silent bootstrap-lines [-- -c stage=<stage>]`: prints what has to be done once before the first deployment. */
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";
import { bootstrapLines } from "../lib/regions/bootstrap-lines";

const USAGE = "usage: npm run --silent bootstrap-lines -- -c stage=STAGE";

try {
  const words = process.argv.slice(2).filter((word) => word !== "-c" && word !== "--context");
  const stages = words.map((word) => /^(?:--context=|-c)?stage=(.+)$/.exec(word)?.[1]);
  if (stages.length > 1 || stages.includes(undefined))
    throw new ConfigurationError("bootstrap-lines", "", `"${words.join(" ")}" names no stage`, USAGE);
  console.log(bootstrapLines(loadStage(stages[0] ?? "default")).join("\n"));
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
