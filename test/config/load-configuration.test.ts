/** Whatever is wrong with a stage ends in one sentence that names the file, the place in it, and the mend. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError } from "../../lib/config/configuration-error";
import { parseJsonWithComments } from "../../lib/config/json-with-comments";
import { loadStage } from "../../lib/config/load-configuration";
import { ipAddressType } from "../../lib/config/networks";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { must } from "../support/must";
import { WEB_ACL, apiWith, REFUSED, defaults } from "./refused-settings";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const load = (text: string, table = NIGHTLY_TABLE) => {
  writeFileSync(join(folder, "test.json"), text);
  return loadStage("test", folder, table);
};
const loadWith = (changes: Record<string, unknown>) => load(JSON.stringify({ ...defaults, ...changes }));
const sentence = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(/test\.json.*;.*\.$/);
    expect((error as Error).message).not.toContain("\n");
    return (error as Error).message.replace(/^.*test\.json/, "test.json");
  }
  throw new Error("It was accepted.");
};

test("the default stage has every region of the table and needs no account", () => {
  const stage = loadStage("default");
  expect(stage.rows).toBe(NIGHTLY_TABLE);
  expect(stage.account).toBeUndefined();
});

test("any subset of regions can be chosen, in the table's order", () => {
  expect(loadWith({ regions: ["eu-central-1", "eu-west-1"] }).rows.map(({ name }) => name)).toEqual([
    "Dublin",
    "Frankfurt",
  ]);
});

test("comments are allowed, and a // in a string is no comment", () => {
  expect(parseJsonWithComments('// one\n{ /* two */ "url": "https://example.com/a" // three\n}')).toEqual({
    url: "https://example.com/a",
  });
});

test("an API may be private, behind a firewall, and sign people in with tokens", () => {
  const api = {
    allowedNetworks: ["10.0.0.0/8", "2001:db8::/32"],
    endpoint: "private",
    vpcEndpoints: { "eu-west-1": ["vpce-0123456789abcdef0"] },
    throttling: { requestsPerSecond: 5, burst: 10 },
    webAclArns: { "eu-west-1": WEB_ACL },
    oidc: { issuer: "https://login.example.com", audiences: ["backups"], principalClaim: "email" },
  };
  expect(loadWith({ regions: ["eu-west-1"], api }).api).toEqual(api);
});

test.each([
  ["nobody", [], "ipv4"],
  ["an IPv4 network", ["203.0.113.0/24"], "ipv4"],
  ["one IPv4 address", ["203.0.113.7/32"], "ipv4"],
  ["everyone by IPv4", ["0.0.0.0/0"], "ipv4"],
  ["an IPv6 network", ["2001:db8::/32"], "dualstack"],
  ["both", ["203.0.113.0/24", "2001:DB8::/32"], "dualstack"],
  ["one IPv6 address", ["203.0.113.0/24", "2001:db8::7/128"], "dualstack"],
  ["everyone", ["0.0.0.0/0", "::/0"], "dualstack"],
] as const)("an API for %s has the addresses that its clients can use", (_who, allowedNetworks, expected) => {
  const acceptedWideNetworks = allowedNetworks.filter((network) => network.endsWith("/0"));
  const { api } = loadWith(apiWith({ allowedNetworks, acceptedWideNetworks }));
  expect(ipAddressType(api)).toBe(expected);
  expect(ipAddressType({ ...api, endpoint: "private" })).toBe("dualstack");
});

test("nobody reaches the API of the default stage", () => {
  expect(loadStage("default").api.allowedNetworks).toEqual([]);
});

const IMAGE_DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/backups";
/** What they name is another image tomorrow, or none. */
const IMAGES_THAT_MOVE = [
  ECR,
  `${ECR}:latest`,
  `${ECR}:2026-11-30`,
  `${ECR}@sha256:0123`,
  `${ECR}@${IMAGE_DIGEST.toUpperCase()}`,
  `${ECR}@sha512:${"0".repeat(128)}`,
  `${ECR.replace("eu-central-1", "{place}")}@${IMAGE_DIGEST}`,
  `@${IMAGE_DIGEST}`,
];
test.each([
  `${ECR}@${IMAGE_DIGEST}`,
  `${ECR}:2026-11-30-101500@${IMAGE_DIGEST}`,
  `${ECR.replace("eu-central-1", "{region}")}:2026-11-30-101500@${IMAGE_DIGEST}`,
])("an image with its digest is taken: %s", (image) => {
  const databaseTask = { ...(defaults["databaseTask"] as object), image };
  expect(loadWith({ databaseTask }).databaseTask.image).toBe(image);
});

test.each([[[13]], [[14, 19]], [[18]]])("the major versions may be chosen: %j", (postgresqlMajors) => {
  const databaseTask = { ...(defaults["databaseTask"] as object), postgresqlMajors };
  expect(loadWith({ databaseTask }).databaseTask.postgresqlMajors).toEqual(postgresqlMajors);
});

test.each(REFUSED)("%s stops synth with one sentence", (_what, changes, expected) => {
  expect(sentence(() => loadWith(changes))).toBe(expected);
});

test.each([
  { regions: [] },
  ...[
    { memoryGiB: 99 },
    { memoryGiB: 2.5 },
    { memoryGiB: "4" },
    { ephemeralStorageGiB: 1000 },
    { ephemeralStorageGiB: null },
    { postgresqlMajors: [] },
    { postgresqlMajors: [9] },
    { postgresqlMajors: "15" },
    { postgresqlMajors: [12] },
    ...IMAGES_THAT_MOVE.map((image) => ({ image })),
    { vcpu: 3 },
  ].map((change) => ({ databaseTask: { ...(defaults["databaseTask"] as object), ...change } })),
])("a wrong value is explained in the project's own words: %j", (changes) => {
  expect(sentence(() => loadWith(changes))).not.toMatch(/must fit|Too |Invalid|expected/);
});

test("an unknown region names those that there are", () => {
  expect(sentence(() => loadWith({ regions: ["eu-central-2"] }))).toMatch(
    /^test\.json, regions\[0\]: "eu-central-2" is no region of the nightly table; use one of me-south-1 \(Bahrain\), ca-central-1 \(Canada\), .*me-central-1 \(UAE\)\.$/,
  );
});

test("a file that is no JSON names the line", () => {
  expect(sentence(() => load('{\n  "prefix": "backups",\n}'))).toBe(
    "test.json: line 3 cannot be read as JSON; look for a missing quote or a comma too many just before it.",
  );
  expect(sentence(() => load('{\n  "prefix": "backups'))).toContain("test.json: line 2 cannot be read as JSON");
});

test("an unknown stage names those that there are", () => {
  expect(() => loadStage("prod", folder)).toThrow(
    /prod\.json: there is no such stage; create the file, or choose another with -c stage=/,
  );
  expect(() => loadStage("../default")).toThrow(ConfigurationError);
});

test("a residency violation in the table stops every stage", () => {
  const frankfurt = must(NIGHTLY_TABLE.find(({ name }) => name === "Frankfurt"));
  const london = must(NIGHTLY_TABLE.find(({ name }) => name === "London"));
  const table = [{ ...frankfurt, replication: london }];
  expect(() => load(JSON.stringify(defaults), table)).toThrow(
    /^lib\/regions\/nightly-table\.ts, Frankfurt: its replica in London \(UK\) would leave EU; /,
  );
});
