/** What clients of the published Deploy API ask first, with real HTTP requests. */
import { ACCEPTANCE, OTHER, PRODUCTION } from "../support/api-world";
import { environmentItem } from "../catalog/catalog-fixtures";
import { environmentPath, refusal, startApi, type ApiUnderTest } from "./api-client";

const APPS = "/api/1/apps";
const SHOP = `${APPS}/shop/environments`;

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const page = (): string => api.base.replace("api/v2", "");
const register = async (environmentId: string, facts: object): Promise<void> => {
  const found = await api.fakes.catalog.getEnvironment(environmentId);
  if (found === undefined) throw new Error("not there");
  await api.fakes.catalog.updateEnvironment(environmentId, { registration: { ...found.registration, ...facts } });
};

test("lists the apps on which one has a role, as registered or by their ids", async () => {
  await register(PRODUCTION, { appName: "The shop", url: "https://shop.example" });
  const shop = { AppId: "shop", ProjectId: "shop", Name: "The shop", Url: "https://shop.example" };
  const bank = { AppId: "bank", ProjectId: "bank", Name: "bank", Url: page() };
  expect((await api.send("reader", "GET", APPS)).json).toEqual([shop]);
  expect((await api.send("admin", "GET", APPS)).json).toEqual([bank, shop]);
  expect((await api.send("nobody", "GET", APPS)).json).toEqual([]);
  expect((await api.send("reader", "GET", `${APPS}/shop`)).json).toEqual(shop);
  expect((await api.send("reader", "GET", "/apps")).json.apps).toMatchObject([{ name: "The shop" }]);
});

test("lists an app's environments, and shows one by its mode in any case or by its id", async () => {
  await register(PRODUCTION, { url: "https://shop.example", runtimeVersion: "10.6.1" });
  await register(ACCEPTANCE, { mode: "Load Test" });
  const production = {
    EnvironmentId: PRODUCTION,
    Mode: "Production",
    Url: "https://shop.example",
    Status: "Running",
    ModelVersion: "1.4.0",
    MendixVersion: "10.6.1",
    Production: true,
  };
  const other = {
    EnvironmentId: ACCEPTANCE,
    Mode: "Load Test",
    Url: page(),
    Status: "Stopped",
    ModelVersion: "1.5.0",
    MendixVersion: "",
    Production: false,
  };
  expect((await api.send("reader", "GET", SHOP)).json).toEqual([other, production]);
  for (const mode of ["Production", "production", "PRODUCTION", PRODUCTION])
    expect((await api.send("reader", "GET", `${SHOP}/${mode}`)).json).toEqual(production);
  expect((await api.send("reader", "GET", `${SHOP}/load%20test`)).json).toEqual(other);
  expect((await api.send("reader", "GET", environmentPath(ACCEPTANCE))).json).toMatchObject({
    mode: "Load Test",
    url: null,
    runtime_version: "",
  });
});

test("one whose app was never started is empty", async () => {
  const standing = environmentItem("shop-new", {});
  const fresh = { ...standing, registration: { ...standing.registration, environmentId: "shop-new", appId: "shop" } };
  await api.fakes.catalog.createEnvironment(fresh);
  expect((await api.send("reader", "GET", `${SHOP}/shop-new`)).json).toMatchObject({
    Status: "Empty",
    ModelVersion: "",
  });
});

test.each([APPS, `${APPS}/shop`, SHOP, `${SHOP}/Production`, `${SHOP}/Production/snapshots`])(
  "a slash at the end of %s is no other address",
  async (path) => {
    const one = await api.send("reader", "GET", path);
    const response = await fetch(`${api.base.replace("/api/v2", "")}${path}/`, {
      headers: { "Mendix-Username": "reader", "Mendix-ApiKey": api.keyOf("reader") },
    });
    expect([response.status, await response.text()]).toEqual([200, one.text]);
  },
);

test.each([
  ["an app that isn't there", `${APPS}/nowhere`, 404, "APP_NOT_FOUND"],
  ["an app without a role", `${APPS}/bank`, 404, "APP_NOT_FOUND"],
  ["its environments", `${APPS}/bank/environments`, 404, "APP_NOT_FOUND"],
  ["one of its environments", `${APPS}/bank/environments/Production`, 404, "ENVIRONMENT_NOT_FOUND"],
  ["a mode that isn't there", `${SHOP}/Test`, 404, "ENVIRONMENT_NOT_FOUND"],
  ["another app's environment by its id", `${SHOP}/${OTHER}`, 404, "ENVIRONMENT_NOT_FOUND"],
  ["what can't be a mode", `${SHOP}/%3Cscript%3E`, 400, "INVALID_ENVIRONMENT"],
  ["a mode that is too long", `${SHOP}/${"x".repeat(65)}`, 400, "INVALID_ENVIRONMENT"],
  ["a mode with a NUL", `${SHOP}/a%00b`, 400, "INVALID_ENVIRONMENT"],
  ["what can't be an app's id", `${APPS}/sh_op`, 400, "INVALID_APPID"],
  ["an app's id that is too long", `${APPS}/${"x".repeat(3000)}/environments`, 400, "INVALID_APPID"],
])("refuses %s", async (_, path, status, code) => {
  expect(await api.send("reader", "GET", path)).toMatchObject({ status, json: refusal(code) });
});

test("two in one mode are told apart by their ids", async () => {
  await register(ACCEPTANCE, { mode: "Production" });
  const { status, json } = await api.send("reader", "GET", `${SHOP}/Production`);
  expect({ status, json }).toEqual({ status: 400, json: refusal("INVALID_ENVIRONMENT", /by its id/) });
  expect((await api.send("reader", "GET", `${SHOP}/${ACCEPTANCE}`)).json.EnvironmentId).toBe(ACCEPTANCE);
});

test("registering through the API takes names and addresses, and refuses another's mode before anything is changed", async () => {
  const file = {
    environmentId: "shop-blue",
    appId: "shop",
    region: "eu-central-1",
    database: { host: "database.example", name: "blue", secret: "shop-blue-secret" },
    network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
    files: { bucket: "shop-blue-files" },
  };
  const put = (facts: object) =>
    api.send("owner", "PUT", environmentPath("shop-blue"), { body: { ...file, ...facts } });
  expect(await put({ mode: "acceptance" })).toMatchObject({
    status: 400,
    json: refusal("INVALID_PARAMETERS", /the mode "acceptance" is that of environment shop-acceptance/),
  });
  expect(await api.fakes.catalog.getEnvironment("shop-blue")).toBeUndefined();
  const facts = { mode: "Blue", url: "https://blue.example", runtimeVersion: "10.6.1" };
  expect((await put(facts)).json).toMatchObject({
    mode: "Blue",
    url: "https://blue.example",
    runtime_version: "10.6.1",
  });
  expect((await api.send("reader", "GET", `${SHOP}/blue`)).json.EnvironmentId).toBe("shop-blue");
});
