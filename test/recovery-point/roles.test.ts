/**
 * Jobs of AWS Backup work with the role that they are handed. The double judges each by that role's synthesized policy,
 * so a permission that AWS documents and the template lacks fails here as it would on AWS, with action and resource.
 */
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { copyRecoveryPoint } from "../../lambda/recovery-point/copy-recovery-point";
import { takeRecoveryPoint } from "../../lambda/recovery-point/take-recovery-point";
import {
  begun,
  play,
  recoveryPoint,
  sideBySide,
  step,
  world as swapWorld,
  type World,
} from "../instance-swap/swap-fixture";
import type { FakeCollaborators } from "../support/collaborators";
import { ACCOUNT, functionRoleName, iamOfDefaultStage } from "../support/iam";
import { pointWorld, untilDone } from "./point-fixture";

const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const handed = (c: FakeCollaborators, name: string): FakeCollaborators => ({
  ...c,
  settings: { ...c.settings, BACKUP_ROLE_ARN: roleArn(name), RESTORE_ROLE_ARN: roleArn(name) },
});
/** As who could pass anything: what is judged is the role. */
const passingAnything = ({ awsBackup }: FakeCollaborators): void => {
  awsBackup.caller = () => undefined;
};
const RESTORING = functionRoleName("restoring");
const BACKING_UP = functionRoleName("recovery-points");

const messageOf = async (work: Promise<unknown>): Promise<string> => {
  const thrown = await work.then(
    () => new Error("nothing failed"),
    (error: unknown) => error as Error,
  );
  return thrown.message;
};

describe("a restore", () => {
  const restored = async (
    w: World,
    name: string,
    overrides: Partial<World["c"]["settings"]> = {},
  ): Promise<unknown> => {
    const c = handed(w.c, name);
    Object.assign(c.settings, overrides);
    const as: World = { ...w, c };
    await begun(w);
    await step(as, "restore");
    w.c.clock.advance(5 * 60_000);
    return play(as, "restore");
  };

  test("with the role for backups fails, and says what it lacks", async () => {
    const w = await swapWorld();
    // The function may not even pass it.
    expect(await messageOf(restored(w, BACKING_UP))).toMatch(
      /instance-swap\/session is not authorized to perform: iam:PassRole on resource: arn:aws:iam::\d+:role\/\S+-recovery-points /,
    );
    const again = await swapWorld();
    const metadata = { DBInstanceIdentifier: "shop-nightly-backups-new-00000000", DBSubnetGroupName: "shop" };
    passingAnything(again.c);
    const id = await again.c.recoveryPoints.startRestoreJob({
      recoveryPointArn: recoveryPoint().recoveryPointArn,
      metadata,
      roleArn: roleArn(BACKING_UP),
      token: "t",
    });
    again.c.clock.advance(5 * 60_000);
    expect(await again.c.recoveryPoints.describeRestoreJob(id)).toMatchObject({
      state: "FAILED",
      message: expect.stringMatching(
        /AccessDenied.*rds:RestoreDBInstanceFromDBSnapshot on resource: arn:aws:rds:eu-central-1:\d+:db:shop-nightly-backups-new-00000000/,
      ) as string,
    });
    expect(again.c.rds.names()).toHaveLength(2);
  });

  test.each<[string, (w: World) => void, RegExp]>([
    [
      "a key that people have not tagged",
      ({ c }) => (c.awsBackup.key = {}),
      /kms:Decrypt on resource: arn:aws:kms:eu-central-1/,
    ],
    [
      "another tag on the key than the stage's",
      ({ c }) => (c.awsBackup.key = { tags: { "nightly-backups": "denied" } }),
      /kms:Decrypt on resource/,
    ],
  ])("of %s fails with the action and the resource", async (_, spoil, sentence) => {
    const w = await swapWorld();
    spoil(w);
    const message = await messageOf(restored(w, RESTORING));
    expect(message).toMatch(sentence);
    expect(message).toMatch(/let the role of AWS Backup use the KMS key\.$/);
  });

  test.each<[string, (w: World) => void]>([
    ["encrypted with aws/rds, which can't be tagged", ({ c }) => (c.awsBackup.key = { isOfAws: true })],
    ["not encrypted at all", ({ c }) => (c.awsBackup.encrypted = false)],
    [
      "into an instance with groups of its own",
      ({ old }) => Object.assign(old, { optionGroup: "shop-options", parameterGroup: "shop-tuned", multiAz: true }),
    ],
    [
      "into one with RDS's default groups",
      ({ old }) => Object.assign(old, { optionGroup: "", parameterGroup: "", subnetGroup: "" }),
    ],
  ])("%s comes through", async (_, change) => {
    const w = await swapWorld();
    change(w);
    await expect(sideBySide(w)).resolves.toBeUndefined();
  });

  test("never makes an instance of another name than a restore's, nor from another snapshot than AWS Backup's", () => {
    const refused = (resource: string): boolean =>
      iamOfDefaultStage().refusal({
        role: RESTORING,
        action: "rds:RestoreDBInstanceFromDBSnapshot",
        resource: `arn:aws:rds:eu-central-1:${ACCOUNT}:${resource}`,
      }) !== undefined;
    expect(
      ["db:crm-new-database", "db:shop", "snapshot:somebodys", "snapshot:rds:shop-2026-12-05"].map(refused),
    ).toEqual([true, true, true, true]);
    expect(refused("snapshot:awsbackup:job-1")).toBe(false);
  });
});

describe("a recovery point", () => {
  test("with the role for restores fails at the vault, and says so", async () => {
    const { c, ref } = await pointWorld();
    passingAnything(c);
    expect(await messageOf(untilDone({ c, ref }, () => takeRecoveryPoint(ref, handed(c, RESTORING))))).toMatch(
      /backup:DescribeBackupVault on resource: arn:aws:backup:eu-central-1:\d+:backup-vault:backups-eu-central-1-primary/,
    );
  });

  test("with a role that AWS Backup may not assume fails", async () => {
    const { c, ref } = await pointWorld();
    passingAnything(c);
    expect(
      await messageOf(untilDone({ c, ref }, () => takeRecoveryPoint(ref, handed(c, functionRoleName("api"))))),
    ).toMatch(/unable to assume the role/);
  });

  test("of an instance whose key is not tagged fails with the key", async () => {
    const { c, ref } = await pointWorld();
    c.awsBackup.key = {};
    expect(await messageOf(untilDone({ c, ref }, () => takeRecoveryPoint(ref, c)))).toMatch(
      /kms:CreateGrant on resource: arn:aws:kms:eu-central-1/,
    );
  });

  test.each<[string, (c: FakeCollaborators) => unknown]>([
    ["with a customer's key", () => undefined],
    ["with aws/rds", (c) => (c.awsBackup.key = { isOfAws: true })],
  ])("encrypted %s is made, and copied to the other region under the vault's key", async (_, change) => {
    const { c, ref } = await pointWorld();
    change(c);
    await untilDone({ c, ref }, () => takeRecoveryPoint(ref, c));
    await untilDone({ c, ref }, () => copyRecoveryPoint(ref, c));
    expect(c.awsBackup.points.size).toBe(2);
  });

  test("is copied into the replica's vault only", () => {
    const copies = (target: string): boolean =>
      iamOfDefaultStage().refusal({
        role: BACKING_UP,
        action: "backup:CopyFromBackupVault",
        resource: `arn:aws:rds:eu-central-1:${ACCOUNT}:snapshot:awsbackup:job-1`,
        context: { "backup:CopyTargets": target },
      }) === undefined;
    expect(copies(`arn:aws:backup:eu-west-1:${ACCOUNT}:backup-vault:backups-eu-central-1-replica`)).toBe(true);
    expect(copies(`arn:aws:backup:eu-west-1:222222222222:backup-vault:elsewhere`)).toBe(false);
  });
});

test("in every region the roles are those of the region itself", () => {
  const iam = iamOfDefaultStage();
  for (const { region } of NIGHTLY_TABLE)
    for (const { region: other } of NIGHTLY_TABLE) {
      const allowed = iam.refusal({
        role: `backups-${ACCOUNT}-${region}-restoring`,
        action: "rds:RestoreDBInstanceFromDBSnapshot",
        resource: `arn:aws:rds:${other}:${ACCOUNT}:snapshot:awsbackup:job-1`,
      });
      expect([region, other, allowed === undefined]).toEqual([region, other, region === other]);
    }
});
