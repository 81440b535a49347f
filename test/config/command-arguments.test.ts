/** All commands that take a stage take it alike, and none takes a misspelt one for the default. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { contextOf, parseCommand, stageOf, UsageError } from "../../lib/config/command-arguments";

const USAGE = "npm run it -- -c stage=STAGE";

test("the last stage counts; without one it is the default", () => {
  expect(stageOf([], USAGE)).toBe("default");
  expect(stageOf(["stage=a", "stage=production"], USAGE)).toBe("production");
  expect(contextOf(["stage=a", "mine=b=c"], USAGE, ["mine"]).get("mine")).toBe("b=c");
});

test.each(["account=1", "stag=production", "production", "stage", "stage=", "=a"])("-c %s is refused", (word) => {
  expect(() => stageOf([word], USAGE)).toThrow(new UsageError(`-c ${word} is not known here; usage: ${USAGE}`));
});

test.each([
  [["--nonsense"], "Unknown option '--nonsense'"],
  [["-x"], "Unknown option '-x'"],
  [["--account"], "Option '--account <value>' argument missing"],
  [["word"], "Unexpected argument 'word'"],
])("%j: one sentence with the usage", (args, problem) => {
  const parse = () => parseCommand(USAGE, { args, options: { account: { type: "string" } } });
  expect(parse).toThrow(new UsageError(`${problem}; usage: ${USAGE}`));
});

test.each(["bootstrap-lines", "build-image", "diff", "quotas", "scp"])(
  "npm run %s",
  (command) => {
    const run = spawnSync(
      process.execPath,
      [require.resolve("tsx/cli"), `bin/${command}.ts`, "-c", "stag=production"],
      {
        cwd: join(__dirname, "..", ".."),
        encoding: "utf8",
      },
    );
    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toMatch(/^-c stag=production is not known here; usage: npm run [^\n]+\n$/);
  },
  60_000,
);

test.each(["import-mapping", "review"])(
  "npm run %s names no stage in this way, and says what it takes",
  (command) => {
    const run = spawnSync(
      process.execPath,
      [require.resolve("tsx/cli"), `bin/${command}.ts`, "-c", "stage=production"],
      {
        cwd: join(__dirname, "..", ".."),
        encoding: "utf8",
      },
    );
    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toMatch(/^Unknown option '-c'; usage: npm run [^\n]+\n$/);
  },
  60_000,
);
