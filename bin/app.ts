/**
 * `npx cdk synth [-c stage=<stage>]`: the service as templates; with `-c recovery=<region>` only what recovers that lost
 * region in its replication region. A wrong configuration ends in one sentence; what is most likely not meant is said.
 */
import { App } from "aws-cdk-lib";
import { buildBundle, emptyBundle } from "../lib/assets/bundle";
import { checkContext } from "../lib/config/app-context";
import { UsageError } from "../lib/config/command-arguments";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage, rowOf } from "../lib/config/load-configuration";
import { noticeLines } from "../lib/config/notices";
import { recoveryApp, serviceApp } from "../lib/service-app";

try {
  const app = new App();
  checkContext(Object.keys(app.node.getAllContext() as object));
  const stage = loadStage(String(app.node.tryGetContext("stage") ?? "default"));
  /** Not as annotations: those belong to a stack each, and `cdk deploy --strict` would stop at them. */
  for (const line of noticeLines(stage)) console.warn(line);
  /** `-c emptyBundle=true` measures what the functions' code costs at synth (test/bench/synth.ts). */
  const bundle = app.node.tryGetContext("emptyBundle") === undefined ? buildBundle() : emptyBundle();
  const lost = app.node.tryGetContext("recovery") as string | undefined;
  const service =
    lost === undefined ? serviceApp(stage, bundle, app) : recoveryApp(stage, rowOf(stage, lost), bundle, app);
  service.synth();
} catch (error) {
  if (!(error instanceof ConfigurationError || error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
