/** Signing in with keys and tokens, and what the roles include. */
import { authenticate, type RequestHeaders } from "../../lambda/access/authenticate";
import { newApiKey } from "../../lambda/access/api-keys";
import { keyCreated } from "../../lambda/access/contract";
import { handleRequest } from "../../lambda/access/handle-request";
import { rolesOn } from "../../lambda/access/roles";
import { NO_TOKENS, type Tokens } from "../../lambda/access/tokens";
import type { Grant } from "../../lambda/catalog/items";
import { fakeCollaborators, type FakeCollaborators, seededRandomness } from "../support/collaborators";

const OPERATOR = "operator@example.com";
const SHOP: Grant = { app: "shop", role: "restore" };

let collaborators: FakeCollaborators;
let tokens: Tokens;
let key: string;
const signIn = (headers: RequestHeaders) => authenticate(headers, { ...collaborators, tokens });
const withKey = (user: string, apiKey: string) => signIn({ "Mendix-Username": user, "Mendix-ApiKey": apiKey });
const make = async (wish: Record<string, unknown> = {}): Promise<string> => {
  const answer = await handleRequest(
    { action: "create-key", principal: OPERATOR, label: "", by: "root", grants: [SHOP], ...wish },
    collaborators,
  );
  return keyCreated.parse(answer).key;
};

beforeEach(async () => {
  collaborators = fakeCollaborators({ now: new Date("2026-12-03T10:00:00.400Z") });
  tokens = NO_TOKENS;
  key = await make();
});

describe("with a key", () => {
  it("the caller has the principal's name and grants, whatever the headers' case", async () => {
    const operator = { name: OPERATOR, grants: [SHOP] };
    expect(await withKey(OPERATOR, key)).toEqual(operator);
    expect(await signIn({ "mendix-username": OPERATOR, "MENDIX-APIKEY": key })).toEqual(operator);
    expect(await signIn({ "Mendix-Username": OPERATOR, "Mendix-ApiKey": key, Authorization: undefined })).toEqual(
      operator,
    );
  });
  it.each<[string, () => RequestHeaders]>([
    ["nothing", () => ({})],
    ["no name", () => ({ "Mendix-ApiKey": key })],
    ["no key", () => ({ "Mendix-Username": OPERATOR })],
    ["an unknown name", () => ({ "Mendix-Username": "stranger@example.com", "Mendix-ApiKey": key })],
    ["the name in other letters", () => ({ "Mendix-Username": OPERATOR.toUpperCase(), "Mendix-ApiKey": key })],
    ["an empty name", () => ({ "Mendix-Username": "", "Mendix-ApiKey": key })],
    ["a wrong key", () => ({ "Mendix-Username": OPERATOR, "Mendix-ApiKey": newApiKey(seededRandomness(7)) })],
    ["an empty key", () => ({ "Mendix-Username": OPERATOR, "Mendix-ApiKey": "" })],
    ["a key that is cut off", () => ({ "Mendix-Username": OPERATOR, "Mendix-ApiKey": key.slice(0, -1) })],
    ["the key's hash", () => ({ "Mendix-Username": OPERATOR, "Mendix-ApiKey": storedHash() })],
    ["two names", () => ({ "Mendix-Username": OPERATOR, "mendix-username": "eve", "Mendix-ApiKey": key })],
    ["another header", () => ({ Authorization: `Basic ${Buffer.from(`${OPERATOR}:${key}`).toString("base64")}` })],
  ])("%s signs nobody in", async (_, headers) => {
    expect(await signIn(headers())).toBeUndefined();
  });
  it("an unknown name and a wrong key cost the same requests", async () => {
    const requests = async (user: string, apiKey: string): Promise<readonly string[]> => {
      collaborators.table.requests.length = 0;
      expect(await withKey(user, apiKey)).toBeUndefined();
      return collaborators.table.requests.map(({ operation }) => operation);
    };
    const wrong = newApiKey(seededRandomness(7));
    expect(await requests(OPERATOR, wrong)).toEqual(["get", "get"]);
    expect(await requests("nobody", key)).toEqual(["get", "get"]);
  });
  it("is refused from the second of the key's expiry on", async () => {
    const short = await make({ expiresInDays: 1 });
    collaborators.clock.set("2026-12-04T09:59:59.999Z");
    expect(await withKey(OPERATOR, short)).toBeDefined();
    collaborators.clock.set("2026-12-04T10:00:00Z");
    expect(await withKey(OPERATOR, short)).toBeUndefined();
    expect(await withKey(OPERATOR, key)).toBeDefined();
  });
  it("is refused from its revocation on, and other keys aren't", async () => {
    const other = await make();
    const keyId = storedHash().slice(0, 8);
    await handleRequest({ action: "revoke-key", principal: OPERATOR, keyId, by: "root" }, collaborators);
    const left = [await withKey(OPERATOR, key), await withKey(OPERATOR, other)];
    expect(left.filter((caller) => caller !== undefined)).toHaveLength(1);
  });
  it("what the catalog holds signs nobody in: no key stands in it", async () => {
    await make({ expiresInDays: 30 });
    const everything = JSON.stringify(collaborators.table.all());
    expect(everything).toContain(storedHash());
    for (const made of [key, key.slice(4), Buffer.from(key).toString("base64"), "nbk_"]) {
      expect(everything).not.toContain(made);
    }
  });
});

describe("with a token", () => {
  beforeEach(() => {
    tokens = { principalOf: async (token) => (token === "good" ? OPERATOR : token === "strange" ? "eve" : undefined) };
  });
  it("leads to the same principal as a key", async () => {
    expect(await signIn({ authorization: "Bearer good" })).toEqual(await withKey(OPERATOR, key));
    expect(await signIn({ Authorization: "bearer  good " })).toEqual({ name: OPERATOR, grants: [SHOP] });
  });
  it("of somebody unknown is a caller who may do nothing", async () => {
    const caller = await signIn({ authorization: "Bearer strange" });
    expect(caller).toEqual({ name: "eve", grants: [] });
    expect(rolesOn({ grants: caller?.grants ?? [] }, "shop").size).toBe(0);
  });
  it.each(["Bearer", "Bearer ", "Bearer bad", "Bearer good more", "good", ""])("%j signs nobody in", async (value) => {
    expect(await signIn({ authorization: value })).toBeUndefined();
  });
  it("is not looked at where there are key headers", async () => {
    const both = { authorization: "Bearer good", "Mendix-Username": OPERATOR };
    expect(await signIn({ ...both, "Mendix-ApiKey": "wrong" })).toBeUndefined();
    expect(await signIn(both)).toBeUndefined();
  });
  it("a name that no principal may have signs nobody in", async () => {
    tokens = { principalOf: async () => "Nightly" };
    expect(await signIn({ authorization: "Bearer good" })).toBeUndefined();
  });
});

describe("roles", () => {
  it.each<[Grant["role"], string[]]>([
    ["read", ["read"]],
    ["backup", ["backup", "read"]],
    ["restore", ["read", "restore"]],
    ["administer", ["administer", "backup", "read", "restore"]],
  ])("%s includes %j", (role, included) => {
    expect([...rolesOn({ grants: [{ app: "shop", role }] }, "shop")].toSorted()).toEqual(included);
  });
  it("count for their app, or for every one, and add up", () => {
    const grants: Grant[] = [
      { app: "*", role: "read" },
      { app: "shop", role: "backup" },
      { app: "shop", role: "restore" },
      { app: "shopping", role: "administer" },
    ];
    expect([...rolesOn({ grants }, "shop")].toSorted()).toEqual(["backup", "read", "restore"]);
    expect([...rolesOn({ grants }, "other")]).toEqual(["read"]);
    expect(rolesOn({ grants: grants.slice(1) }, "other").size).toBe(0);
    expect(rolesOn({ grants: grants.slice(1) }, "*").size).toBe(0);
  });
});

const storedHash = (): string => {
  const item = collaborators.table.all().find(({ sk }) => sk.startsWith("KEY#"));
  return String(item?.["hash"]);
};
