/** The plan of a restore whose database is a recovery point: what refuses it, and what has to be acknowledged. */
import type { RecoveryPointEntry } from "../../lambda/snapshot/manifest";
import { call, callAll, item, planned, request, RESTORE, runPreflight } from "../restore/restore-fixture";
import { environment, TARGET } from "../restore/snapshot-fixture";
import { doubleInstance, type DoubleInstance } from "../support/rds/rds-double";
import { BESIDE, INSTANCE, OLD_ID, POINT_ARN, world, type World } from "./swap-fixture";

const found = async (w: World): Promise<{ refusals: readonly string[]; warnings: readonly string[] }> => {
  await planned(w.c, { planOnly: true });
  const { plan } = await item(w.c);
  return {
    refusals: plan?.refusals.map(({ code }) => code) ?? [],
    warnings: plan?.warnings.map(({ code }) => code) ?? [],
  };
};
const PLANNED_BESIDE = BESIDE;
const WEAKER = ["InstanceSwap", "WholeInstance"];

test("a target that fits: nothing refuses, and the weaker promises must be acknowledged", async () => {
  const w = await world();
  expect(await found(w)).toEqual({ refusals: [], warnings: WEAKER });
  const { plan } = await item(w.c);
  expect(plan?.warnings[0]?.message).toMatch(/two renames.*not one transaction.*goes on by itself/s);
  expect(plan?.warnings[1]?.message).toMatch(/the whole instance is replaced.*passwords of that time/is);
  expect(plan?.estimatedSeconds).toBeGreaterThan(45 * 60);
  // A plan only looks.
  expect(w.c.rds.requests.every(({ Action }) => Action?.startsWith("Describe"))).toBe(true);
});

test("without the acknowledgement nothing begins, with it the restore goes on as one of a recovery point", async () => {
  const w = await world();
  expect(await planned(w.c)).toMatchObject({ outcome: "planned", recoveryPoint: true });
  expect(await item(w.c)).toMatchObject({
    state: "queued",
    phase: "acknowledgement",
    statusMessage: expect.stringMatching(/waits for warnings to be acknowledged: InstanceSwap/) as string,
  });
  const again = await world();
  expect(await planned(again.c, { acknowledged: WEAKER })).toMatchObject({ outcome: "go", recoveryPoint: true });
});

test.each<[string, string, { old?: Partial<DoubleInstance>; point?: Partial<RecoveryPointEntry> }]>([
  ["the target's server is newer", "EngineVersionDiffers", { old: { engineVersion: "16.4" } }],
  ["the target's server is older", "EngineVersionDiffers", { old: { engineVersion: "14.9" } }],
  ["it has read replicas", "InstanceBound", { old: { replicas: ["shop-reader"] } }],
  ["it belongs to a cluster", "InstanceBound", { old: { cluster: "shop-cluster" } }],
  ["RDS manages its password", "PasswordManagedByRds", { old: { managedPassword: true } }],
  ["its subnet group is out of order", "SubnetGroupUnusable", { old: { subnetGroupStatus: "Incomplete" } }],
])("refused: %s", async (_, code, options) => {
  expect((await found(await world(options))).refusals).toEqual([code]);
});

test.each<[string, string, (w: World) => unknown]>([
  ["the quota of instances is full", "InstanceQuotaExceeded", ({ c }) => (c.rds.quotas = { DBInstances: [40, 40] })],
  [
    "the quota of storage is full",
    "StorageQuotaExceeded",
    ({ c }) => (c.rds.quotas = { AllocatedStorage: [950, 1000] }),
  ],
  ["the recovery point is gone", "SnapshotDamaged", ({ c }) => c.awsBackup.points.delete(POINT_ARN)],
  ["RDS knows no such instance", "InstanceMissing", ({ c }) => c.rds.instances.delete(OLD_ID)],
  [
    "the new name is taken",
    "InstanceNameTaken",
    ({ c }) => c.rds.add(doubleInstance(PLANNED_BESIDE, { resourceId: "db-OTHER" })),
  ],
  [
    "another environment is on the same instance",
    "InstanceShared",
    async ({ c }) => {
      const other = environment("shop-test");
      const { registration } = other;
      const database = { ...registration.database, instance: INSTANCE.toUpperCase() };
      await c.catalog.createEnvironment({ ...other, registration: { ...registration, database } });
    },
  ],
  [
    "the databases have different names",
    "DatabaseNameDiffers",
    async ({ c }) => {
      const target = await c.catalog.getEnvironment(TARGET);
      if (target === undefined) throw new Error("none");
      const { registration } = target;
      await c.catalog.updateEnvironment(TARGET, {
        registration: { ...registration, database: { ...registration.database, name: "other" } },
      });
    },
  ],
])("refused: %s", async (_, code, spoil) => {
  const w = await world();
  await spoil(w);
  expect((await found(w)).refusals).toEqual([code]);
});

test("sessions at the target refuse as for a dump; roles and extensions come with the instance", async () => {
  const w = await world({ point: { policyRoles: ["auditor"], extensions: [{ name: "postgis", version: "3" }] } });
  await request(w.c, { planOnly: true });
  await call(w.c, "begin");
  await runPreflight(w.c, { sessions: 2, canCreateDatabase: false, memberOfOwner: false, toolMajor: 13 });
  await callAll(w.c, "plan");
  expect((await item(w.c)).plan).toMatchObject({ refusals: [{ code: "SessionsPresent" }], databaseBytesNeeded: 0 });
});

test("what is not taken over, and an address that is not the instance's, are warnings", async () => {
  const w = await world({ old: { monitoringSeconds: 60, host: "proxy.example" } });
  expect(await found(w)).toEqual({ refusals: [], warnings: [...WEAKER, "NotTakenOver", "AddressNotOfInstance"] });
});

test("quotas that RDS does not tell stop nothing", async () => {
  const w = await world();
  w.c.rds.faults.push({ action: "DescribeAccountAttributes", code: "AccessDenied" });
  expect((await found(w)).refusals).toEqual([]);
});

test("a restore that goes on finds its own instances, and does not take their names for others'", async () => {
  const w = await world();
  await planned(w.c, { acknowledged: ["*"] });
  w.c.rds.add(doubleInstance(BESIDE, { resourceId: "db-OURS" }));
  await w.c.catalog.updateRestore(RESTORE, {
    instances: { beside: BESIDE } as never,
    plan: null,
  });
  expect(await callAll(w.c, "plan")).toMatchObject({ outcome: "go" });
});
