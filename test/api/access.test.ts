/** Who may use which route: every described operation is in the table, and every role tries it. */
import { PEOPLE, PRODUCTION, SNAPSHOTS } from "../support/api-world";
import { must } from "../support/must";
import { environmentPath, refusal, startApi, type Answer, type ApiUnderTest } from "./api-client";

type Needed = "nothing" | "sign-in" | "read" | "backup" | "restore" | "administer";
const NEEDED: Readonly<Record<string, Needed>> = {
  followLink: "nothing",
  lookUpApps: "sign-in",
  lookUpApp: "read",
  lookUpEnvironments: "read",
  lookUpEnvironment: "read",
  listFirstSnapshots: "read",
  createFirstSnapshot: "backup",
  // It carries addresses that need no key.
  getFirstDownloads: "restore",
  createFirstRestore: "restore",
  getMe: "sign-in",
  listApps: "sign-in",
  listRegions: "sign-in",
  listEnvironments: "read",
  getEnvironment: "read",
  getCalendar: "read",
  listDrills: "read",
  runDrill: "administer",
  listSnapshots: "read",
  getSnapshot: "read",
  listUploads: "read",
  getUpload: "read",
  listRestores: "read",
  getRestore: "read",
  getRestorePlan: "read",
  estimateArchive: "read",
  createSnapshot: "backup",
  changeSnapshot: "backup",
  createUpload: "backup",
  getPartAddresses: "backup",
  completeUpload: "backup",
  abortUpload: "backup",
  // Names of files are data.
  listFiles: "restore",
  createArchive: "restore",
  // It carries the link.
  getArchive: "restore",
  createRestore: "restore",
  createRestorePlan: "restore",
  deleteSnapshot: "administer",
  keepSnapshot: "administer",
  registerEnvironment: "administer",
  noteStarted: "administer",
  noteStopped: "administer",
  probeEnvironment: "administer",
};
const MAY: Readonly<Record<string, readonly Needed[]>> = {
  reader: ["read"],
  operator: ["read", "backup"],
  restorer: ["read", "restore"],
  owner: ["read", "backup", "restore", "administer"],
  admin: ["read", "backup", "restore", "administer"],
};

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
}
const operations = (): Operation[] =>
  Object.entries(api.document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { operationId: string }>).map(([method, { operationId }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path,
    })),
  );
const filled = (path: string, environmentId = PRODUCTION, projectId = "shop"): string =>
  path
    .replace(/\{(?:projectId|appId)\}/, projectId)
    .replace(/\{(?:environmentId|mode)\}/, environmentId)
    // What they answer for one that is there depends on more than a role.
    .replace(/^(\/api\/1\/.*)\{snapshotId\}/, "$1unknown")
    .replace("{snapshotId}", must(SNAPSHOTS[0]).snapshotId)
    .replace(/\{\w+\}/, "unknown");
/** Requests that are refused for what they say, so that trying one changes nothing for the next. */
const attempt = (person: string | null, { method, path }: Operation, environmentId?: string): Promise<Answer> =>
  api.send(
    person,
    method,
    `${filled(path, environmentId)}?data_type=none&days=none`,
    method === "GET" ? {} : { body: "[]" },
  );

test("every operation is in the table, and the table has no other", () => {
  expect(
    operations()
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(Object.keys(NEEDED).toSorted());
});

test("without credentials, or with wrong ones, nothing answers but what is open", async () => {
  const key = api.keyOf("admin");
  const wrong: Record<string, string>[] = [
    {},
    { "Mendix-Username": "admin" },
    { "Mendix-ApiKey": key },
    { "Mendix-Username": "admin", "Mendix-ApiKey": `${key}x` },
    { "Mendix-Username": "reader", "Mendix-ApiKey": key },
    { "Mendix-Username": "stranger", "Mendix-ApiKey": key },
    { "Mendix-Username": "", "Mendix-ApiKey": "" },
    { Authorization: "Bearer eyJhbGciOiJub25lIn0.e30." },
    { Authorization: `Bearer ${key}` },
    { Authorization: `Basic ${Buffer.from(`admin:${key}`).toString("base64")}` },
  ];
  const texts = new Set<string>();
  for (const { id, method, path } of operations()) {
    if (NEEDED[id] === "nothing") continue;
    for (const headers of id === "listSnapshots" ? wrong : wrong.slice(0, 1)) {
      const { status, json, text } = await api.send(null, method, filled(path), { headers });
      expect({ id, status, json }).toEqual({ id, status: 403, json: refusal("NO_ACCESS") });
      texts.add(text);
    }
  }
  // Nothing tells an unknown name from a wrong key.
  expect(texts.size).toBe(1);
});

test("header names may be written in any case", async () => {
  const headers = { "mendix-USERNAME": "reader", "MENDIX-apikey": api.keyOf("reader") };
  expect((await api.send(null, "GET", "/me", { headers })).json).toEqual({
    name: "reader",
    grants: [{ app: "shop", role: "read" }],
  });
});

test.each(Object.keys(MAY))("%s: a role that suffices is let in, one that doesn't gets 403", async (person) => {
  for (const operation of operations()) {
    const needed = must(NEEDED[operation.id]);
    const { status, json } = await attempt(person, operation);
    const isRefused = status === 403;
    const mustBe = needed !== "nothing" && needed !== "sign-in" && !must(MAY[person]).includes(needed);
    expect({ operation: operation.id, isRefused }).toEqual({ operation: operation.id, isRefused: mustBe });
    if (mustBe) expect(json).toEqual(refusal("NO_ACCESS", new RegExp(`"${needed}"`)));
    else expect(json?.errorCode).not.toBe("ENVIRONMENT_NOT_FOUND");
  }
});

test.each(["banker", "nobody"])(
  "%s: without any role on its app an environment answers, to the letter, as one that doesn't exist",
  async (person) => {
    for (const operation of operations()) {
      if (!/\{(?:environmentId|mode)\}/.test(operation.path)) continue;
      const existing = await attempt(person, operation);
      expect(existing.json).toEqual(refusal("ENVIRONMENT_NOT_FOUND"));
      expect(existing.status).toBe(404);
      const absent = await attempt(person, operation, "shop-nowhere");
      expect(existing.text.replaceAll(PRODUCTION, "shop-nowhere")).toBe(absent.text);
      const headersOf = ({ headers }: Answer): string[] =>
        [...headers.keys()].filter((name) => name !== "x-request-id" && name !== "date").toSorted();
      expect(headersOf(existing)).toEqual(headersOf(absent));
    }
  },
);

test("and the catalog isn't even asked, so that time tells nothing either", async () => {
  api.fakes.table.requests.length = 0;
  await api.send("banker", "GET", environmentPath(PRODUCTION));
  expect(api.fakes.table.requests.filter(({ ref }) => ref.pk?.startsWith("ENVIRONMENT#"))).toEqual([]);
});

test("an environment of another app is not found below one's own", async () => {
  const own = environmentPath(PRODUCTION, "bank");
  for (const path of [own, `${own}/snapshots`])
    expect(await api.send("banker", "GET", path)).toMatchObject({
      status: 404,
      json: refusal("ENVIRONMENT_NOT_FOUND"),
    });
});

test("an app's list of environments is there only for those with a role on it", async () => {
  const { json } = await api.send("reader", "GET", "/apps/shop/environments");
  expect(json.environments.map((one: { environment_id: string }) => one.environment_id)).toEqual([
    "shop-acceptance",
    "shop-production",
  ]);
  const foreign = await api.send("reader", "GET", "/apps/bank/environments");
  const unknown = await api.send("reader", "GET", "/apps/nowhere/environments");
  expect(foreign.text.replaceAll("bank", "nowhere")).toBe(unknown.text);
  expect(foreign.status).toBe(404);
});

test("apps are listed with one's roles on them, and no others", async () => {
  const listed = async (person: string): Promise<unknown> => (await api.send(person, "GET", "/apps")).json.apps;
  expect(await listed("nobody")).toEqual([]);
  expect(await listed("reader")).toEqual([{ project_id: "shop", name: "shop", environments: 2, roles: ["read"] }]);
  expect(await listed("admin")).toMatchObject([{ project_id: "bank" }, { project_id: "shop" }]);
});

test("people of the table are the people of the world", () => {
  expect(Object.keys(PEOPLE).toSorted()).toEqual([...Object.keys(MAY), "banker", "nobody"].toSorted());
});

test("an id that no environment can have is not looked up", async () => {
  const { status, json } = await api.send("admin", "GET", environmentPath("x".repeat(3000)));
  expect(status).toBe(404);
  expect(json.errorMessage.length).toBeLessThan(300);
});
