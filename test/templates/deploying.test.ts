/** docs/deploying.md: its commands select the stacks that it says, with options that this version of CDK's has. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { stackLabel } from "../../lib/names";
import { must } from "../support/must";
import { synthesizeOnce } from "../support/synthesized";

const PROJECT = join(__dirname, "..", "..");
const CDK = join(PROJECT, "node_modules", "aws-cdk", "bin", "cdk");
const run = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CDK, ...args], { cwd: PROJECT, encoding: "utf8" });
  expect({ args, status, stderr: status === 0 ? "" : stderr }).toEqual({ args, status: 0, stderr: "" });
  return stdout;
};
/** As CDK selects and orders them. */
const selected = (...patterns: readonly string[]): readonly string[] =>
  run("list", "--app", synthesizeOnce().assemblyDir, ...patterns)
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "");

/** Of a shell line: words in quotes, and others. */
const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
const text = readFileSync(join(PROJECT, "docs", "deploying.md"), "utf8");
const commands = [...text.matchAll(/npx cdk (deploy [^\n`]+)/g)].map((match) => wordsOf(must(match[1])));
const patternsOf = (words: readonly string[]): readonly string[] =>
  words.filter((word) => /^(Primary|Replica)-/.test(word));
const wave = commands.filter((words) => patternsOf(words).length > 0);
const rest = commands.filter((words) => words.includes("--all"));

test("the article has a first wave and the rest, for a first time and for later", () => {
  expect(commands).toHaveLength(4);
  expect([wave.length, rest.length]).toEqual([2, 2]);
  for (const words of commands) expect(words.slice(1, 3)).toEqual(["--app", "cdk.out"]);
});

test("the first wave is one region's stacks, the replica first, and nothing else", () => {
  for (const words of wave) expect(selected(...patternsOf(words))).toEqual(["Replica-Frankfurt", "Primary-Frankfurt"]);
});

test("a region's patterns fit every region of the table, and no region's take in another's", () => {
  const labels = NIGHTLY_TABLE.map(({ name }) => stackLabel(name));
  for (const label of labels) expect(labels.filter((other) => other !== label && other.startsWith(label))).toEqual([]);
  expect(selected("Replica-London*", "Primary-London")).toEqual(["Replica-London", "Primary-London"]);
});

test("the rest is every stack, each replica before its primary, and the number that the article says", () => {
  const all = selected();
  expect(all).toHaveLength(2 * NIGHTLY_TABLE.length);
  expect(text).toContain(`has ${all.length} stacks`);
  for (const primary of all.filter((stack) => stack.startsWith("Primary-")))
    expect(all.indexOf(primary.replace("Primary-", "Replica-"))).toBeLessThan(all.indexOf(primary));
});

test("every option is one of CDK's, and nothing asks while stacks deploy at the same time", () => {
  const help = run("deploy", "--help");
  for (const words of commands) {
    for (const word of words.filter((one) => one.startsWith("--")))
      expect(help).toMatch(new RegExp(`--${word.replace(/^--(no-)?/, "")}\\b`));
    const approval = words[words.indexOf("--require-approval") + 1];
    expect(approval).toBe("never");
    expect(help).toContain(`"${approval}"`);
  }
  for (const words of rest) expect(Number(words[words.indexOf("--concurrency") + 1])).toBeGreaterThan(1);
});
