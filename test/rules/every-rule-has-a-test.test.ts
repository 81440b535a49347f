/** Each of the service's ten rules, as `docs/design.md` numbers them, has a test that is named after it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "../support/must";

const TESTS = join(__dirname, "..");
const DESIGN = join(__dirname, "..", "..", "docs", "design.md");

/** `1. **Nightly table.** …` in the section "Rules". */
const rules = (): readonly { readonly number: number; readonly name: string }[] => {
  const section = must(/^## Rules\n(.*?)^## /ms.exec(readFileSync(DESIGN, "utf8"))?.[1], "a section on the rules");
  return [...section.matchAll(/^(\d+)\. \*\*(.+?)\.?\*\*/gm)].map(([, number, name]) => ({
    number: Number(number),
    name: must(name),
  }));
};

/** Names of tests, not of groups: `test("…"`, and the name after the table of `test.each`. */
const testNames = (): readonly string[] =>
  readdirSync(TESTS, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts") && !path.endsWith("every-rule-has-a-test.test.ts"))
    .flatMap((path) => namesIn(readFileSync(join(TESTS, path), "utf8")));

const namesIn = (source: string): readonly string[] => [
  ...[...source.matchAll(/\b(?:test|it)\(\s*(["'`])(.*?)\1\s*,/gs)].map(([, , name]) => must(name)),
  ...[...source.matchAll(/\b(?:test|it)\.each\b.*?\)\(\s*(["'`])(.*?)\1\s*,/gs)].map(([, , name]) => must(name)),
];

test("the design has ten rules", () => {
  expect(rules().map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test.each(rules())("the rule $number ($name) has a test of that name", ({ number }) => {
  const named = testNames().filter((name) => new RegExp(`^Rule ${number}\\b`).test(name));
  expect(named.length).toBeGreaterThan(0);
});

test("a rule that only a group is named after, or a comment speaks of, counts as untested", () => {
  expect(
    namesIn('/** Rule 8 */ describe("Rule 8: residency", () => { test("it is kept", () => undefined); });'),
  ).toEqual(["it is kept"]);
  expect(namesIn('test.each<Mode>(["a", "b"])(\n  "Rule 10, I3: %s",\n async () => undefined);')).toEqual([
    "Rule 10, I3: %s",
  ]);
});
