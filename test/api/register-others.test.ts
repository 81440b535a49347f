/** Administering one app gives nobody another app's data: what a registration may name of secrets, databases and buckets. */
import { othersResource } from "../../lambda/api/others-resources";
import { registration } from "../../lambda/catalog/registration";
import { registrationRecordKey } from "../../lambda/storage/object-keys";
import { environmentItem } from "../catalog/catalog-fixtures";
import { PRIMARY_BUCKET, REPLICA_BUCKET, TRANSFER_BUCKET } from "../support/collaborators";
import { API_SETTINGS } from "../support/api-world";
import { environmentPath, refusal, startApi, type ApiUnderTest } from "./api-client";
import { auditOf } from "./audit-of";

const VAULT = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:bank/vault-a1B2c3";
const TEST = environmentPath("shop-test");
const FILE = {
  environmentId: "shop-test",
  appId: "shop",
  region: "eu-central-1",
  database: { host: "shop.example", name: "shop", secret: "shop-database-secret" },
  network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
  files: { bucket: "shop-test-files" },
};
const of = (appId: string, database: object = {}, files: object = {}) =>
  registration.parse({
    ...FILE,
    appId,
    database: { host: `${appId}.example`, name: appId, secret: `${appId}-secret`, ...database },
    files: { bucket: `${appId}-files`, ...files },
  });
const listed = (...registrations: ReturnType<typeof of>[]) =>
  registrations.map((one) => ({ ...environmentItem("any"), registration: one }));

describe("through the API", () => {
  let api: ApiUnderTest;
  beforeEach(async () => {
    api = await startApi();
    const vault = of("bank", { secret: VAULT }, { prefix: "live/" });
    await api.fakes.catalog.createEnvironment({ ...environmentItem("bank-vault"), registration: vault });
  });
  afterEach(() => api.close());

  const taken: readonly [string, object, string][] = [
    ["secret", { database: { ...FILE.database, secret: "bank/vault" } }, "database.secret"],
    ["database", { database: { ...FILE.database, host: "BANK.example.", name: "bank" } }, "database"],
    ["files", { files: { bucket: "bank-files", prefix: "live/invoices/" } }, "files"],
    ["files among others", { files: { bucket: "bank-files", source: { kind: "listing" } } }, "files"],
  ];
  test.each(taken)("an app's administrator can't name another app's %s", async (_, change, field) => {
    const { status, json, text } = await api.send("owner", "PUT", TEST, { body: { ...FILE, ...change } });
    expect(status).toBe(403);
    expect(json).toEqual(refusal("NO_ACCESS", new RegExp(`^"${field}" names`)));
    expect(text).not.toContain("bank");
    expect(await api.fakes.catalog.getEnvironment("shop-test")).toBeUndefined();
    expect(auditOf(api)).toEqual([]);
  });
  test("nor anything new, unless the stage says so", async () => {
    const { registering: _registering, ...settings } = API_SETTINGS;
    const strict = await startApi({ change: () => ({ api: settings }) });
    expect((await strict.send("owner", "PUT", TEST, { body: FILE })).status).toBe(403);
    expect((await strict.send("admin", "PUT", TEST, { body: FILE })).status).toBe(200);
    expect((await strict.send("owner", "PUT", TEST, { body: FILE })).status).toBe(200);
    await strict.close();
  });
  test("nor by registering an own environment again", async () => {
    await api.send("owner", "PUT", TEST, { body: FILE });
    const body = { ...FILE, files: { bucket: "bank-files", prefix: "live/" } };
    expect((await api.send("owner", "PUT", TEST, { body })).status).toBe(403);
    expect((await api.fakes.catalog.getEnvironment("shop-test"))?.registration.files.bucket).toBe("shop-test-files");
  });
  test("nor learn of another app that takes the id at the same moment, nor leave a record of their own in its place", async () => {
    const { catalog, store } = api.fakes;
    const create = catalog.createEnvironment.bind(catalog);
    catalog.createEnvironment = async (item) => {
      catalog.createEnvironment = create;
      await create({ ...item, registration: { ...of("bank"), environmentId: "shop-test" } });
      return create(item);
    };
    const { json, text } = await api.send("owner", "PUT", TEST, { body: FILE });
    expect(json).toEqual(refusal("INVALID_PARAMETERS", /choose another/));
    expect(text).not.toContain("bank");
    const key = registrationRecordKey({ environmentId: "shop-test", replication: "replicated" });
    expect(JSON.parse(store.bytes(PRIMARY_BUCKET, key).toString()).registration.appId).toBe("bank");
  });
  test("who administers every app may, and the record says where the data is", async () => {
    const body = { ...FILE, files: { bucket: "bank-files", prefix: "live/" } };
    expect((await api.send("admin", "PUT", TEST, { body })).status).toBe(200);
    expect(auditOf(api)).toMatchObject([
      {
        by: "admin",
        details: { database: { host: "shop.example" }, files: { bucket: "bank-files", prefix: "live/" } },
      },
    ]);
    // From then on the app has it, and its own administrators can go on with it.
    expect((await api.send("owner", "PUT", TEST, { body })).status).toBe(200);
  });
  test.each([PRIMARY_BUCKET, REPLICA_BUCKET, TRANSFER_BUCKET])(
    "nobody can name the service's own bucket %s, in which all apps' backups are",
    async (bucket) => {
      const files = { bucket, prefix: "replicated/bank-production/", source: { kind: "listing" } };
      const { status, json } = await api.send("admin", "PUT", TEST, { body: { ...FILE, files } });
      expect(status).toBe(400);
      expect(json).toEqual(refusal("INVALID_PARAMETERS", /service's own/));
    },
  );
  test.each(["arn:aws:s3:eu-central-1:123456789012:accesspoint/x", "shop-files/../test-primary"])(
    "nor a bucket by anything but its name: %s",
    async (bucket) => {
      const { json } = await api.send("admin", "PUT", TEST, { body: { ...FILE, files: { bucket } } });
      expect(json).toEqual(refusal("INVALID_PARAMETERS", /no bucket's name/));
    },
  );
});

describe("what would be another app's", () => {
  test.each([
    ["a secret's name for its ARN", { secret: "bank/vault" }],
    ["an ARN without its last characters", { secret: VAULT.slice(0, -7) }],
    ["the ARN", { secret: VAULT }],
  ])("%s", (_, database) => {
    expect(othersResource(of("shop", database), listed(of("bank", { secret: VAULT })), "app")).toBe("database.secret");
  });
  test("a shared secret with a database that only the other app has", () => {
    const shared = { secret: "shared", host: "server.example" };
    const standing = listed(of("bank", { ...shared, name: "bank" }), of("shop", { ...shared, name: "shop" }));
    expect(othersResource(of("shop", { ...shared, name: "bank" }), standing, "app")).toBe("database.secret");
    expect(othersResource(of("shop", { ...shared, name: "shop" }), standing, "app")).toBeUndefined();
  });
  test("not a bucket that apps share beneath prefixes of their own", () => {
    const bucket = "shared-files";
    const standing = listed(of("bank", {}, { bucket, prefix: "bank/" }));
    expect(othersResource(of("shop", {}, { bucket, prefix: "shop/" }), standing, "app")).toBeUndefined();
    expect(othersResource(of("shop", {}, { bucket, prefix: "ba" }), standing, "app")).toBe("files");
    expect(othersResource(of("shop", {}, { bucket }), standing, "app")).toBe("files");
  });
  test("where only administrators of every app register what is new: all that the app doesn't have", () => {
    const standing = listed(of("shop"));
    expect(othersResource(of("shop"), standing)).toBeUndefined();
    expect(othersResource(of("shop", {}, { prefix: "more/" }), standing)).toBeUndefined();
    expect(othersResource(of("shop", { secret: "new" }), standing)).toBe("database.secret");
    expect(othersResource(of("shop", { host: "new.example" }), standing)).toBe("database.secret");
    expect(othersResource(of("shop", {}, { bucket: "new-files" }), standing)).toBe("files");
  });
  test("not what the app has itself, nor what nobody has", () => {
    expect(othersResource(of("shop"), listed(of("bank"), of("shop")), "app")).toBeUndefined();
    expect(othersResource(of("shop"), [], "app")).toBeUndefined();
  });
});
