/** What users are shown of an environment. */
import { NO_DRILL_TARGET } from "../../lambda/catalog/drills";
import type { SnapshotItem } from "../../lambda/catalog/items";
import { describeEnvironment } from "../../lambda/environments/describe-environment";
import { ServiceFailure, type DatabaseStatus, type DatabaseStatuses } from "../../lambda/runtime/collaborators";
import { environmentItem } from "../backup/environment-fixture";
import { snapshotItem } from "../catalog/catalog-fixtures";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";

const ROW = { startUtc: "00:00", durationMinutes: 180 };
const ID = "shop-production";
const plain = environmentItem(ID);
const environment = {
  ...plain,
  registration: { ...plain.registration, database: { ...plain.registration.database, instance: "shop-db" } },
  probe: { at: "2026-12-01T00:00:00Z", findings: ["The bucket does not answer."] },
};
const status: DatabaseStatus = {
  status: "available",
  engineVersion: "15.14",
  allocatedBytes: 20 * 1024 ** 3,
  instanceClass: "db.t4g.medium",
  multiAz: true,
  maintenanceWindow: "sun:03:00-sun:04:00",
  backupWindow: "01:00-02:00",
};
const databases: DatabaseStatuses = { statusOf: async (instance) => (instance === "shop-db" ? status : undefined) };

let c: FakeCollaborators;
beforeEach(() => {
  c = fakeCollaborators({ now: new Date("2026-12-05T12:00:00Z"), tablePageLimit: 2 });
});
const snapshot = (snapshotId: string, createdAt: string, change: Partial<SnapshotItem> = {}): Promise<void> =>
  c.catalog.createSnapshot(
    snapshotItem(ID, snapshotId, { createdAt, expiresAt: "2027-01-01T00:00:00Z", state: "completed", ...change }),
  );

test("a new environment: what was registered, and no size before the first snapshot", async () => {
  const described = await describeEnvironment({ ...c, databases }, environment, ROW);
  expect(described).toEqual({
    environmentId: ID,
    appId: "shop",
    region: "eu-central-1",
    plan: "standard",
    licensed: true,
    replication: "on",
    registeredAt: "2026-11-01T09:00:00Z",
    firstStartedAt: "2026-11-01T10:00:00Z",
    running: true,
    modelVersion: "1.2.3",
    busyWith: null,
    database: {
      instance: "shop-db",
      backup: "dump",
      host: "database.example",
      port: 5432,
      name: "shop",
      size: null,
      status,
      statusMessage: "",
      findings: [],
    },
    files: { bucket: "test-files", prefix: "", source: "reference-query", bytes: null, count: null, missing: null },
    lastSnapshot: null,
    lastDrill: null,
    drillMessage: NO_DRILL_TARGET,
    warning: null,
    lastReplicated: null,
    probe: environment.probe,
  });
  expect(JSON.stringify(described)).not.toContain("shop-database");
});

test("sizes are the newest offered snapshot's, and the newest replicated one may be an older one", async () => {
  const sizes = { databaseSize: 9, filesSize: 7, fileCount: 3, missingCount: 1 };
  await snapshot("a", "2026-12-03T00:00:00Z", { replicatedAt: "2026-12-03T01:00:00Z" });
  await snapshot("b", "2026-12-04T00:00:00Z", sizes);
  await snapshot("c", "2026-12-05T00:00:00Z", { state: "failed", ...sizes, filesSize: 1 });
  await snapshot("d", "2026-12-05T00:00:01Z", { deleting: true, filesSize: 2 });
  await snapshot("e", "2026-12-05T00:00:02Z", { expiresAt: "2026-12-05T12:00:00Z", filesSize: 4 });
  const described = await describeEnvironment({ ...c, databases }, environment, ROW);
  expect(described).toMatchObject({
    database: { size: 9 },
    files: { bytes: 7, count: 3, missing: 1 },
    lastSnapshot: { snapshotId: "b", replicatedAt: null },
    lastReplicated: { snapshotId: "a", replicatedAt: "2026-12-03T01:00:00Z" },
  });
});

test("an uploaded snapshot may be another environment's: it counts nowhere as the newest backup", async () => {
  await snapshot("own", "2026-12-03T00:00:00Z", { databaseSize: 9, filesSize: 7, fileCount: 3, missingCount: 1 });
  await snapshot("up", "2026-12-04T00:00:00Z", { tier: "uploaded", databaseSize: 90, filesSize: 70, fileCount: 30 });
  const described = await describeEnvironment({ ...c, databases }, environment, ROW);
  expect(described).toMatchObject({
    database: { size: 9 },
    files: { bytes: 7, count: 3, missing: 1 },
    lastSnapshot: { snapshotId: "own" },
    lastReplicated: null,
  });
});

test.each([
  ["an upload alone", ["uploaded"], null],
  ["an upload that is replicated, after a night that is not", ["nightly", "uploaded"], "nightly"],
  ["two uploads around a monthly", ["uploaded", "monthly", "uploaded"], "monthly"],
  ["an upload, then one on demand", ["uploaded", "on-demand"], "on-demand"],
  ["a weekly that has failed after an upload", ["uploaded", "weekly-failed"], null],
] as const)("%s", async (_, tiers, newest) => {
  for (const [at, tier] of tiers.entries())
    await snapshot(`${tier}-${at}`, `2026-12-0${at + 1}T00:00:00Z`, {
      tier: tier === "weekly-failed" ? "weekly" : tier,
      state: tier === "weekly-failed" ? "failed" : "completed",
      ...(tier === "uploaded" ? { replicatedAt: "2026-12-04T00:00:00Z" } : {}),
    });
  const { lastSnapshot, lastReplicated } = await describeEnvironment({ ...c, databases }, environment, ROW);
  expect(lastSnapshot?.tier ?? null).toBe(newest);
  expect(lastReplicated).toBeNull();
});

test("says which operation has it, and that it stays in its region", async () => {
  const lease = {
    environmentId: ID,
    executionArn: "x",
    purpose: "restore",
    token: "t",
    takenAt: "",
    taskArn: null,
  } as const;
  await c.catalog.acquireLease(lease);
  const described = await describeEnvironment(
    { ...c, databases },
    { ...environment, replication: "single-region" },
    ROW,
  );
  expect(described).toMatchObject({ busyWith: "restore", replication: "off" });
});

test.each<[string, DatabaseStatuses["statusOf"], string]>([
  ["knows no such instance", async () => undefined, "RDS knows no instance shop-db that this service may look at."],
  [
    "gives no answer",
    () => Promise.reject(new ServiceFailure("DatabaseStatusUnavailable", "RDS does not say for now.", true)),
    "RDS does not say for now.",
  ],
])("a sentence stands for the database's status when RDS %s", async (_, statusOf, statusMessage) => {
  const { database } = await describeEnvironment({ ...c, databases: { statusOf } }, environment, ROW);
  expect(database).toMatchObject({ status: null, statusMessage });
});

test("a database that is none of RDS's is not asked about", async () => {
  const statusOf = jest.fn<ReturnType<DatabaseStatuses["statusOf"]>, [string]>();
  const { database } = await describeEnvironment({ ...c, databases: { statusOf } }, plain, ROW);
  expect(database).toMatchObject({ status: null, statusMessage: "The registration names no RDS instance." });
  expect(statusOf).not.toHaveBeenCalled();
});

test.each<[string, Partial<DatabaseStatus>, RegExp]>([
  [
    "a person has to mend",
    { status: "stopped" },
    /^The database instance shop-db is stopped, so its backups fail: start the instance/,
  ],
  [
    "passes by itself",
    { status: "upgrading" },
    /^The database instance shop-db is upgrading, so its backups wait until that has passed\.$/,
  ],
  [
    "is a window that is not aligned",
    { backupWindow: "23:50-03:10" },
    /^The Amazon RDS automated backup window of shop-db .* is not aligned/,
  ],
])("a finding tells what endangers backups: what %s", async (_, change, sentence) => {
  const statusOf = async (): Promise<DatabaseStatus> => ({ ...status, ...change });
  const { database } = await describeEnvironment({ ...c, databases: { statusOf } }, environment, ROW);
  expect(database.findings).toEqual([expect.stringMatching(sentence)]);
});

test("while RDS does not say, what it said when the last night opened counts", async () => {
  const since = "2026-12-05T00:00:00Z";
  const databaseInstance = {
    since,
    status: "stopped",
    engineVersion: "15.14",
    maintenanceWindow: "",
    backupWindow: "",
  };
  const statusOf = async (): Promise<undefined> => undefined;
  const { database } = await describeEnvironment(
    { ...c, databases: { statusOf } },
    { ...environment, databaseInstance },
    ROW,
  );
  expect(database).toMatchObject({ status: null, findings: [expect.stringContaining("is stopped")] });
});
