/** Each verb's help, against a table that people have read; and what every help has. */
import { join } from "node:path";
import type { Command } from "commander";
import { runCommandLine } from "../../bin/command-line/run-command-line";
import { golden } from "../support/golden";
import { NOTHING_ELSE } from "./cli-fixture";
import { program, verbs } from "./verbs";

const helpOf = async (words: readonly string[]): Promise<string> => {
  const out: string[] = [];
  const surroundings = { ...NOTHING_ELSE, out: (text: string) => out.push(text), err: fail };
  expect(await runCommandLine([...words, "--help"], surroundings)).toBe(0);
  return out.join("\n");
};
const fail = (text: string): never => {
  throw new Error(text);
};
/** Broken lines joined again, so that words are found wherever they were broken. */
const flat = (text: string): string => text.replace(/\s+/g, " ");
const visible = ({ options }: Command) => options.filter(({ hidden }) => !hidden);
const cell = (text: string): string => text.replaceAll("|", "\\|");

test("the table of verbs, arguments, options and summaries", () => {
  const rows = verbs().map(({ name, command }) => {
    const given = command.registeredArguments.map((one) => {
      const word = `${one.name()}${one.variadic ? "..." : ""}`;
      return one.required ? `<${word}>` : `[${word}]`;
    });
    const options = visible(command).map(({ flags, mandatory }) => `${flags}${mandatory ? " (required)" : ""}`);
    return `| ${[name, given.join(" "), options.join("<br>"), command.description()].map(cell).join(" | ")} |`;
  });
  const text = ["| verb | arguments | options | summary |", "|---|---|---|---|", ...rows, ""].join("\n");
  expect(text).toBe(golden(join(__dirname, "golden", "verbs.md"), text));
});

describe.each(verbs().map(({ name, command }) => [name, command] as const))("backups %s --help", (name, command) => {
  test("has its summary, its options, those of every command, and an example", async () => {
    const help = flat(await helpOf(name.split(" ")));
    expect(help).toContain(`Usage: backups ${name}`);
    expect(help).toContain(flat(command.description()));
    for (const option of [...visible(command), ...visible(program())])
      expect(help).toContain(`${option.flags} ${flat(option.description)}`);
    expect(help).toContain("Global Options: --stage <name>");
    expect(help).toMatch(/-V, --version .*-h, --help|-h, --help .*-V, --version/);
    if (name !== "help") expect(help).toContain(`backups ${name}`);
    expect(help).toMatch(/Examples?:/);
  });
});

test("commands are grouped, and each is in one group", async () => {
  const help = await helpOf([]);
  expect([...help.matchAll(/^(\w[\w ]*):$/gm)].map(([, title]) => title)).toEqual([
    "Options",
    "Snapshots",
    "Restoring",
    "Environments",
    "Running the service",
    "This program",
    "Examples",
  ]);
  for (const command of program().commands)
    expect(help.match(new RegExp(`^  ${command.name()} `, "gm"))).toHaveLength(1);
});

test("--wait is one option everywhere, with a number or without, and says how long it waits", async () => {
  const waiting = verbs().filter(({ command }) => command.options.some(({ long }) => long === "--wait"));
  expect(waiting.length).toBeGreaterThan(8);
  for (const { name, command } of waiting) {
    const option = command.options.find(({ long }) => long === "--wait");
    expect([name, option?.flags]).toEqual([name, "--wait [seconds]"]);
    expect(option?.description).toMatch(
      /^wait .+, at most so many seconds \(without a number: \d+(\.\d)? (minutes|hours)\)$/,
    );
    // What waits by itself can be told not to.
    const waitsByItself = option?.defaultValue === true;
    expect([name, command.options.some(({ long }) => long === "--no-wait")]).toEqual([name, waitsByItself]);
  }
});

test.each([
  ["-V"],
  ["--version"],
  ["--stage", "other", "--version"],
  ["snapshots", "e", "--version"],
  ["download", "--version", "e"],
])("%j prints the version and does nothing else", async (...args) => {
  const out: string[] = [];
  const surroundings = { ...NOTHING_ELSE, out: (text: string) => out.push(text), err: fail };
  expect(await runCommandLine(args, { ...surroundings, commit: async () => "0123456789ab" })).toBe(0);
  expect(out).toEqual([expect.stringMatching(/^backups \d+\.\d+\.\d+ \(commit 0123456789ab\)$/)]);
});

test("-- ends the options: what follows is no question for the version", async () => {
  const surroundings = { ...NOTHING_ELSE, out: fail, err: fail };
  await expect(runCommandLine(["snapshots", "--", "--version"], surroundings)).rejects.toThrow("a call of a function");
});
