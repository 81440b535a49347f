/** Every turn that the conversation with AWS Backup can take, through the real client and its serialisation. */
import { copyRecoveryPoint } from "../../lambda/recovery-point/copy-recovery-point";
import { deletePoints } from "../../lambda/recovery-point/delete-points";
import { takeRecoveryPoint } from "../../lambda/recovery-point/take-recovery-point";
import { deleteAfterDays } from "../../lambda/rules/recovery-point-days";
import { functionRoleName } from "../support/iam";
import { must } from "../support/must";
import { pointWorld, recoveryOf, REPLICA_REGION, untilDone, type PointWorld } from "./point-fixture";

let world: PointWorld;
const take = () => takeRecoveryPoint(world.ref, world.c);
const copy = () => copyRecoveryPoint(world.ref, world.c);
const requests = (path: RegExp) => world.c.awsBackup.requests.filter((one) => path.test(`${one.method} ${one.path}`));
beforeEach(async () => {
  world = await pointWorld();
});

describe("the job", () => {
  test("is started once, by the attempt's token, for as long as the snapshot is kept, and ends as a recovery point", async () => {
    expect(await untilDone(world, take)).toBeGreaterThanOrEqual(600);
    expect(requests(/^PUT \/backup-jobs/)).toHaveLength(1);
    expect(requests(/^PUT \/backup-jobs/)[0]?.body).toEqual({
      BackupVaultName: "backups-eu-central-1-primary",
      ResourceArn: "arn:aws:rds:eu-central-1:111111111111:db:shop-db",
      IamRoleArn: "arn:aws:iam::111111111111:role/backups-111111111111-eu-central-1-recovery-points",
      IdempotencyToken: world.ref.attemptId,
      StartWindowMinutes: 180,
      CompleteWindowMinutes: 1440,
      Lifecycle: { DeleteAfterDays: 14 },
      RecoveryPointTags: {
        "nightly-backups:environment": "shop-production",
        "nightly-backups:snapshot": world.ref.snapshotId,
      },
    });
    const { point, jobId } = await recoveryOf(world);
    expect(point?.arn).toBe(`arn:aws:rds:eu-central-1:111111111111:snapshot:awsbackup:job-${jobId}`);
    const { expiresAt } = must(await world.c.catalog.getSnapshot(world.ref.environmentId, world.ref.snapshotId));
    // Rule 3: never before the expiry second, and no longer after it than the job came after the snapshot.
    expect(Date.parse(must(point).deleteAt)).toBeGreaterThanOrEqual(Date.parse(expiresAt));
    expect(Date.parse(must(point).deleteAt) - Date.parse(expiresAt)).toBeLessThan(60_000);
    expect(await take()).toEqual({ outcome: "done", waitSeconds: 0 });
  });

  test.each([1, 5, 9])(
    "what AWS Backup does not find for %i minutes after it was made is waited for",
    async (minutes) => {
      world.c.awsBackup.unseenForMs = minutes * 60_000;
      await untilDone(world, take);
      await untilDone(world, copy);
      expect(requests(/^PUT \/(backup|copy)-jobs/)).toHaveLength(2);
      expect(world.c.awsBackup.points.size).toBe(2);
    },
  );

  test("a recovery point that is still not found after ten minutes was never made", async () => {
    const made = world.c.awsBackup;
    for (let count = 0; count < 40; count++)
      made.faults.push({ action: "DescribeRecoveryPoint", status: 400, type: "ResourceNotFoundException" });
    await expect(untilDone(world, take)).rejects.toMatchObject({ name: "RecoveryPointUnusable", retryable: true });
  });

  test("a lost reply to the start leads to the same job, not to a second one", async () => {
    world.c.awsBackup.faults.push({ action: "StartBackupJob", status: null });
    await untilDone(world, take);
    expect(requests(/^PUT \/backup-jobs/).length).toBeGreaterThan(1);
    expect(world.c.awsBackup.points.size).toBe(1);
  });

  test("a crash between the start and its record leads to the same job", async () => {
    await take();
    const first = (await recoveryOf(world)).jobId;
    await world.c.catalog.updateAttempt(world.ref.attemptId, {
      recovery: { ...(await recoveryOf(world)), jobId: null },
    });
    await untilDone(world, take);
    expect((await recoveryOf(world)).jobId).toBe(first);
    expect(world.c.awsBackup.points.size).toBe(1);
  });

  test("throttling is retried by the client", async () => {
    for (let count = 0; count < 3; count++)
      world.c.awsBackup.faults.push({ action: "DescribeBackupJob", status: 400, type: "ThrottlingException" });
    await untilDone(world, take);
    expect(world.c.awsBackup.points.size).toBe(1);
  }, 30_000);

  test("throttled for longer, it is a failure that the workflow tries again", async () => {
    for (let count = 0; count < 5; count++)
      world.c.awsBackup.faults.push({ action: "StartBackupJob", status: 400, type: "ThrottlingException" });
    await expect(take()).rejects.toMatchObject({ name: "RecoveryPointsUnavailable", retryable: true });
    await untilDone(world, take);
  }, 30_000);

  test("created and not begun for hours is waited for, and begins in the end", async () => {
    world.c.awsBackup.fate = { startsAfterMinutes: 170, takesMinutes: 300 };
    expect(await untilDone(world, take)).toBeGreaterThan(7 * 3600);
    // 24 hours of waiting must fit into an execution's 25,000 events, of nine a round.
    expect(requests(/^GET \/backup-jobs/).length).toBeLessThan(80);
  });

  test.each([
    [
      "its start window passed",
      { startsAfterMinutes: Infinity },
      "RecoveryPointWindowExpired",
      /start window of 3 hours.*maintenance or backup window.*AWS Backup says: Backup job expired/s,
    ],
    [
      "it failed",
      { ends: "FAILED", message: "DB instance is in maintenance" },
      "RecoveryPointFailed",
      /maintenance or backup window.*AWS Backup says: DB instance is in maintenance\.$/s,
    ],
    [
      "it was aborted",
      { ends: "ABORTED" },
      "RecoveryPointAborted",
      /gave up the recovery point of shop-db.*24 hours, or somebody stopped it\.$/s,
    ],
    ["it is a part", { ends: "PARTIAL" }, "RecoveryPointPartial", /only a part/],
    ["it runs for days", { takesMinutes: Infinity }, "RecoveryPointTooSlow", /RUNNING for longer than 24 hours/],
  ])("%s: one sentence of its own", async (_, fate, name, sentence) => {
    world.c.awsBackup.fate = fate;
    await expect(untilDone(world, take)).rejects.toMatchObject({
      name,
      retryable: true,
      message: expect.stringMatching(sentence) as string,
    });
  });

  test("created and forgotten by AWS Backup, past its own start window, is no endless wait", async () => {
    world.c.awsBackup.fate = { startsAfterMinutes: Infinity };
    world.c.awsBackup.forgetsWindows = true;
    await expect(untilDone(world, take)).rejects.toMatchObject({
      name: "RecoveryPointNotStarted",
      message: expect.stringMatching(/was created and has not begun for 4 hours/) as string,
    });
  });

  test("a recovery point of an instance that is not encrypted is not counted on", async () => {
    world.c.awsBackup.encrypted = false;
    await expect(untilDone(world, take)).rejects.toMatchObject({
      name: "RecoveryPointUnusable",
      message: expect.stringMatching(/is not encrypted, because its RDS instance is not/) as string,
    });
  });

  test("nothing is done for an attempt that has lost its lease", async () => {
    const attempt = must(await world.c.catalog.getAttempt(world.ref.attemptId));
    await world.c.catalog.releaseLease(world.ref.environmentId, attempt.leaseToken);
    await expect(take()).rejects.toMatchObject({ name: "LeaseLost" });
    expect(world.c.awsBackup.requests).toEqual([]);
  });
});

describe("the copy", () => {
  beforeEach(() => untilDone(world, take));

  test("goes to the other region's vault, with the same end", async () => {
    await untilDone(world, copy);
    expect(requests(/^PUT \/copy-jobs/)).toMatchObject([
      {
        region: "eu-central-1",
        body: {
          SourceBackupVaultName: "backups-eu-central-1-primary",
          DestinationBackupVaultArn: `arn:aws:backup:${REPLICA_REGION}:111111111111:backup-vault:backups-eu-central-1-replica`,
          Lifecycle: { DeleteAfterDays: 14 },
        },
      },
    ]);
    const { point, copyArn } = await recoveryOf(world);
    const standing = await world.c.replicaRecoveryPoints.describePoint({
      vault: "backups-eu-central-1-replica",
      arn: must(copyArn),
    });
    expect(standing).toMatchObject({ status: "COMPLETED", encrypted: true, deleteAt: new Date(must(point).deleteAt) });
  });

  test("the account's five copies are taken: it waits, and does not fail", async () => {
    const points = [...world.c.awsBackup.points.values()];
    world.c.awsBackup.copyFate = { takesMinutes: 90 };
    for (let other = 0; other < 5; other++)
      await world.c.recoveryPoints.startCopy({
        source: { vault: "backups-eu-central-1-primary", arn: must(points[0]).arn },
        destinationVaultArn: `arn:aws:backup:${REPLICA_REGION}:111111111111:backup-vault:backups-eu-central-1-replica`,
        roleArn: world.c.settings.BACKUP_ROLE_ARN,
        token: `other-${other}`,
        deleteAfterDays: 14,
      });
    expect(await copy()).toMatchObject({ outcome: "waiting" });
    expect((await recoveryOf(world)).copyJobId).toBeNull();
    expect(await untilDone(world, copy)).toBeGreaterThan(90 * 60);
  });

  test("a copy that fails because of the limit is started again, however often; another failure three times", async () => {
    world.c.awsBackup.copyFate = { ends: "FAILED", message: "Concurrent copy limit exceeded", takesMinutes: 1 };
    for (let round = 0; round < 12; round++) {
      const { waitSeconds } = await copy();
      world.c.clock.advance(waitSeconds * 1000);
    }
    expect(requests(/^PUT \/copy-jobs/).length).toBeGreaterThan(3);
    world.c.awsBackup.copyFate = { ends: "FAILED", message: "KMS key is disabled", takesMinutes: 1 };
    await expect(untilDone(world, copy)).rejects.toMatchObject({
      name: "RecoveryPointCopyFailed",
      message: expect.stringMatching(/failed 3 times to copy .* KMS key is disabled$/) as string,
    });
  });

  test("a day in the queue is the end", async () => {
    world.c.awsBackup.copyFate = { takesMinutes: Infinity };
    await expect(untilDone(world, copy)).rejects.toMatchObject({ name: "RecoveryPointNotCopied" });
  });

  test("a lost reply to its start leads to the same copy", async () => {
    world.c.awsBackup.faults.push({ action: "StartCopyJob", status: null });
    // Without a try of the client's own: the workflow tries again.
    await expect(copy()).rejects.toMatchObject({ name: "RecoveryPointsUnavailable" });
    await untilDone(world, copy);
    expect(requests(/^PUT \/copy-jobs/)).toHaveLength(2);
    expect(world.c.awsBackup.points.size).toBe(2);
  });
});

test("Rule 7: a single-region environment makes no copy", async () => {
  world = await pointWorld("single-region");
  await untilDone(world, take);
  expect(await copy()).toEqual({ outcome: "done", waitSeconds: 0 });
  expect(requests(/copy-jobs/)).toEqual([]);
});

describe("deleting both", () => {
  const places = async () => {
    await untilDone(world, take);
    await untilDone(world, copy);
    const { point, copyArn } = await recoveryOf(world);
    const { arn, deleteAt } = must(point);
    world.c.awsBackup.caller = () => functionRoleName("retention");
    return { vault: "backups-eu-central-1-primary", arn, copyVault: "backups-eu-central-1-replica", copyArn, deleteAt };
  };

  test("is refused by the locks until their end, with AWS Backup's reason", async () => {
    const stays = await deletePoints(await places(), world.c);
    expect(stays).toHaveLength(2);
    expect(stays[0]).toMatch(/in eu-central-1 stays, because AWS Backup refuses to delete it: .* is locked\.$/);
    expect(stays[1]).toMatch(/in eu-west-1 stays/);
    expect(world.c.awsBackup.points.size).toBe(2);
  });

  test("after that both go, and are looked at again", async () => {
    const both = await places();
    world.c.clock.set(both.deleteAt);
    expect(await deletePoints(both, world.c)).toEqual([]);
    expect(requests(/^GET \/backup-vaults\/.*recovery-points/).length).toBeGreaterThanOrEqual(4);
    expect(world.c.awsBackup.points.size).toBe(0);
    expect(await deletePoints(both, world.c)).toEqual([]);
  });

  test("a 200 that deleted nothing is told: the recovery point stays as EXPIRED", async () => {
    const both = await places();
    world.c.clock.set(both.deleteAt);
    world.c.awsBackup.vault(REPLICA_REGION, "backups-eu-central-1-replica").refusesQuietly = true;
    const stays = await deletePoints(both, world.c);
    expect(stays).toEqual([expect.stringMatching(/in eu-west-1 stays as EXPIRED: AWS Backup lacks the permission/)]);
    expect(world.c.awsBackup.points.size).toBe(1);
  });

  test("one that AWS Backup is at work on is left for the next run", async () => {
    const both = await places();
    world.c.clock.set(both.deleteAt);
    world.c.awsBackup.faults.push({
      action: "DeleteRecoveryPoint",
      status: 400,
      type: "InvalidResourceStateException",
    });
    expect(await deletePoints(both, world.c)).toEqual([expect.stringMatching(/at work on it\.$/)]);
    expect(await deletePoints(both, world.c)).toEqual([]);
  });
});

test.each([
  ["nightly", "2026-12-05T00:10:00Z", "2026-12-19T00:10:00Z", 14],
  ["weekly", "2026-12-03T03:18:00Z", "2027-03-03T03:18:00Z", 90],
  ["monthly over a leap day", "2027-06-06T00:10:00Z", "2028-06-06T00:10:00Z", 366],
  ["shorter than the vaults admit", "2026-12-05T00:10:00Z", "2026-12-06T00:10:00Z", 14],
])("Rule 3: the days of a %s snapshot end no sooner than it does", (_, createdAt, expiresAt, days) => {
  expect(deleteAfterDays(createdAt, expiresAt)).toBe(days);
  expect(Date.parse(createdAt) + days * 86_400_000).toBeGreaterThanOrEqual(Date.parse(expiresAt));
});
