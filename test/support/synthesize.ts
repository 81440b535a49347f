/** `tsx test/support/synthesize.ts <folder>`: the default stage, as `cdk synth` makes it, without CDK's own template validation. */
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { buildBundle } from "../../lib/assets/bundle";
import { loadStage } from "../../lib/config/load-configuration";
import { serviceApp } from "../../lib/service-app";
import { projectContext } from "../../lib/config/project-context";

const folder = process.argv[2];
if (folder === undefined) throw new Error("Name the folder to synthesize into.");
const context = projectContext();
/** A bundle of its own: tests may run while somebody else synthesizes. */
serviceApp(
  loadStage("default"),
  buildBundle(join(folder, "bundle")),
  new App({ outdir: join(folder, "assembly"), context }),
).synth();
