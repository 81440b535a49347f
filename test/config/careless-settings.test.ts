/** Settings that JSON or AWS would take silently: each ends in one sentence. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadStage } from "../../lib/config/load-configuration";
import { apiWith, defaults, WEB_ACL } from "./refused-settings";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const load = (text: string) => {
  writeFileSync(join(folder, "test.json"), text);
  return loadStage("test", folder);
};
const loadWith = (change: Record<string, unknown>) => load(JSON.stringify({ ...defaults, ...change }));

test.each([
  ['{ "a": 1, "a": 2 }', '"a" is given twice in one group, in line 1'],
  ['{ "a": 1,\n "b": 1,\n "a": 1 }', '"a" is given twice in one group, in lines 1 and 3'],
  ['{ "x": { "y": [{ "a": {}, "a": [] }] } }', '"a" is given twice in one group, in line 1'],
  ['{ "a": "}", // "a": 2\n "b": "\\"", "\\u0061": 2 }', '"a" is given twice in one group, in lines 1 and 2'],
  ['{ "__proto__": 1, "__proto__": 2 }', '"__proto__" is given twice in one group, in line 1'],
])("keys given twice: %s", (text, says) => {
  expect(() => load(text)).toThrow(`test.json: ${says}; keep the one that is meant.`);
});

test("one key in several groups, and a text that looks like one, are fine", () => {
  const text = JSON.stringify({ ...defaults, tags: { stage: "a", prefix: "prefix" } });
  expect(load(text).tags).toEqual({ stage: "a", prefix: "prefix" });
});

test.each([
  [["0.0.0.0/0"], ["0.0.0.0/0"], "100 % of all IPv4"],
  [["0.0.0.0/1", "128.0.0.0/1"], ["0.0.0.0/1", "128.0.0.0/1"], "100 % of all IPv4"],
  [["203.0.113.0/24", "128.0.0.0/2"], ["128.0.0.0/2"], "25 % of all IPv4"],
  [["52.0.0.0/7"], ["52.0.0.0/7"], "0.7 % of all IPv4"],
  [["52.0.0.0/9", "54.0.0.0/9", "56.0.0.0/9"], ["52.0.0.0/9", "54.0.0.0/9", "56.0.0.0/9"], "0.5 % of all IPv4"],
  [["0.0.0.0/0", "::/0"], ["0.0.0.0/0"], "100 % of all IPv4"],
  [["192.88.98.0/24", "::/1", "8000::/1"], ["::/1", "8000::/1"], "100 % of all IPv6"],
  [["2000::/3"], ["2000::/3"], "12.5 % of all IPv6"],
])("networks as wide as %j are accepted by name, or refused", (allowedNetworks, wide, share) => {
  expect(() => loadWith(apiWith({ allowedNetworks }))).toThrow(share);
  expect(() => loadWith(apiWith({ allowedNetworks }))).toThrow(`"acceptedWideNetworks": ${JSON.stringify(wide)}`);
  expect(() => loadWith(apiWith({ allowedNetworks, acceptedWideNetworks: allowedNetworks }))).not.toThrow();
});

test("what is accepted stands in the list; an organisation's networks, and those of a VPC, need no accepting", () => {
  expect(() => loadWith(apiWith({ acceptedWideNetworks: ["0.0.0.0/0"] }))).toThrow(
    'api.acceptedWideNetworks[0]: "0.0.0.0/0" is not among the allowed networks, so there is nothing to accept;',
  );
  expect(() => loadWith(apiWith({ allowedNetworks: ["53.0.0.0/8", "53.1.0.0/16", "2a00::/20"] }))).not.toThrow();
});

test.each<[string, Record<string, unknown>, string]>([
  [
    "a web ACL of CloudFront",
    apiWith({
      webAclArns: { "eu-west-1": WEB_ACL.replace(":regional/", ":global/").replace("eu-west-1", "us-east-1") },
    }),
    "it must be the ARN of a regional web ACL, because one of scope CLOUDFRONT (global) stands before CloudFront only.",
  ],
  [
    "a web ACL of another region",
    apiWith({ webAclArns: { "eu-central-1": WEB_ACL } }),
    "api.webAclArns.eu-central-1: the web ACL stands in eu-west-1; name one of eu-central-1,",
  ],
  [
    "a web ACL of another partition",
    apiWith({ webAclArns: { "eu-west-1": WEB_ACL.replace("arn:aws:", "arn:aws-cn:") } }),
    "it must be the ARN of a regional web ACL of AWS WAF.",
  ],
  [
    "a web ACL of another account",
    { account: "210987654321", ...apiWith({ webAclArns: { "eu-west-1": WEB_ACL } }) },
    "api.webAclArns.eu-west-1: its ARN is of account 123456789012, and the stage is of 210987654321; name what stands in the stage's account.",
  ],
  [
    "a boundary of another account",
    { account: "210987654321", permissionsBoundary: "arn:aws:iam::123456789012:policy/boundary" },
    "permissionsBoundary: its ARN is of account 123456789012, and the stage is of 210987654321;",
  ],
  [
    "two accounts in a stage without one",
    {
      permissionsBoundary: "arn:aws:iam::210987654321:policy/boundary",
      ...apiWith({ webAclArns: { "eu-west-1": WEB_ACL } }),
    },
    "api.webAclArns.eu-west-1: its ARN is of account 123456789012, and permissionsBoundary is of 210987654321;",
  ],
])("%s", (_what, change, says) => {
  expect(() => loadWith(change)).toThrow(says);
});
