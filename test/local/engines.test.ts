/** What we promise to run on, held against what every installed package demands, and against what we say. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { subset } from "semver";

interface LockedPackage {
  readonly deprecated?: string;
  /** Very old packages have a list of programs here. */
  readonly engines?: { readonly node?: string };
}
const read = (file: string): string => readFileSync(join(__dirname, "..", "..", file), "utf8");
const { engines, dependencies, devDependencies, allowScripts } = JSON.parse(read("package.json")) as {
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
};
const { packages } = JSON.parse(read("package-lock.json")) as {
  readonly packages: Readonly<Record<string, LockedPackage & { readonly hasInstallScript?: boolean }>>;
};
const locked = Object.entries(packages).filter(([path]) => path !== "");

test("every installed package runs on every version of Node.js that is promised", () => {
  const demanding = locked.flatMap(([path, { engines: theirs }]) => {
    const node = theirs?.node;
    return node === undefined || subset(engines.node, node) ? [] : [`${path}: ${node}`];
  });
  expect(locked.length).toBeGreaterThan(300);
  expect(demanding).toEqual([]);
});

test("README, docs and the first file that runs promise the same", () => {
  expect(engines.node).toBe("^22.13.0 || >=24.0.0");
  for (const file of ["README.md", "docs/local-run.md", "local/start.mjs"])
    expect(read(file)).toMatch(/22\.13 or newer, or 24/);
});

test("no package is deprecated, and npm is told about each that would run a script", () => {
  expect(locked.filter(([, { deprecated }]) => deprecated !== undefined)).toEqual([]);
  const scripted = locked.filter(([path, one]) => one.hasInstallScript === true && !path.endsWith("/fsevents"));
  expect(Object.keys(allowScripts)).toEqual(scripted.map(([path]) => path.replace("node_modules/", "")).toSorted());
});

test("what runs is installed without what only checks", () => {
  const sources = ["local/set-up.ts", "lib/assets/build-page.ts", "local/workflows/interpreter.ts"].map(read).join("");
  expect(sources).toContain("aws-local-stepfunctions");
  for (const needed of ["tsx", "esbuild", "aws-cdk", "aws-cdk-lib", "react", "aws-local-stepfunctions"])
    expect(dependencies).toHaveProperty([needed]);
  for (const checker of ["jest", "oxlint", "oxfmt", "typescript", "playwright-core"])
    expect(devDependencies).toHaveProperty([checker]);
});
