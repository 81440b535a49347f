/**
 * Every command of every article: `npx backups …` is run here against the real functions, articles that are scripts have
 * tests of their own, and what only AWS can answer stands in docs/only-on-aws.md. No command may be in neither.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommandLine } from "../../bin/command-line/run-command-line";
import type { Surroundings } from "../../bin/command-line/surroundings";
import { handleRequest as handleRegistrationRequest } from "../../lambda/registration/handle-request";
import { handleRequest } from "../../lambda/requests/handle-request";
import { expireEnvironment } from "../../lambda/retention/expire";
import { startApiCommandLine } from "../cli/api-fixture";
import { NOTHING_ELSE } from "../cli/cli-fixture";
import { restoreItem } from "../catalog/catalog-fixtures";
import { createEnvironment, ENVIRONMENT, seal } from "../retention/sealed-environment";
import { fakeCollaborators } from "../support/collaborators";
import { ACCEPTANCE } from "../support/api-world";
import { articles, commandsOf, ELSEWHERE, SCRIPTS } from "./articles";

const PROJECT = join(__dirname, "../..");
const commands = articles()
  .filter((article) => SCRIPTS[article] === undefined)
  .flatMap(commandsOf);
/** What only prepares a listed command on this machine, and `npm` scripts, which their own tests run. */
const HERE =
  /^(B=|jq |npm run (drill:region$|review$|synth -- |build-image -- |--silent (import-mapping|bootstrap-lines|scp) -- ))/;
const begin = (command: string, start: string): boolean => command === start || command.startsWith(`${start} `);

/** What the document says only AWS can answer: the commands of its last section. */
const onlyOnAws = (): readonly string[] => {
  const [, section = ""] = readFileSync(join(PROJECT, "docs/only-on-aws.md"), "utf8").split(
    "## Commands of the runbook",
  );
  return [...section.matchAll(/^- `([^`]+)`/gm)].map((match) => match[1] ?? "");
};

test("every command is run by a test, or listed as one that only AWS can answer", () => {
  const listed = onlyOnAws();
  expect(listed.length).toBeGreaterThan(5);
  const neither = commands.filter(
    ({ command }) =>
      !HERE.test(command) && !begin(command, "npx backups") && !listed.some((start) => begin(command, start)),
  );
  expect(neither).toEqual([]);
  // Nothing is listed that no article has.
  expect(listed.filter((start) => !commands.some(({ command }) => begin(command, start)))).toEqual([]);
});

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  ENVIRONMENT,
  SNAPSHOT: "one",
  RESTORE: "r1",
  STAGE: "default",
};
/** As a shell takes it apart, with the article's placeholders filled in. */
const argumentsOf = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)]
    .map((match) => match[1] ?? match[2] ?? "")
    .slice(2)
    .map((argument) => PLACEHOLDERS[argument] ?? argument);

const ours = commands.filter(({ command }) => begin(command, "npx backups"));
describe.each(ours.filter(({ article }) => ELSEWHERE[article] === undefined).map((one) => [one.command, one.article]))(
  "%s (%s)",
  (command) => {
    test("answers", async () => {
      const { code, err } = await run(argumentsOf(command));
      expect([code, err]).toEqual([0, []]);
    });
  },
);

describe.each(ours.filter(({ article }) => ELSEWHERE[article] !== undefined).map((one) => [one.command, one.article]))(
  "%s (%s, run by a test of its own)",
  (command, article) => {
    test("exists, with its options", async () => {
      expect(existsSync(join(PROJECT, ELSEWHERE[article] ?? ""))).toBe(true);
      const given = argumentsOf(command);
      const options = given.filter((argument) => argument.startsWith("--"));
      const help: string[] = [];
      // `catalog check` is a command of two words; commander takes the words for it and leaves arguments aside.
      const name = given.slice(0, ["catalog", "drills", "recovery", "keys", "grants"].includes(given[0] ?? "") ? 2 : 1);
      const surroundings = { ...NOTHING_ELSE, out: (line: string) => help.push(line), err: () => undefined };
      expect(await runCommandLine([...name, "--help"], surroundings)).toBe(0);
      expect(await runCommandLine(["--help"], surroundings)).toBe(0);
      expect(options.filter((option) => !help.join("\n").includes(option))).toEqual([]);
    });
  },
);

/** Against the functions, as somebody without the API's address would. */
const run = async (args: readonly string[]): Promise<{ code: number; err: readonly string[] }> => {
  const [name = ""] = args;
  if (args.length === 1) return { code: await knows(name), err: [] };
  if (name === "restores") return runThroughApi([name, ACCEPTANCE]);
  const fakes = fakeCollaborators({ now: new Date("2026-12-03T10:00:00Z") });
  await seal(fakes, await createEnvironment(fakes), "one");
  await fakes.catalog.createRestore(restoreItem("r1"));
  const err: string[] = [];
  const surroundings: Surroundings = {
    ...NOTHING_ELSE,
    connect: async () => ({
      region: "eu-central-1",
      invoke: async (functionName, input) => {
        if (functionName === "retention") return expireEnvironment(input as never, fakes);
        if (functionName === "registration") return handleRegistrationRequest(input, fakes);
        return handleRequest(input, fakes);
      },
      start: async () => "arn:aws:states:eu-central-1:111111111111:execution:deletion:one",
      outcomeOf: async () => ({ succeeded: true, message: "Deleted." }),
    }),
    out: () => undefined,
    err: (line) => err.push(line),
    now: () => fakes.clock.now(),
    sleep: async (milliseconds) => {
      fakes.clock.advance(milliseconds);
      await goOn(fakes);
    },
  };
  return { code: await runCommandLine(args, surroundings), err };
};

/** What the service does while the command waits: backups end well, and probes find nothing. */
const goOn = async ({ catalog, clock }: ReturnType<typeof fakeCollaborators>): Promise<void> => {
  const at = clock
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, "Z");
  await catalog.updateEnvironment(ENVIRONMENT, { probe: { at, findings: [] } });
  for (const snapshot of (await catalog.listSnapshots(ENVIRONMENT)).items)
    if (snapshot.state === "queued")
      await catalog.updateSnapshot(ENVIRONMENT, snapshot.snapshotId, {
        state: "completed",
        finishedAt: at,
        updatedAt: at,
      });
};

/** Some commands ask the API only. */
const runThroughApi = async (args: readonly string[]): Promise<{ code: number; err: readonly string[] }> => {
  const line = await startApiCommandLine();
  try {
    return { code: await line.run(...args), err: line.err };
  } finally {
    await line.close();
  }
};

/** A command that is only named in a sentence: it must exist. */
const knows = (name: string): Promise<number> =>
  runCommandLine([name, "--help"], { ...NOTHING_ELSE, out: () => undefined, err: () => undefined });

test.each([...new Set(commands.filter(({ command }) => begin(command, "npx cdk")).map(({ command }) => command))])(
  "%s: cdk knows the command and its options",
  (command) => {
    const [, , name = "", ...rest] = command.split(" ");
    const help = execFileSync(join(PROJECT, "node_modules/.bin/cdk"), [name, "--help"], {
      encoding: "utf8",
      cwd: PROJECT,
    });
    expect(help).toContain(`cdk ${name}`);
    for (const option of rest.filter((argument) => argument.startsWith("-")))
      expect(help).toMatch(new RegExp(`(^|\\s)${option}\\b`, "m"));
  },
  120_000,
);
