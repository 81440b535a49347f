/** `npm run --silent bootstrap-lines [-- -c stage=<stage>]`: prints what has to be done once before the first deployment. */
import { CONTEXT, parseCommand, stageOf, UsageError } from "../lib/config/command-arguments";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";
import { bootstrapLines } from "../lib/regions/bootstrap-lines";
import { runCommand } from "../lib/config/run-command";

const USAGE = "npm run --silent bootstrap-lines -- -c stage=STAGE";

runCommand(() => {
  const { values } = parseCommand(USAGE, { options: { context: CONTEXT } });
  console.log(bootstrapLines(loadStage(stageOf(values.context, USAGE))).join("\n"));
}, [ConfigurationError, UsageError]);
