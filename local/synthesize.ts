/**
 * `tsx local/synthesize.ts <stage> <region> <account> <folder>`: synthesizes one region pair of the app into a folder,
 * as `cdk synth` does. A process of its own, so that servers can start meanwhile.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { buildBundle } from "../lib/assets/bundle";
import { loadStage } from "../lib/config/load-configuration";
import { serviceApp } from "../lib/service-app";

const [stageName = "default", region = "", account = "", folder = ""] = process.argv.slice(2);
const { context } = JSON.parse(readFileSync(join(__dirname, "..", "cdk.json"), "utf8")) as {
  context: Record<string, unknown>;
};

const stage = loadStage(stageName);
const rows = stage.rows.filter((row) => row.region === region);
if (rows.length === 0) {
  const known = stage.rows.map((row) => row.region).join(", ");
  console.error(`Stage ${stageName} has no region "${region}"; give --region as one of ${known}.`);
  process.exit(2);
}
serviceApp({ ...stage, account, rows }, buildBundle(), new App({ outdir: folder, context })).synth();
