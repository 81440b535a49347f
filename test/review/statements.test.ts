/** When one permission is inside another: what can't be judged counts as wider. */
import { excess, matches, statementOf, type Statement } from "../../lib/review/statements";
import type { Json } from "../../lib/review/deployment";

const allow = (rest: Readonly<Record<string, Json>>): Statement =>
  statementOf({ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::a/*", ...rest });
const wider = (now: Statement, was: Statement): readonly string[] =>
  excess("Allow", [now], [was]).map(({ why }) => why);

test.each<[string, Statement, Statement, readonly string[]]>([
  ["the same", allow({}), allow({}), []],
  ["an action of a wildcard", allow({}), allow({ Action: "s3:Get*" }), []],
  ["a wildcard of an action", allow({ Action: "s3:Get*" }), allow({}), ["action"]],
  ["another case of letters", allow({ Action: "S3:getobject" }), allow({}), []],
  ["one key of all", allow({ Resource: "arn:aws:s3:::a/b" }), allow({}), []],
  ["all keys of one", allow({}), allow({ Resource: "arn:aws:s3:::a/b" }), ["resource"]],
  ["one more condition", allow({ Condition: { StringEquals: { a: "1" } } }), allow({}), []],
  ["one condition less", allow({}), allow({ Condition: { StringEquals: { a: "1" } } }), ["condition"]],
  [
    "fewer values of what is required",
    allow({ Condition: { StringEquals: { a: ["1"] } } }),
    allow({ Condition: { StringEquals: { a: ["1", "2"] } } }),
    [],
  ],
  [
    "more values of what is required",
    allow({ Condition: { StringEquals: { a: ["1", "2"] } } }),
    allow({ Condition: { StringEquals: { a: ["1"] } } }),
    ["condition"],
  ],
  [
    "fewer values of what is excluded",
    allow({ Condition: { StringNotLike: { a: ["1"] } } }),
    allow({ Condition: { StringNotLike: { a: ["1", "2"] } } }),
    ["condition"],
  ],
  [
    "a pattern inside a pattern",
    allow({ Condition: { StringLike: { a: "shop/1*" } } }),
    allow({ Condition: { StringLike: { a: "shop/*" } } }),
    [],
  ],
  ["another principal", allow({ Principal: { AWS: "b" } }), allow({ Principal: { AWS: "a" } }), ["principal"]],
  [
    "a service of the same name",
    allow({ Principal: { Service: "a" } }),
    allow({ Principal: { AWS: "a" } }),
    ["principal"],
  ],
  [
    "what is allowed by exclusion",
    allow({ NotAction: "s3:PutObject", Action: [] }),
    allow({ Action: "*" }),
    ["inverted"],
  ],
])("%s", (_name, now, was, why) => {
  expect(wider(now, was)).toEqual(why);
});

test("two statements may cover one together", () => {
  const now = allow({ Action: ["s3:GetObject", "s3:PutObject"] });
  expect(excess("Allow", [now], [allow({}), allow({ Action: "s3:PutObject" })])).toEqual([]);
});

test("a denial that lets more networks through refuses less", () => {
  const deny = (networks: readonly string[]): Statement =>
    statementOf({
      Effect: "Deny",
      Action: "execute-api:Invoke",
      Resource: "*",
      Principal: "*",
      Condition: { NotIpAddress: { "aws:SourceIp": [...networks] } },
    });
  expect(excess("Deny", [deny(["10.0.0.0/8"])], [deny(["10.0.0.0/8", "0.0.0.0/0"])]).map(({ why }) => why)).toEqual([
    "condition",
  ]);
  expect(excess("Deny", [deny(["10.0.0.0/8", "0.0.0.0/0"])], [deny(["10.0.0.0/8"])])).toEqual([]);
});

test("IAM's patterns are not regular expressions", () => {
  expect(matches("arn:aws:s3:::a.b/*", "arn:aws:s3:::axb/c")).toBe(false);
  expect(matches("a?c", "abc")).toBe(true);
  expect(matches("a?c", "a*c")).toBe(false);
});
