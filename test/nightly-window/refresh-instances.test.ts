/** What RDS says of the environments' instances, noted when a night opens: through the real client, from recorded pages. */
import { refreshInstances } from "../../lambda/nightly-window/refresh-instances";
import { openNight } from "../../lambda/nightly-window/open-night";
import { RdsDatabases } from "../../lambda/runtime/databases-client";
import { environmentItem } from "../backup/environment-fixture";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { motoCredentials } from "../support/moto";
import { queryError, startQueryServer, type QueryAnswer, type QueryServer } from "../support/query-server";

const NOW = "2026-12-06T23:00:00Z";
/** As RDS answers DescribeDBInstances: source, Amazon RDS API Reference, “DescribeDBInstances”, example response. */
const instanceXml = (id: string, change: { status?: string; retention?: number; window?: string } = {}): string =>
  `<DBInstance><LatestRestorableTime>2026-12-06T22:55:00Z</LatestRestorableTime><Engine>postgres</Engine>` +
  `<BackupRetentionPeriod>${change.retention ?? 7}</BackupRetentionPeriod><MultiAZ>true</MultiAZ>` +
  `<DBInstanceStatus>${change.status ?? "available"}</DBInstanceStatus><EngineVersion>15.14</EngineVersion>` +
  `<AllocatedStorage>20</AllocatedStorage><DBInstanceClass>db.t4g.medium</DBInstanceClass>` +
  `<PreferredBackupWindow>${change.window ?? "00:28-00:58"}</PreferredBackupWindow>` +
  `<PreferredMaintenanceWindow>sun:23:31-mon:00:01</PreferredMaintenanceWindow>` +
  `<DBInstanceIdentifier>${id}</DBInstanceIdentifier></DBInstance>`;
const page = (instances: readonly string[], marker?: string): QueryAnswer => ({
  status: 200,
  body:
    `<DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBInstancesResult>` +
    (marker === undefined ? "" : `<Marker>${marker}</Marker>`) +
    `<DBInstances>${instances.join("")}</DBInstances></DescribeDBInstancesResult>` +
    `<ResponseMetadata><RequestId>1b2c3d4e</RequestId></ResponseMetadata></DescribeDBInstancesResponse>`,
});

let c: FakeCollaborators;
let server: QueryServer;
beforeEach(() => {
  c = fakeCollaborators({ now: new Date(NOW), tablePageLimit: 7 });
});
afterEach(() => server.close());

const databasesOf = async (answer: Parameters<typeof startQueryServer>[0]): Promise<RdsDatabases> => {
  server = await startQueryServer(answer);
  return new RdsDatabases({ region: "eu-central-1", endpoint: server.endpoint, credentials: motoCredentials });
};
const register = async (id: string, instance: string | null): Promise<void> => {
  const plain = environmentItem(id);
  const { registration } = plain;
  await c.catalog.createEnvironment({
    ...plain,
    registration: { ...registration, database: { ...registration.database, instance } },
  });
};
const known = async (id: string) => (await c.catalog.getEnvironment(id))?.databaseInstance;
const writes = (): number => updates;
let updates = 0;
const countWrites = (): void => {
  updates = 0;
  c.table.onRequest = (operation) => {
    if (operation === "update") updates++;
  };
};

test("one listing for all environments, a hundred a page, however many there are", async () => {
  const ids = Array.from({ length: 250 }, (_, index) => `shop-${index}`);
  for (const id of ids) await register(id, `DB-${id}`);
  const all = ["someone-elses", ...ids.map((id) => `db-${id}`)].map((id) => instanceXml(id));
  const databases = await databasesOf((form) => {
    const from = Number(form["Marker"] ?? 0);
    const next = from + Number(form["MaxRecords"]);
    return page(all.slice(from, next), next < all.length ? String(next) : undefined);
  });
  countWrites();
  await refreshInstances({ ...c, databases });
  expect(server.requests).toMatchObject([{ MaxRecords: "100" }, { Marker: "100" }, { Marker: "200" }]);
  expect(server.requests[0]).toMatchObject({ Action: "DescribeDBInstances" });
  expect(await known("shop-249")).toEqual({
    since: NOW,
    status: "available",
    engineVersion: "15.14",
    maintenanceWindow: "sun:23:31-mon:00:01",
    backupWindow: "00:28-00:58",
  });
  expect(writes()).toBe(250);
});

test("only what has changed is written; what RDS no longer knows is noted too", async () => {
  await register("one", "one-db");
  await register("two", "two-db");
  await register("three", "gone-db");
  await register("four", null);
  const databases = await databasesOf((_, count) =>
    page([instanceXml("one-db"), instanceXml("two-db", { status: count === 1 ? "available" : "stopped" })]),
  );
  await refreshInstances({ ...c, databases });
  expect(await known("three")).toBeNull();
  expect(await known("four")).toBeUndefined();
  countWrites();
  c.clock.advance(86_400_000);
  await refreshInstances({ ...c, databases });
  expect(writes()).toBe(1);
  expect(await known("one")).toMatchObject({ since: NOW, status: "available" });
  expect(await known("two")).toMatchObject({ since: "2026-12-07T23:00:00Z", status: "stopped" });
});

test("an instance that takes no backups of its own has no backup window", async () => {
  await register("one", "one-db");
  const databases = await databasesOf(() => page([instanceXml("one-db", { retention: 0 })]));
  await refreshInstances({ ...c, databases });
  expect(await known("one")).toMatchObject({ backupWindow: "" });
});

test("no environment on RDS: RDS is not asked", async () => {
  await register("one", null);
  const databases = await databasesOf(() => queryError("Throttling"));
  await refreshInstances({ ...c, databases });
  expect(server.requests).toEqual([]);
});

const open = (databases: RdsDatabases) =>
  openNight(
    { step: "open", event: { scheduledTime: NOW }, executionArn: "execution-1" },
    { region: "eu-central-1", startUtc: "23:00", durationMinutes: 60 },
    { ...c, databases },
  );

test("throttling is waited for", async () => {
  await register("one", "one-db");
  const databases = await databasesOf((_, count) =>
    count <= 2 ? queryError("Throttling", "Rate exceeded") : page([instanceXml("one-db")]),
  );
  expect(await open(databases)).toMatchObject({ outcome: "wait" });
  expect(await known("one")).toMatchObject({ status: "available" });
});

test.each<[string, () => QueryAnswer | "hang up"]>([
  ["that stays throttled", () => queryError("Throttling", "Rate exceeded")],
  ["that may not be asked", () => queryError("AccessDenied", "User is not authorized", 403)],
  ["that breaks off", () => "hang up"],
  ["that answers nonsense", () => ({ status: 200, body: "<html>" })],
])("an RDS %s stops no night: what was known before stands", async (_, answer) => {
  await register("one", "one-db");
  const before = { since: NOW, status: "available", engineVersion: "15", maintenanceWindow: "", backupWindow: "" };
  await c.catalog.updateEnvironment("one", { databaseInstance: before });
  expect(await open(await databasesOf(answer))).toMatchObject({ outcome: "wait", waitUntil: NOW });
  expect(c.log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  expect(await known("one")).toEqual(before);
});

test("a listing that takes too long is given up in time for the night", async () => {
  await register("one", "one-db");
  const databases = await databasesOf((form) => page([instanceXml("other")], String(Number(form["Marker"] ?? 0) + 1)));
  let left = 300_000;
  await refreshInstances({ ...c, databases, remainingMs: () => (left -= 30_000) });
  expect(server.requests.length).toBeLessThan(10);
  expect(c.log.lines.at(-1)).toMatchObject({ level: "warn" });
});
