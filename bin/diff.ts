/**
 * `npm run diff [-- -c stage=<stage>]`: what a deployment would change, by `cdk diff --all`, once credentials, account and
 * bootstrap are known to be there. Reads only.
 */
import { spawnSync } from "node:child_process";
import { CONTEXT, contextOf, parseCommand, UsageError } from "../lib/config/command-arguments";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";
import { projectContext } from "../lib/config/project-context";
import { runCommand } from "../lib/config/run-command";
import { replicaPlaces } from "../lib/regions/replica-places";
import { checkBeforeDiff } from "../lib/review/before-diff";
import { ReviewError } from "../lib/review/review-error";

const USAGE = "npm run diff -- -c stage=STAGE";
const QUALIFIER = "@aws-cdk/core:bootstrapQualifier";

const main = (): number => {
  const { values } = parseCommand(USAGE, { options: { context: CONTEXT } });
  const said = contextOf(values.context, USAGE, [QUALIFIER]);
  const stage = loadStage(said.get("stage") ?? "default");
  const regions = stage.rows.flatMap((row) => [row.region, ...replicaPlaces(row).map(({ place }) => place.region)]);
  checkBeforeDiff(stage, regions, {
    qualifier: said.get(QUALIFIER) ?? (projectContext()[QUALIFIER] as string | undefined),
  });
  const context = values.context.flatMap((word) => ["-c", word]);
  return spawnSync("npx", ["cdk", "diff", "--all", ...context], { stdio: "inherit" }).status ?? 1;
};

runCommand(main, [ConfigurationError, ReviewError, UsageError]);
