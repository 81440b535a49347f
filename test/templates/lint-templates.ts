/**
 * `npx tsx test/templates/lint-templates.ts [folder]`: cfn-lint on every synthesized template, each with its own
 * region, which the assembly's manifest knows; on what would recover each region; and on what an import of retained
 * resources sends for each of these stacks. Ends with 1 when anything is left to explain.
 *
 * W3005 is left out: CDK writes DependsOn beside references, so that a role's policy stands before its user is made;
 * the repetition is harmless.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stacksOfAssembly } from "../../lib/review/read-assembly";
import { importSubset, synthesizeForAdoption, synthesizeRecoveries } from "../support/assemblies";

const EXPLAINED = ["W3005"];
const LOCAL = join(__dirname, "..", "..", ".local", "lint-templates");

const [assembly = "cdk.out", ...others] = process.argv.slice(2);
if (others.length > 0 || assembly.startsWith("-"))
  stop("It takes one folder, or none; usage: npm run lint:templates -- [folder]");
if (!existsSync(join(assembly, "manifest.json")))
  stop(`There is no ${assembly}/manifest.json; run npm run synth, which writes it, and try again.`);
if (spawnSync("cfn-lint", ["--version"]).status !== 0)
  stop("cfn-lint is missing; install it with pip install cfn-lint, then try again.");
rmSync(LOCAL, { recursive: true, force: true });

function stop(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

const templatesByRegion = new Map<string, string[]>();
const lint = (region: string, path: string): void => {
  templatesByRegion.set(region, [...(templatesByRegion.get(region) ?? []), path]);
};

const recoveries = synthesizeRecoveries(join(LOCAL, "recoveries"));
for (const folder of [assembly, ...recoveries])
  for (const { id, region } of stacksOfAssembly(folder)) lint(region, join(folder, `${id}.template.json`));

/** Checked as ordinary templates above; an import's differ from them in what they leave out alone. */
process.env["CDK_VALIDATION"] = "false";
const subsets = join(LOCAL, "imports");
mkdirSync(subsets, { recursive: true });
let imports = 0;
for (const folder of [synthesizeForAdoption(join(LOCAL, "adoption")), ...recoveries])
  for (const { id, region, template } of stacksOfAssembly(folder)) {
    const path = join(subsets, `${id}.template.json`);
    writeFileSync(path, JSON.stringify(importSubset(template)));
    lint(region, path);
    imports += 1;
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
console.log(
  `cfn-lint: ${count} templates in ${templatesByRegion.size} regions, ${imports} of them imports, ${failed} regions with findings`,
);
if (imports === 0 || count === imports || failed > 0) process.exitCode = 1;
