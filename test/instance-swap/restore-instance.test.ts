/** A recovery point becomes an instance beside the target's, made like it, through the real clients. */
import { ServiceFailure } from "../../lambda/runtime/collaborators";
import { item, RESTORE } from "../restore/restore-fixture";
import { begun, BESIDE, idUnder, INSTANCE, OLD_ID, play, sent, step, swapOf, world, type World } from "./swap-fixture";

const started = ({ c }: World) =>
  c.awsBackup.requests.filter(({ method, path }) => method === "PUT" && path === "/restore-jobs");
const failureOf = async (w: World, roundMs?: number): Promise<ServiceFailure> => {
  const failure = await play(w, "restore", roundMs).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceFailure);
  return failure as ServiceFailure;
};

test("the target's own groups, zones, port and name go into AWS Backup's request; what is the source's stays out", async () => {
  const w = await world();
  await begun(w);
  expect(await step(w, "restore")).toMatchObject({ outcome: "more" });
  expect(started(w)).toHaveLength(1);
  expect(started(w)[0]?.body).toEqual({
    RecoveryPointArn: "arn:aws:rds:eu-central-1:111111111111:snapshot:awsbackup:job-1",
    IamRoleArn: "arn:aws:iam::111111111111:role/backups-111111111111-eu-central-1-restoring",
    IdempotencyToken: RESTORE,
    ResourceType: "RDS",
    Metadata: {
      DBInstanceIdentifier: BESIDE,
      DBInstanceClass: "db.r6g.2xlarge",
      DBSubnetGroupName: "shop-subnets",
      VpcSecurityGroupIds: '["sg-target-1","sg-target-2"]',
      DBParameterGroupName: "shop-postgres15",
      OptionGroupName: "default:postgres-15",
      MultiAZ: "true",
      Port: "5432",
      PubliclyAccessible: "false",
      StorageType: "gp3",
      EnableIAMDatabaseAuthentication: "false",
      CopyTagsToSnapshot: "true",
      AutoMinorVersionUpgrade: "true",
      DeletionProtection: "false",
      Engine: "postgres",
      LicenseModel: "postgresql-license",
    },
  });
});

test("then it is made like the old one: windows, retention, growth, insights, tags, and the target's master password", async () => {
  const w = await world();
  await begun(w);
  expect(await play(w, "restore")).toMatchObject({ outcome: "done" });
  expect(w.c.rds.named(BESIDE)).toMatchObject({
    password: "the password of the target",
    multiAz: true,
    securityGroups: ["sg-target-1", "sg-target-2"],
    parameterGroup: "shop-postgres15",
    backupRetentionDays: 14,
    backupWindow: "04:00-04:30",
    maintenanceWindow: "wed:05:00-wed:05:30",
    maximumGiB: 500,
    performanceInsights: true,
    deletionProtection: false,
    tags: { team: "shop" },
  });
  expect(await item(w.c)).toMatchObject({ database: { restored: true, swappedAt: null }, phase: "prove" });
  expect(await swapOf(w)).toMatchObject({
    oldResourceId: OLD_ID,
    newResourceId: idUnder(w, BESIDE),
    endpoint: { host: `${BESIDE}.abc123.eu-central-1.rds.amazonaws.com`, port: 5432 },
  });
  // The old instance was only looked at.
  expect(
    w.c.rds.requests.filter(
      ({ Action, DBInstanceIdentifier }) => DBInstanceIdentifier === INSTANCE && Action !== "DescribeDBInstances",
    ),
  ).toEqual([]);
  expect(JSON.stringify(w.c.log.lines)).not.toContain("the password of");
});

test("another user than the master gets no password from us: the task proves whether it can log in", async () => {
  const w = await world();
  w.c.rds.instances.get(OLD_ID);
  Object.assign(w.c, { secrets: { databaseCredentials: async () => ({ username: "app", password: "p" }) } });
  await begun(w);
  await play(w, "restore");
  expect(sent(w, "ModifyDBInstance").some((form) => "MasterUserPassword" in form)).toBe(false);
});

test("every step may be repeated: one job, whatever was lost", async () => {
  const w = await world();
  await begun(w);
  w.c.awsBackup.faults.push({ action: "StartRestoreJob", status: null });
  await play(w, "restore");
  // The SDK itself asked again, with the same token.
  expect(new Set(started(w).map(({ body }) => (body as { IdempotencyToken: string }).IdempotencyToken))).toEqual(
    new Set([RESTORE]),
  );
  expect(w.c.rds.names()).toEqual([BESIDE, INSTANCE, "shop-production-db"].toSorted());
});

test("a crash between the job's start and its record: the token finds the same job", async () => {
  const w = await world();
  await begun(w);
  await step(w, "restore");
  const swap = await swapOf(w);
  await w.c.catalog.updateRestore(RESTORE, { instances: { ...swap, restoreJobId: null } });
  w.c.rds.instances.delete("db-RESTORED1");
  expect(await step(w, "restore")).toMatchObject({ outcome: "more" });
  expect((await swapOf(w)).restoreJobId).toBe(swap.restoreJobId);
});

test.each<[string, string, RegExp]>([
  [
    "FAILED",
    "The quota InstanceQuotaExceeded was reached.",
    /failed: The quota InstanceQuotaExceeded was reached; ask for a higher quota of DB instances\.$/,
  ],
  ["FAILED", "StorageQuotaExceeded", /ask for a higher quota of total storage/],
  ["FAILED", "The KMS key is not accessible.", /let the role of AWS Backup use the KMS key/],
  ["ABORTED", "", /was aborted: it does not say why\.$/],
])("a job that ends %s (%s) is told, and nothing was touched", async (ends, message, sentence) => {
  const w = await world();
  await begun(w);
  w.c.awsBackup.restoreFate = { ends, message };
  const failure = await failureOf(w);
  expect(failure.code).toBe("InstanceRestoreFailed");
  expect(failure.message).toMatch(sentence);
  expect(await play(w, "undo")).toMatchObject({ outcome: "done" });
  expect(w.c.rds.names()).toEqual([INSTANCE, "shop-production-db"]);
});

test("throttling and silence are for the workflow to try again", async () => {
  const w = await world();
  await begun(w);
  w.c.rds.faults.push({ action: "DescribeDBInstances", code: "Throttling", times: 5 });
  await expect(step(w, "restore")).rejects.toMatchObject({ code: "InstancesUnavailable", retryable: true });
  expect(await play(w, "restore")).toMatchObject({ outcome: "done" });
}, 30_000);

test("a permission that is missing says which", async () => {
  const w = await world();
  await begun(w);
  w.c.rds.faults.push({ action: "DescribeDBInstances", code: "AccessDenied" });
  await expect(step(w, "restore")).rejects.toMatchObject({ code: "InstancesRefused", retryable: false });
});

test("a restored instance that is broken, exchanged or gone ends the restore", async () => {
  for (const [spoil, code] of [
    [
      (w: World) => Object.assign(w.c.rds.named(BESIDE) ?? {}, { stuckAs: "incompatible-parameters" }),
      "InstanceBroken",
    ],
    [(w: World) => void w.c.rds.instances.delete("db-RESTORED1"), "InstanceGone"],
    [
      (w: World) => {
        const standing = w.c.rds.named(BESIDE);
        if (standing === undefined) throw new Error("none");
        w.c.rds.instances.delete(standing.resourceId);
        w.c.rds.add({ ...standing, resourceId: "db-STRANGER" });
      },
      "InstanceReplaced",
    ],
  ] as const) {
    const w = await world();
    await begun(w);
    for (let rounds = 0; rounds < 5; rounds++) {
      await step(w, "restore");
      w.c.clock.advance(60_000);
    }
    spoil(w);
    expect((await failureOf(w)).code).toBe(code);
  }
});

test("an instance that is not ready within a day ends the restore", async () => {
  const w = await world();
  await begun(w);
  w.c.awsBackup.restoreFate = { takesMinutes: 3 * 24 * 60 };
  expect((await failureOf(w, 3_600_000)).message).toMatch(
    /was not ready within 24 hours: look at its restore job in AWS Backup/,
  );
});

test("undoing a job that can't be stopped waits for its instance, and deletes it", async () => {
  const w = await world();
  await begun(w);
  await step(w, "restore");
  w.c.clock.advance(60_000);
  expect(await play(w, "undo")).toMatchObject({ outcome: "done" });
  w.c.clock.advance(10 * 60_000);
  expect(w.c.rds.names()).toEqual([INSTANCE, "shop-production-db"]);
  expect(await step(w, "undo")).toMatchObject({ outcome: "done" });
});

test.each([1, 4, 9])(
  "undoing waits for a job that AWS Backup does not find for %i minutes, and deletes what it makes",
  async (minutes) => {
    const w = await world();
    await begun(w);
    w.c.awsBackup.unseenForMs = minutes * 60_000;
    const asked: Readonly<Record<string, string>>[] = [];
    w.c.awsBackup.onRestore = (metadata) => void asked.push(metadata);
    await step(w, "restore");
    for (let round = 0; round < minutes; round++) {
      expect(await step(w, "undo")).toMatchObject({ outcome: "more" });
      w.c.clock.advance(60_000);
    }
    for (const metadata of asked) w.c.rds.restoreFrom(metadata);
    expect(await play(w, "undo")).toMatchObject({ outcome: "done" });
    w.c.clock.advance(10 * 60_000);
    expect(w.c.rds.names()).toEqual([INSTANCE, "shop-production-db"]);
  },
);

test("an undo whose job's start was never recorded finds the job by its token", async () => {
  const w = await world();
  await begun(w);
  await step(w, "restore");
  const swap = await swapOf(w);
  await w.c.catalog.updateRestore(RESTORE, { instances: { ...swap, restoreJobId: null } });
  await play(w, "undo");
  w.c.clock.advance(10 * 60_000);
  expect(w.c.rds.names()).toEqual([INSTANCE, "shop-production-db"]);
});

test("nothing is changed without the lease", async () => {
  const w = await world();
  await begun(w);
  const { leaseToken } = await item(w.c);
  await w.c.catalog.releaseLease("shop-acceptance", leaseToken ?? "");
  await expect(step(w, "restore")).rejects.toMatchObject({ code: "LeaseLost" });
  expect(started(w)).toEqual([]);
});
