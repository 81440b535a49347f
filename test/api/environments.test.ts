/** Environments, calendar and regions, with real HTTP requests. */
import { probeExecutionInput } from "../../lambda/registration/contract";
import { OTHER, PRODUCTION } from "../support/api-world";
import { environmentPath, refusal, startApi, type ApiUnderTest } from "./api-client";
import { auditOf } from "./audit-of";

const SHOP = environmentPath(PRODUCTION);
const TEST = environmentPath("shop-test");
const FILE = {
  environmentId: "shop-test",
  appId: "shop",
  region: "eu-central-1",
  modelVersion: "0.9.0",
  database: { host: "database.example", name: "shop", secret: "shop-database-secret" },
  network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
  files: { bucket: "shop-test-files" },
};

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

test("shows the app, storage used, the database's status and the newest snapshots, and no secret's name", async () => {
  const { status, json, text } = await api.send("reader", "GET", SHOP);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    environment_id: PRODUCTION,
    project_id: "shop",
    running: true,
    model_version: "1.4.0",
    replication: "on",
    busy_with: null,
    database: {
      instance: "shop-db",
      backup: "dump",
      size: 104_857_600,
      status: { status: "available", engine_version: "15.8" },
      status_message: null,
    },
    files: { size: 1_073_741_824, count: 5000, missing: 0 },
    last_snapshot: { snapshot_id: "10000000-0000-8000-8000-000000000001" },
  });
  expect(text).not.toMatch(/secret|subnet|sg-1/);
});

test("is registered, and registered again with other facts", async () => {
  const { status, json } = await api.send("owner", "PUT", TEST, { body: FILE });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    environment_id: "shop-test",
    running: false,
    first_started_at: null,
    replication: "on",
  });
  const again = await api.send("owner", "PUT", TEST, { body: { ...FILE, modelVersion: "1.0.0" } });
  expect(again.json).toMatchObject({ model_version: "1.0.0" });
  const audited = { action: "environment.register", by: "owner", environmentId: "shop-test" };
  expect(auditOf(api)).toMatchObject([audited, audited]);
  const other = await api.send("owner", "PUT", TEST, { body: { ...FILE, replication: "off" } });
  expect(other.json).toEqual(refusal("INVALID_PARAMETERS", /replication was chosen as "on"/));
  expect(auditOf(api)).toHaveLength(2);
});

test.each([
  ["another environment's file", { environmentId: "shop-other" }, /"environmentId" says "shop-other"/],
  ["another app's file", { appId: "bank" }, /"appId" says "bank"/],
  ["another region's", { region: "us-east-1" }, /eu-central-1/],
  ["one without a database", { database: undefined }, /"database" is missing/],
  ["one with an unknown field", { databse: {} }, /"databse" is not known here/],
])("refuses %s", async (_, change, sentence) => {
  const { status, json } = await api.send("owner", "PUT", TEST, { body: { ...FILE, ...change } });
  expect(status).toBe(400);
  expect(json).toEqual(refusal("INVALID_PARAMETERS", sentence));
  expect(await api.fakes.catalog.getEnvironment("shop-test")).toBeUndefined();
});

test("tells nothing of another app whose environment has the id already", async () => {
  const body = { ...FILE, environmentId: OTHER };
  const { status, json, text } = await api.send("owner", "PUT", environmentPath(OTHER), { body });
  expect(status).toBe(400);
  expect(json).toEqual(refusal("INVALID_PARAMETERS", /choose another/));
  expect(text.replaceAll(OTHER, "")).not.toMatch(/bank/);
});

test("notes that the app was started and stopped", async () => {
  await api.send("owner", "PUT", TEST, { body: FILE });
  const { json: started } = await api.send("owner", "POST", `${TEST}/started`, { body: { model_version: "2.0" } });
  expect(started).toMatchObject({ running: true, model_version: "2.0", first_started_at: "2026-12-05T12:00:00.000Z" });
  const { json: stopped } = await api.send("owner", "POST", `${TEST}/stopped`);
  expect(stopped).toMatchObject({ running: false, first_started_at: "2026-12-05T12:00:00.000Z" });
  expect(auditOf(api).map(({ action }) => action)).toEqual(
    expect.arrayContaining(["environment.started", "environment.stopped"]),
  );
});

test("is probed, in its own network", async () => {
  expect((await api.send("owner", "POST", `${SHOP}/probe`)).status).toBe(200);
  const [execution] = api.fakes.workflows.started;
  expect(execution?.stateMachineArn).toBe(api.fakes.settings.PROBE_STATE_MACHINE_ARN);
  expect(probeExecutionInput.parse(execution?.input).environmentId).toBe(PRODUCTION);
});

test("has a calendar: coming backups with their tiers and expiries, and every snapshot's life", async () => {
  const { status, json } = await api.send("reader", "GET", `${SHOP}/calendar`);
  expect(status).toBe(200);
  expect(json.runs).toHaveLength(60);
  expect(json.now).toBe("2026-12-05T12:00:00.000Z");
  expect(json.runs[0]).toMatchObject({ night: "2026-12-06", tier: "monthly" });
  expect(json.runs[0].expires_at.slice(0, 10)).toBe("2027-12-06");
  expect(json.lives.map((life: { snapshot_id: string }) => life.snapshot_id)).toHaveLength(6);
  expect((await api.send("reader", "GET", `${SHOP}/calendar?days=3`)).json.runs).toHaveLength(3);
  for (const days of ["0", "401", "soon"])
    expect((await api.send("reader", "GET", `${SHOP}/calendar?days=${days}`)).json).toEqual(
      refusal("INVALID_PARAMETERS", /"days"/),
    );
});

test("regions are the rows of the nightly table", async () => {
  const { json } = await api.send("nobody", "GET", "/regions");
  expect(json.region).toBe("eu-central-1");
  expect(json.regions).toMatchObject([{ name: "Frankfurt", start_utc: "00:00", duration_minutes: 180 }, {}]);
});
