/**
 * `npx tsx test/templates/lint-templates.ts [folder]`: cfn-lint on every synthesized template, each with its own
 * region, which the assembly's manifest knows, and on what would recover each region. Ends with 1 when anything is left
 * to explain.
 *
 * W3005 is left out: CDK writes DependsOn beside references, so that a role's policy stands before its user is made;
 * the repetition is harmless.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { emptyBundle } from "../../lib/assets/bundle";
import { loadStage } from "../../lib/config/load-configuration";
import { recoveryApp } from "../../lib/service-app";
import { must } from "../support/must";

const EXPLAINED = ["W3005"];

execFileSync("cfn-lint", ["--version"], { stdio: "ignore" });

/** A recovery is an app of its own for each region; none is among the stacks of an ordinary deployment. */
const synthesizeRecoveries = (): readonly string[] => {
  const project = join(__dirname, "..", "..");
  const { context } = JSON.parse(readFileSync(join(project, "cdk.json"), "utf8")) as {
    context: Record<string, unknown>;
  };
  const recoveries = join(project, ".local", "recoveries");
  rmSync(recoveries, { recursive: true, force: true });
  const stage = loadStage("default");
  const bundle = emptyBundle(join(recoveries, "bundle"));
  return stage.rows.map((lost) => {
    const outdir = join(recoveries, lost.region);
    recoveryApp(stage, lost, bundle, new App({ outdir, context })).synth();
    return outdir;
  });
};

const templatesByRegion = new Map<string, string[]>();
for (const folder of [process.argv[2] ?? "cdk.out", ...synthesizeRecoveries()]) {
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as {
    artifacts: Record<string, { type: string; environment?: string; properties?: { templateFile?: string } }>;
  };
  for (const { type, environment, properties } of Object.values(manifest.artifacts)) {
    if (type !== "aws:cloudformation:stack" || environment === undefined || properties?.templateFile === undefined)
      continue;
    /** `aws://<account>/<region>` */
    const region = must(environment.split("/").at(-1));
    templatesByRegion.set(region, [...(templatesByRegion.get(region) ?? []), join(folder, properties.templateFile)]);
  }
}

let failed = 0;
for (const [region, templates] of templatesByRegion) {
  const { status, stdout, stderr } = spawnSync(
    "cfn-lint",
    ["--regions", region, "--ignore-checks", ...EXPLAINED, "--template", ...templates],
    { encoding: "utf8" },
  );
  if (status === 0) continue;
  failed += 1;
  console.error(`${region}:\n${stdout}${stderr}`);
}
const count = [...templatesByRegion.values()].flat().length;
console.log(`cfn-lint: ${count} templates in ${templatesByRegion.size} regions, ${failed} regions with findings`);
if (count === 0 || failed > 0) process.exitCode = 1;
