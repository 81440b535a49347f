/** What can't be undone is done only under the environment's name. */
import { ACCEPTANCE, PRODUCTION } from "../support/api-world";
import { runCommandLine } from "../../bin/command-line/run-command-line";
import type { Surroundings } from "../../bin/command-line/surroundings";
import { NOTHING_ELSE } from "./cli-fixture";

const SNAPSHOT = "10000000-0000-8000-8000-000000000001";

let asked: string[];
let reached: number;
let err: string[];
const run = (args: readonly string[], typed?: string): Promise<number> => {
  [asked, err, reached] = [[], [], 0];
  const surroundings: Surroundings = {
    ...NOTHING_ELSE,
    variables: { BACKUPS_URL: "https://backups.example/backups", BACKUPS_USERNAME: "a", BACKUPS_API_KEY: "b" },
    ask: async (question) => {
      asked.push(question);
      return typed;
    },
    fetch: async () => {
      reached += 1;
      return Response.json({ errorCode: "NOT_FOUND", errorMessage: "Nothing is there." }, { status: 404 });
    },
    out: () => undefined,
    err: (line) => err.push(line),
  };
  return runCommandLine(args, surroundings);
};

describe.each([
  ["delete", ["delete", PRODUCTION, SNAPSHOT], PRODUCTION],
  ["restore", ["restore", SNAPSHOT, "--into", ACCEPTANCE], ACCEPTANCE],
  ["restore of the database", ["restore", SNAPSHOT, "--to", ACCEPTANCE, "--database-only"], ACCEPTANCE],
  ["restore, left alone", ["restore", SNAPSHOT, "--into", ACCEPTANCE, "--no-wait", "--json"], ACCEPTANCE],
] as const)("%s", (_what, args, name) => {
  test("without a terminal: one sentence with what to add, and nobody is asked", async () => {
    expect(await run(args)).toBe(2);
    expect(err).toEqual([expect.stringMatching(`^.* Add --confirm ${name} if that is meant; nothing was changed\\.$`)]);
    expect(reached).toBe(0);
  });
  test("goes on with --confirm, and asks nothing", async () => {
    expect(await run([...args, "--confirm", name])).toBe(1);
    expect(reached).toBeGreaterThan(0);
    expect(asked).toEqual([]);
  });
  test("goes on when the name is typed", async () => {
    expect(await run(args, ` ${name} `)).toBe(1);
    expect(asked).toEqual([expect.stringMatching(new RegExp(`${SNAPSHOT}.*\\nType .* ${name}, to go on: $`))]);
    expect(reached).toBeGreaterThan(0);
  });
  test.each(["", "y", "yes", SNAPSHOT, name.toUpperCase(), `${name}x`])("does not for %j", async (typed) => {
    expect(await run(args, typed)).toBe(2);
    expect(err).toEqual([`That is not ${name}; nothing was changed.`]);
    expect(await run([...args, "--confirm", typed], name)).toBe(2);
    expect(err).toEqual([`--confirm says ${typed}, and the environment is ${name}; nothing was changed.`]);
    expect(reached).toBe(0);
  });
});

test("scripts with --yes go on working, and --confirm counts before it", async () => {
  expect(await run(["delete", PRODUCTION, SNAPSHOT, "--yes"])).toBe(1);
  expect(reached).toBeGreaterThan(0);
  expect(await run(["delete", PRODUCTION, SNAPSHOT, "--yes", "--confirm", ACCEPTANCE])).toBe(2);
  expect(reached).toBe(0);
});
