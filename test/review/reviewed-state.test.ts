/** The committed form of what was reviewed, and the command line around it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadStage } from "../../lib/config/load-configuration";
import { noticeLines } from "../../lib/config/notices";
import { fetchDeployed } from "../../lib/review/fetch-deployed";
import { fold, unfold } from "../../lib/review/fold";
import { mergePatch, patchBetween } from "../../lib/review/merge-patch";
import { readFetched } from "../../lib/review/read-assembly";
import { review } from "../../lib/review/review";
import { readReviewed, writeReviewed } from "../../lib/review/reviewed-state";
import { must } from "../support/must";
import { synthesizeOnce } from "../support/synthesized";
import { Changed, found, rules, unchanged } from "./template-changes";

const PROJECT = join(__dirname, "..", "..");
const NOW = new Date("2026-11-26T12:00:00Z");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "review-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("folding loses nothing, and shares what is the same", () => {
  const folded = fold(unchanged.stacks);
  expect(JSON.parse(JSON.stringify(unfold(folded)))).toEqual(JSON.parse(JSON.stringify(unchanged.stacks)));
  expect(JSON.stringify(folded).length).toBeLessThan(JSON.stringify(unchanged.stacks).length / 2);
});

test("patches remove, replace and nest", () => {
  const from = { a: 1, b: { c: [1], d: "x" }, e: "gone" };
  const to = { a: 1, b: { c: [2], d: "x" }, f: { g: true } };
  expect(patchBetween(from, to)).toEqual({ b: { c: [2] }, e: null, f: { g: true } });
  expect(mergePatch(from, patchBetween(from, to))).toEqual(to);
});

test("what is written is read back, and a second writing leaves no file of the first behind", () => {
  writeReviewed(folder, unchanged);
  const { refused, changes } = review({ before: must(readReviewed(folder)), after: unchanged, now: NOW });
  expect({ refused, changes }).toEqual({ refused: [], changes: [] });
  writeFileSync(join(folder, "stale.json"), "{}");
  writeReviewed(folder, unchanged);
  expect(() => readFileSync(join(folder, "stale.json"))).toThrow(/ENOENT/);
});

test("fetched templates: a stack without a file is not deployed yet", () => {
  for (const { id, template } of found.filter(({ id: name }) => !name.endsWith("Osaka")))
    writeFileSync(join(folder, `${id}.template.json`), JSON.stringify(template));
  const before = readFetched(folder, found, rules);
  expect(review({ before, after: unchanged, now: NOW })).toMatchObject({
    refused: [],
    changes: [
      "In Osaka, the stack backups-ap-northeast-3-replica in Tokyo is new.",
      "Nightly backups begin in Osaka, at 00:00 UTC, replicated to Tokyo.",
    ],
  });
});

test("deployed templates are read with the AWS command line, and what can't be read is no answer", () => {
  const [one, other, third] = found;
  const asked: string[] = [];
  const deployed = fetchDeployed([must(one), must(other)], (args) => {
    asked.push(args.join(" "));
    if (args.includes(must(other).stackName) && args.includes(must(other).region))
      throw new Error(`An error occurred (ValidationError): Stack with id ${must(other).stackName} does not exist`);
    return args[1] === "get-template"
      ? JSON.stringify({ TemplateBody: must(one).template })
      : JSON.stringify({ Stacks: [{ EnableTerminationProtection: false }] });
  });
  expect(deployed).toEqual([{ ...must(one), terminationProtection: false }]);
  expect(asked[0]).toBe(
    `cloudformation describe-stacks --region ${must(one).region} --stack-name ${must(one).stackName} --output json`,
  );
  expect(() =>
    fetchDeployed([must(third)], () => {
      throw new Error("Unable to locate credentials");
    }),
  ).toThrow(
    `The deployed stack ${must(third).stackName} in ${must(third).region} can't be read: Unable to locate credentials; mend that, or fetch templates into a folder and name it with --against.`,
  );
});

describe("npm run review", () => {
  const run = (
    ...options: readonly string[]
  ): { readonly status: number | null; readonly lines: readonly string[] } => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        require.resolve("tsx/cli"),
        "bin/review.ts",
        "--templates",
        synthesizeOnce().assemblyDir,
        "--reviewed",
        folder,
        ...options,
      ],
      { cwd: PROJECT, encoding: "utf8" },
    );
    return { status, lines: `${stdout}${stderr}`.trim().split("\n") };
  };
  const otherStacks = (): void => {
    const changed = new Changed();
    changed.everyPrimary((id) => {
      changed.statements(id, "retention").pop();
    });
    writeReviewed(folder, changed.deployment());
  };

  test("refuses with 1 until each kind is accepted with a reason, which is kept over its statements; then ends with 0", () => {
    expect(run()).toEqual({
      status: 1,
      lines: [
        "Nothing of stage default has been reviewed yet; look at its templates, then: npm run review -- --accept",
      ],
    });
    const changed = new Changed();
    changed.everyPrimary((id) => {
      changed.statements(id, "retention").pop();
    });
    delete changed.stack("Primary-Osaka").template.Resources[
      changed.logicalId("Primary-Osaka", "AWS::IAM::Role", "start-gauges")
    ];
    writeReviewed(folder, changed.deployment());
    const file = join(folder, "why.md");
    const refused = run("--draft", file);
    expect(refused.status).toBe(1);
    expect(refused.lines.at(-2)).toMatch(
      /kinds of change are refused\. Where they are wanted, say why and commit what this writes: npm run review -- --accept --reasons FILE, which npm run review -- --draft FILE begins$/,
    );
    expect(refused.lines.at(-1)).toBe(
      `Begun in ${file}: write why after each "Because:", then npm run review -- --accept --reasons ${file}`,
    );
    const ids = [...readFileSync(file, "utf8").matchAll(/\(`(.*)`\)$/gm)].map((match) => match[1] ?? "");
    expect(ids).toContain("new-role-start-gauges");
    expect(ids.filter((id) => !refused.lines.includes(`  [${id}]`))).toEqual([]);

    for (const [options, sentence] of [
      [[], /^What is refused is accepted only with a reason, and new-role-/],
      [
        ["--reason", "Retention sweeps uploads too"],
        /^One reason doesn't do for \d+ kinds of change; give each its own: /,
      ],
      [["--reasons", file], /^What is refused is accepted only with a reason, and /],
      [
        ["--reasons", join(folder, "nothing.md")],
        /^There is no .*nothing\.md; begin it with: npm run review -- --draft /,
      ],
    ] as const) {
      const { status, lines } = run("--accept", ...options);
      expect([status, lines.at(-1)]).toEqual([1, expect.stringMatching(sentence)]);
    }
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replaceAll(/^Because:$/gm, "Because: uploads are swept, too."));
    expect(run("--accept", "--reasons", file, "--reason", "new-role-start-gauges=gauges are scheduled.").status).toBe(
      0,
    );
    const accepted = readFileSync(join(folder, "accepted.md"), "utf8");
    expect(accepted).toMatch(
      /^## There is a new role \(`new-role-start-gauges`\)\n\n- In .*, the role "start-gauges" is new and .*\n( {2}- .*\n)+\nBecause: gauges are scheduled\.$/m,
    );
    expect(accepted).toMatch(/^- In .*, the role "retention" may now .*\n\nBecause: uploads are swept, too\.$/m);
    expect(run()).toEqual({
      status: 0,
      lines: [...noticeLines(loadStage("default")), "Nothing changes against what was last reviewed of stage default."],
    });
  });

  test("says in one sentence what it can't use", () => {
    otherStacks();
    expect(run("--snapshots", join(PROJECT, "package.json"))).toEqual({
      status: 1,
      lines: [
        expect.stringMatching(
          /package\.json is no list of snapshots \(.*\); write it with: npx backups snapshots ENVIRONMENT --json > /,
        ),
      ],
    });
    expect(run("--against", join(folder, "nothing")).lines[0]).toMatch(/^There are no \*\.template\.json in /);
    expect(run("--nonsense").lines[0]).toMatch(
      /^Unknown option '--nonsense'; usage: npm run review -- \[--stage\] \[--templates\] /,
    );
  });
});
