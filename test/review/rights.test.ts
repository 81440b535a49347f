/** Conditions in words that somebody signs: no operator of IAM's that isn't said in English. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { where, whereOneOf } from "../../lib/review/rights";

const GOLDEN = join(__dirname, "../templates/golden");

test.each([
  [{ "ForAllValues:StringEquals aws:TagKeys": ["mark"] }, " where aws:TagKeys has only mark"],
  [{ "StringLike aws:ResourceTag/mark": ["?*"] }, " where aws:ResourceTag/mark isn't empty"],
  [{ "StringLike aws:ResourceTag/mark": ["?*", "a*"] }, " where aws:ResourceTag/mark is like ?* or a*"],
  [{}, ""],
])("%j", (conditions, said) => {
  expect(where(conditions)).toBe(said);
});

test("one of several", () => {
  const [a, b] = [{ "StringEquals a": ["1"] }, { "StringEquals b": ["2"] }];
  expect(whereOneOf([a, b])).toBe(" where a is 1, or where b is 2");
  expect(whereOneOf([a, {}])).toBe(" where a is 1");
  expect(whereOneOf([])).toBe("");
});

test("every operator that a template has is said in words", () => {
  const texts = readdirSync(GOLDEN, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => readFileSync(join(GOLDEN, name), "utf8"));
  const operators = new Set(
    texts.flatMap((text) =>
      [
        ...text.matchAll(/\\?"((?:For(?:All|Any)Values:)?(?:String|Arn|Bool|Null|Numeric|Date|Ip|NotIp)\w+)\\?": ?\{/g),
      ].map(([, operator = ""]) => operator),
    ),
  );
  expect(operators.size).toBeGreaterThan(5);
  for (const operator of operators) expect(where({ [`${operator} key`]: ["value"] })).not.toContain(operator);
});
