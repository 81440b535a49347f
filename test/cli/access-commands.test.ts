/** `backups keys` and `backups grants`, against the real function on fakes. */
import { runCommandLine } from "../../bin/command-line/run-command-line";
import type { Surroundings } from "../../bin/command-line/surroundings";
import { authenticate } from "../../lambda/access/authenticate";
import { handleRequest } from "../../lambda/access/handle-request";
import { NO_TOKENS } from "../../lambda/access/tokens";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { NOTHING_ELSE } from "./cli-fixture";
import { must } from "../support/must";

const OPERATOR = "operator@example.com";

let collaborators: FakeCollaborators;
let out: string[];
let err: string[];
let invoke: (input: unknown) => Promise<unknown>;

const unexpected = () => Promise.reject(new Error("unexpected"));
const surroundings = (): Surroundings => ({
  ...NOTHING_ELSE,
  connect: async () => ({
    region: "eu-central-1",
    invoke: async (name, input) => {
      expect(name).toBe("access");
      return JSON.parse(JSON.stringify(await invoke(JSON.parse(JSON.stringify(input))))) as unknown;
    },
    start: unexpected,
    outcomeOf: unexpected,
  }),
  out: (line) => out.push(line),
  err: (line) => err.push(line),
  sleep: async () => undefined,
  now: () => collaborators.clock.now(),
  user: () => "root",
  newRequestId: () => "00000000-0000-4000-8000-000000000001",
});
const backups = async (...args: string[]): Promise<number> => {
  [out, err] = [[], []];
  return runCommandLine(args, surroundings());
};
const signIn = (key: string) =>
  authenticate({ "Mendix-Username": OPERATOR, "Mendix-ApiKey": key }, { ...collaborators, tokens: NO_TOKENS });

beforeEach(() => {
  collaborators = fakeCollaborators({ now: new Date("2026-12-03T10:00:00Z") });
  invoke = (input) => handleRequest(input, collaborators);
});

describe("backups keys create", () => {
  it("prints the key alone, and on the other channel that it can't be shown again", async () => {
    expect(await backups("keys", "create", OPERATOR, "--grant", "*:administer")).toBe(0);
    const key = must(out[0]);
    expect(out).toHaveLength(1);
    expect(await signIn(key)).toEqual({ name: OPERATOR, grants: [{ app: "*", role: "administer" }] });
    expect(err).toEqual([
      expect.stringMatching(
        /^Key [0-9a-f]{8} of operator@example.com is made. It does not expire. Keep it now: it can't be shown again.$/,
      ),
    ]);
    expect(err.join("\n")).not.toContain(key);
    await backups("keys", "list");
    await backups("keys", "list", "--json");
    expect(out.join("\n")).not.toContain(key);
  });
  it("takes label, expiry and several grants, and answers in JSON", async () => {
    const grants = ["--grant", "shop:backup", "crm:read", "--grant", "hr:restore"];
    expect(
      await backups("--json", "keys", "create", OPERATOR, ...grants, "--label", "laptop", "--expires-in-days", "30"),
    ).toBe(0);
    const made = JSON.parse(out.join("\n")) as Record<string, string>;
    expect(made).toMatchObject({ principal: OPERATOR, expiresAt: "2027-01-02T10:00:00Z" });
    expect(must(await signIn(must(made["key"]))).grants).toEqual([
      { app: "shop", role: "backup" },
      { app: "crm", role: "read" },
      { app: "hr", role: "restore" },
    ]);
    await backups("keys", "list", OPERATOR);
    expect(out).toEqual([
      "KEY       PRINCIPAL             MADE                  BY    VALID                       LABEL",
      `${made["keyId"]}  ${OPERATOR}  2026-12-03T10:00:00Z  root  until 2027-01-02T10:00:00Z  laptop`,
    ]);
    collaborators.clock.set("2027-01-02T10:00:00Z");
    await backups("keys", "list");
    expect(out.join()).toContain("expired 2027-01-02T10:00:00Z");
  });
});

it("backups keys revoke ends a key, and says when there is none", async () => {
  await backups("--json", "keys", "create", OPERATOR);
  const { key, keyId } = JSON.parse(out.join("\n")) as { key: string; keyId: string };
  expect(await backups("keys", "revoke", OPERATOR, keyId)).toBe(0);
  expect(out).toEqual([`Key ${keyId} of ${OPERATOR} is revoked.`]);
  expect(await signIn(key)).toBeUndefined();
  expect(await backups("keys", "revoke", OPERATOR, keyId)).toBe(1);
  expect(err).toEqual([
    `${OPERATOR} has no key ${keyId}: it was revoked before, or never made; look at the list of keys.`,
  ]);
  await backups("keys", "list");
  expect(out).toEqual(["There are no keys; make one with: backups keys create PRINCIPAL"]);
});

it("backups grants add, list and remove", async () => {
  await backups("grants", "list");
  expect(out).toEqual(["There are no grants; add one with: backups grants add PRINCIPAL APP:ROLE"]);
  expect(await backups("grants", "add", OPERATOR, "shop:restore")).toBe(0);
  expect(out).toEqual([`${OPERATOR} has the role restore on app shop.`]);
  await backups("grants", "add", "zoe", "*:read");
  await backups("grants", "list");
  expect(out).toEqual(["PRINCIPAL             GRANT", `${OPERATOR}  shop:restore`, "zoe                   *:read"]);
  await backups("grants", "list", "zoe", "--json");
  expect(JSON.parse(out.join("\n"))).toEqual({
    principals: [{ name: "zoe", grants: [{ app: "*", role: "read" }], keys: [] }],
  });
  expect(await backups("grants", "remove", OPERATOR, "shop:restore")).toBe(0);
  expect(await backups("grants", "remove", OPERATOR, "shop:restore")).toBe(1);
  expect(err.join()).toContain(`${OPERATOR} has no grant of the role restore on app shop`);
  expect(await backups("grants", "list", "eve")).toBe(1);
  expect(err).toEqual(["There is no eve; names count letter for letter."]);
});

it("lists all pages", async () => {
  const grants = [{ app: "shop", role: "read" as const }];
  const times = { createdAt: "2026-12-03T10:00:00Z", updatedAt: "2026-12-03T10:00:00Z", createdBy: "root" };
  const names = Array.from({ length: 120 }, (_, at) => `p-${String(at).padStart(3, "0")}`);
  for (const name of names) await collaborators.catalog.putPrincipal({ name, grants, ...times });
  let pages = 0;
  invoke = (input) => {
    pages += 1;
    return handleRequest(input, collaborators);
  };
  await backups("grants", "list");
  expect(out).toEqual(["PRINCIPAL  GRANT", ...names.map((name) => `${name}      shop:read`)]);
  expect(pages).toBe(3);
});

describe("usage", () => {
  it.each([
    [["keys", "create"]],
    [["keys", "create", OPERATOR, "--expires-in-days", "0"]],
    [["keys", "create", OPERATOR, "--expires-in-days", "a"]],
    [["keys", "create", OPERATOR, "--grant", "shop"]],
    [["keys", "create", OPERATOR, "--grant", "shop:owner"]],
    [["keys", "create", OPERATOR, "--key", "mine"]],
    [["keys", "revoke", OPERATOR]],
    [["grants", "add", OPERATOR, "shop"]],
    [["grants", "add", OPERATOR, "shop:read:more"]],
    [["grants", "remove", OPERATOR, "shop:Read"]],
  ])("%j is answered with exit code 2, and nobody is asked", async (args) => {
    invoke = unexpected;
    expect(await backups(...args)).toBe(2);
    expect(err).not.toEqual([]);
    expect(out).toEqual([]);
  });
  it.each([
    ["keys", "create"],
    ["keys", "revoke"],
    ["keys", "list"],
    ["grants", "add"],
    ["grants", "remove"],
    ["grants", "list"],
  ])("%s %s --help has an example", async (noun, verb) => {
    expect(await backups(noun, verb, "--help")).toBe(0);
    expect(out.join("\n")).toContain(`npx backups ${noun} ${verb} `.trimEnd());
  });
  it("a name that nobody may have, and an answer of another version, are one sentence", async () => {
    expect(await backups("keys", "create", "Nightly")).toBe(1);
    expect(err.join()).toContain("automatic snapshots are called Nightly");
    invoke = async () => ({ ok: true });
    expect(await backups("keys", "create", OPERATOR)).toBe(1);
    expect(err).toEqual([
      "The access function answered in an unknown form; update this checkout to the deployed version.",
    ]);
  });
});
