/**
 * `tsx local/synthesize.ts <stage> <region> <account> <folder> <pair|recovery>`: synthesizes one region pair of the app,
 * or the region's recovery, into a folder, as `cdk synth` does. A process of its own, so that servers can start meanwhile.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { buildBundle } from "../lib/assets/bundle";
import { loadStage } from "../lib/config/load-configuration";
import { recoveryApp, serviceApp } from "../lib/service-app";

const [stageName = "default", region = "", account = "", folder = "", what = "pair"] = process.argv.slice(2);
const { context } = JSON.parse(readFileSync(join(__dirname, "..", "cdk.json"), "utf8")) as {
  context: Record<string, unknown>;
};

const stage = loadStage(stageName);
const rows = stage.rows.filter((row) => row.region === region);
const [served] = rows;
if (served === undefined) {
  const known = stage.rows.map((row) => row.region).join(", ");
  console.error(`Stage ${stageName} has no region "${region}"; give --region as one of ${known}.`);
  process.exit(2);
}
const app = new App({ outdir: folder, context });
// Both are synthesized at once for a drill, and each builds what it hands out.
const bundle = buildBundle(`${folder}.build`);
if (what === "recovery") recoveryApp({ ...stage, account }, served, bundle, app).synth();
else serviceApp({ ...stage, account, rows }, bundle, app).synth();
