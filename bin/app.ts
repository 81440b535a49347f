/** `npx cdk synth [-c stage=<stage>]`: the service as templates. A wrong configuration ends in one sentence. */
import { App } from "aws-cdk-lib";
import { buildBundle, emptyBundle } from "../lib/assets/bundle";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";
import { serviceApp } from "../lib/service-app";

try {
  const app = new App();
  const stage = loadStage(String(app.node.tryGetContext("stage") ?? "default"));
  /** `-c emptyBundle=true` measures what the functions' code costs at synth (test/bench/synth.ts). */
  const bundle = app.node.tryGetContext("emptyBundle") === undefined ? buildBundle() : emptyBundle();
  serviceApp(stage, bundle, app).synth();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
