/**
 * `npx tsx test/templates/lint-templates.ts [folder]`: cfn-lint on every synthesized template, each with its own
 * region, which the assembly's manifest knows. Ends with 1 when anything is left to explain.
 *
 * W3005 is left out: CDK writes DependsOn beside references, so that a role's policy stands before its user is made;
 * the repetition is harmless.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "../support/must";

const EXPLAINED = ["W3005"];

const folder = process.argv[2] ?? "cdk.out";
const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as {
  artifacts: Record<string, { type: string; environment?: string; properties?: { templateFile?: string } }>;
};
execFileSync("cfn-lint", ["--version"], { stdio: "ignore" });

const templatesByRegion = new Map<string, string[]>();
for (const { type, environment, properties } of Object.values(manifest.artifacts)) {
  if (type !== "aws:cloudformation:stack" || environment === undefined || properties?.templateFile === undefined)
    continue;
  /** `aws://<account>/<region>` */
  const region = must(environment.split("/").at(-1));
  templatesByRegion.set(region, [...(templatesByRegion.get(region) ?? []), join(folder, properties.templateFile)]);
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
