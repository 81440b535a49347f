/** Every command of the project that takes a stage says in one sentence that there is none of that name. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const PROJECT = join(__dirname, "..", "..");
const { scripts } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};
/** By the option that they take it with. */
const STAGED: Readonly<Record<string, readonly string[]>> = {
  synth: ["-c", "stage=nope"],
  quotas: ["-c", "stage=nope"],
  scp: ["-c", "stage=nope"],
  "bootstrap-lines": ["-c", "stage=nope"],
  "build-image": ["-c", "stage=nope"],
  review: ["--stage", "nope"],
  calendar: ["--stage", "nope"],
  start: ["--stage", "nope"],
  "drill:region": ["--stage", "nope"],
};
/** They take none, and say so rather than going on with another. */
const STAGELESS = ["import-mapping", "lint:templates"];
/** Development only; none of them is given anything by people who deploy. */
const OTHERS = ["test", "check", "lint", "format", "format:check", "types", "bench", "fuzz:round-trip", "mutate"];

const say = (command: string, args: readonly string[]): { readonly code: number | null; readonly said: string } => {
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", `${command} "$@"`, "sh", ...args], {
    cwd: PROJECT,
    encoding: "utf8",
    env: { ...process.env, PATH: `${join(PROJECT, "node_modules", ".bin")}:${process.env["PATH"]}` },
  });
  const said = `${stdout}${stderr}`;
  expect(said).not.toMatch(/\n\s+at .*:\d+/);
  return { code: status, said };
};

test("each script of package.json is in one of the lists", () => {
  expect([...Object.keys(STAGED), ...STAGELESS, ...OTHERS].toSorted()).toEqual(Object.keys(scripts).toSorted());
});

test.each(Object.entries(STAGED))("npm run %s", (name, args) => {
  const { code, said } = say(scripts[name] ?? "", args);
  expect(code).toBe(1);
  expect(said).toContain("config/nope.json: there is no such stage; create the file, or choose another with");
});

test.each(["list", "diff", "deploy --all"])("npx cdk %s", (command) => {
  const { code, said } = say(`cdk ${command}`, ["-c", "stage=nope"]);
  expect(code).toBe(1);
  expect(said).toContain("config/nope.json: there is no such stage");
});

test("npx backups", () => {
  const { code, said } = say("node bin/backups.mjs", ["keys", "list", "--stage", "nope"]);
  expect(code).toBeGreaterThan(0);
  expect(said).toContain("config/nope.json: there is no such stage");
});

test.each(STAGELESS)("npm run %s, which takes none", (name) => {
  const { code, said } = say(scripts[name] ?? "", ["-c", "stage=nope"]);
  expect(code).toBe(1);
  expect(said).toContain("usage: npm run");
});

test("a path for a stage", () => {
  for (const stage of ["../package", "", "default.json"])
    expect(say("node local/start.mjs", ["--stage", stage]).said).toMatch(/there is no such stage/);
});
