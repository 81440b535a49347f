/** Keys and grants as the access function makes, revokes and lists them; what it records and what it logs. */
import { handler } from "../../lambda/access/access.handler";
import { accessChanged, accessListed, accessRefused, keyCreated } from "../../lambda/access/contract";
import { handleRequest } from "../../lambda/access/handle-request";
import { auditRecord } from "../../lambda/audit/record-audit";
import { CatalogUnavailable, ConditionFailed } from "../../lambda/catalog/catalog-table";
import { fakeCollaborators, type FakeCollaborators, PRIMARY_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import { expectNoSecrets } from "../support/no-secrets";

const OPERATOR = "operator@example.com";
const READ = { app: "shop", role: "read" } as const;
const ALL = { app: "*", role: "administer" } as const;

let collaborators: FakeCollaborators;
const send = (event: unknown) => handleRequest(event, collaborators);
const create = async (wish: Record<string, unknown> = {}) =>
  keyCreated.parse(await send({ action: "create-key", principal: OPERATOR, label: "laptop", by: "root", ...wish }));
const grant = (wish: Record<string, unknown> = {}) =>
  send({ action: "grant", principal: OPERATOR, grant: READ, by: "root", ...wish });
const revoke = (wish: Record<string, unknown> = {}) =>
  send({ action: "revoke", principal: OPERATOR, grant: READ, by: "root", ...wish });
const listed = async (wish: Record<string, unknown> = {}) =>
  accessListed.parse(await send({ action: "list", ...wish })).principals;
const refusal = async (answer: Promise<unknown>) => accessRefused.parse(await answer).message;
/** In order of time. */
const records = async () => {
  const { objects } = await collaborators.store.list(PRIMARY_BUCKET, { prefix: "service/records/audit/" });
  const read = [];
  for (const { key } of objects) {
    const pieces: Uint8Array[] = [];
    for await (const piece of (await collaborators.store.get({ bucket: PRIMARY_BUCKET, key })).body) pieces.push(piece);
    read.push(auditRecord.parse(JSON.parse(Buffer.concat(pieces).toString())));
  }
  return read;
};

beforeEach(() => {
  collaborators = fakeCollaborators({ now: new Date("2026-12-03T10:00:00Z"), tablePageLimit: 2 });
});

describe("create-key", () => {
  it("makes the principal and tells the key, of 256 bits, once", async () => {
    const made = await create({ grants: [ALL], expiresInDays: 90 });
    expect(made).toEqual({
      ok: true,
      message: `Key ${made.keyId} of ${OPERATOR} is made. It expires at 2027-03-03T10:00:00Z.`,
      principal: OPERATOR,
      keyId: expect.stringMatching(/^[0-9a-f]{8}$/),
      key: expect.stringMatching(/^nbk_[\w-]{43}$/),
      expiresAt: "2027-03-03T10:00:00Z",
    });
    const { key, ...rest } = made;
    expect(JSON.stringify(await listed())).not.toContain(key.slice(4));
    expect(await listed({ principal: OPERATOR })).toEqual([
      {
        name: OPERATOR,
        grants: [ALL],
        keys: [
          {
            keyId: rest.keyId,
            label: "laptop",
            createdAt: "2026-12-03T10:00:00Z",
            createdBy: "root",
            expiresAt: "2027-03-03T10:00:00Z",
            expired: false,
          },
        ],
      },
    ]);
  });
  it("adds to what the principal has, and without a limit the key does not expire", async () => {
    await create({ grants: [READ] });
    const second = await create({ grants: [READ, ALL] });
    expect(second.expiresAt).toBeNull();
    expect(must((await listed())[0])).toMatchObject({ grants: [READ, ALL], keys: [{}, {}] });
  });
  it("records who did it before it is done, and never the key", async () => {
    collaborators.table.onRequest = (operation) => {
      if (operation === "put") throw new CatalogUnavailable("The table does not answer.");
    };
    await expect(create({ grants: [ALL] })).rejects.toThrow(CatalogUnavailable);
    collaborators.table.onRequest = undefined;
    expect(await records()).toMatchObject([{ action: "grant.add", by: "root" }]);
    const { key, keyId } = await create({ grants: [ALL] });
    const all = await records();
    expect(all.map(({ action }) => action).toSorted()).toEqual(["grant.add", "grant.add", "key.create"]);
    expect(all.find(({ action }) => action === "key.create")).toEqual({
      format: 1,
      at: "2026-12-03T10:00:00.000Z",
      action: "key.create",
      by: "root",
      environmentId: null,
      details: { principal: OPERATOR, keyId, label: "laptop", expiresAt: null },
    });
    expect(collaborators.table.all()).not.toEqual([]);
    expectNoSecrets([{ name: "records", text: JSON.stringify(all) }], [{ name: "the key", value: key }]);
    expectNoSecrets(
      [{ name: "log", text: JSON.stringify(collaborators.log.lines) }],
      [{ name: "the key", value: key }],
    );
  });
  it("a change that can't be recorded is not made", async () => {
    collaborators.store.onRequest = () => {
      throw new Error("The bucket does not answer.");
    };
    await expect(create()).rejects.toThrow("The bucket does not answer.");
    await expect(grant()).rejects.toThrow("The bucket does not answer.");
    expect(collaborators.table.all()).toEqual([]);
  });
});

describe("revoke-key", () => {
  it("removes that key, and says so when there is none", async () => {
    const keys = [await create(), await create(), await create()];
    const keyId = must(keys[1]).keyId;
    const ask = () => send({ action: "revoke-key", principal: OPERATOR, keyId, by: "eve" });
    expect(accessChanged.parse(await ask()).message).toBe(`Key ${keyId} of ${OPERATOR} is revoked.`);
    const left = must((await listed())[0]).keys.map((key) => key.keyId);
    expect(left.toSorted()).toEqual([must(keys[0]).keyId, must(keys[2]).keyId].toSorted());
    expect(await refusal(ask())).toContain(`${OPERATOR} has no key ${keyId}`);
    expect((await records()).filter(({ action }) => action === "key.revoke")).toMatchObject([
      { by: "eve", details: { principal: OPERATOR, keyId } },
    ]);
  });
});

describe("grants", () => {
  it("are given to somebody without a key, once, and taken away", async () => {
    expect(await grant()).toEqual({ ok: true, message: `${OPERATOR} has the role read on app shop.` });
    expect(await grant()).toMatchObject({ ok: true });
    await grant({ grant: ALL });
    expect(await listed()).toEqual([{ name: OPERATOR, grants: [READ, ALL], keys: [] }]);
    expect(await revoke()).toEqual({ ok: true, message: `${OPERATOR} no longer has the role read on app shop.` });
    expect(await refusal(revoke())).toContain("has no grant of the role read on app shop");
    expect(await listed()).toEqual([{ name: OPERATOR, grants: [ALL], keys: [] }]);
    expect((await records()).map(({ action }) => action).toSorted()).toEqual([
      "grant.add",
      "grant.add",
      "grant.remove",
    ]);
  });
  it("changed by two at the same time both count", async () => {
    await Promise.all(["a", "b", "c", "d"].map((app) => grant({ grant: { app, role: "read" } })));
    const apps = must((await listed())[0]).grants.map(({ app }) => app);
    expect(apps.toSorted()).toEqual(["a", "b", "c", "d"]);
    await Promise.all([revoke({ grant: { app: "a", role: "read" } }), revoke({ grant: { app: "b", role: "read" } })]);
    expect(must((await listed())[0]).grants).toHaveLength(2);
  });
  it("give up when they are never alone", async () => {
    collaborators.table.onRequest = (operation) => {
      if (operation === "put") throw new ConditionFailed("Another was faster.");
    };
    await expect(grant()).rejects.toThrow(ConditionFailed);
    expect(await records()).toHaveLength(1);
  });
  it("of one principal are limited", async () => {
    const many = Array.from({ length: 500 }, (_, at) => ({ app: `app-${at}`, role: "read" }));
    await create({ grants: many });
    expect(await refusal(grant())).toContain("more than 500 grants");
    expect(must((await listed())[0]).grants).toHaveLength(500);
    expect(await grant({ grant: must(many[3]) })).toMatchObject({ ok: true });
  });
});

describe("list", () => {
  it("is in order of names, and tells expired keys", async () => {
    for (const principal of ["c", "a", "b"]) await create({ principal, expiresInDays: 1 });
    collaborators.clock.set("2026-12-04T10:00:00Z");
    const found = await listed();
    expect(found.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(found.every(({ keys }) => must(keys[0]).expired)).toBe(true);
  });
  it("has fifty principals on a page", async () => {
    const times = { createdAt: "2026-12-03T10:00:00Z", updatedAt: "2026-12-03T10:00:00Z", createdBy: "root" };
    for (let at = 10; at < 61; at++) await collaborators.catalog.putPrincipal({ name: `p${at}`, grants: [], ...times });
    const first = accessListed.parse(await send({ action: "list" }));
    expect(first.principals).toHaveLength(50);
    const rest = accessListed.parse(await send({ action: "list", cursor: first.cursor }));
    expect(rest).toMatchObject({ principals: [{ name: "p60" }] });
    expect(rest.cursor).toBeUndefined();
  });
  it("says that there is no such principal, and that a cursor is none", async () => {
    expect(await refusal(send({ action: "list", principal: "eve" }))).toBe(
      "There is no eve; names count letter for letter.",
    );
    expect(await refusal(send({ action: "list", cursor: "x" }))).toContain("The cursor is none of this list");
  });
});

describe("refused with a sentence, and nothing is changed:", () => {
  const create_ = { action: "create-key", principal: OPERATOR, label: "", by: "root" };
  it.each<[unknown, string]>([
    [{ ...create_, principal: "" }, '"principal"'],
    [{ ...create_, principal: " operator" }, '"principal"'],
    [{ ...create_, principal: "operator\nbob" }, '"principal"'],
    [{ ...create_, principal: "operator\u202Ebob" }, '"principal"'],
    [{ ...create_, principal: "NIGHTLY" }, "automatic snapshots are called Nightly"],
    [{ ...create_, principal: "a".repeat(257) }, "at most 256 characters"],
    [{ ...create_, expiresInDays: 0 }, '"expiresInDays"'],
    [{ ...create_, expiresInDays: 1.5 }, '"expiresInDays"'],
    [{ ...create_, expiresInDays: 4000 }, '"expiresInDays"'],
    [{ ...create_, key: "mine" }, '"key" is not known'],
    [{ ...create_, by: undefined }, '"by" is missing'],
    [{ ...create_, grants: [{ app: "shop", role: "owner" }] }, '"grants[0].role"'],
    [{ ...create_, grants: [{ app: "sh*p", role: "read" }] }, '"grants[0].app"'],
    [{ action: "revoke-key", principal: OPERATOR, keyId: "%", by: "root" }, '"keyId"'],
    [{ action: "drop" }, '"action"'],
    [null, "The file"],
  ])("%j", async (event, part) => {
    expect(await refusal(send(event))).toContain(part);
    expect(collaborators.table.all()).toEqual([]);
    expect(await records()).toEqual([]);
  });
});

it("the handler stands on the function's own settings", async () => {
  await expect(handler({}, { getRemainingTimeInMillis: () => 1000 })).rejects.toThrow("REGION");
});
