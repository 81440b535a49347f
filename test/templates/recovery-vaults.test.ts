/** Named contracts of AWS Backup's vaults and of who may use them; and the service's own calls, held against its roles. */
import { copyRecoveryPoint } from "../../lambda/recovery-point/copy-recovery-point";
import { deletePoints } from "../../lambda/recovery-point/delete-points";
import { takeRecoveryPoint } from "../../lambda/recovery-point/take-recovery-point";
import { pointWorld, recoveryOf, untilDone } from "../recovery-point/point-fixture";
import { functionRoleName } from "../support/iam";
import { must } from "../support/must";
import { stacksOfAssembly } from "../../lib/review/read-assembly";
import { assemblyDir, functionRole, primaries, role, stacks } from "./deployed";
import { matches } from "../../local/permissions/evaluate";
import { allows, plain, resourcesOf, statementsOf } from "./policies";

test("Rule 6: every stack has one vault, locked for two weeks to a year, retained and encrypted with the stack's own key", () => {
  for (const [name, template] of stacks) {
    const vaults = resourcesOf(template, "AWS::Backup::BackupVault");
    expect([name, vaults.length]).toEqual([name, 1]);
    const { Properties, DeletionPolicy, UpdateReplacePolicy } = must(vaults[0])[1];
    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(["RetainExceptOnCreate", "Retain"]);
    // Without ChangeableForDays it is governance mode.
    expect(Properties.LockConfiguration).toEqual({ MinRetentionDays: 14, MaxRetentionDays: 366 });
    const [key] = must(resourcesOf(template, "AWS::KMS::Key").find(([id]) => id.startsWith("Key")));
    expect(plain(Properties.EncryptionKeyArn)).toBe(`<${key}.Arn>`);
  }
});

test("I2: a vault's own policy lets only retention, deletion and the failed attempt's end delete points, and only break-glass change lifecycles", () => {
  const regionOf = new Map(stacksOfAssembly(assemblyDir).map((stack) => [stack.id, stack.region]));
  for (const [id, template] of stacks) {
    const { Properties } = must(resourcesOf(template, "AWS::Backup::BackupVault")[0])[1];
    const rolesLeftOut = (action: string): readonly string[] => {
      const denying = statementsOf(Properties.AccessPolicy).filter(({ actions }) => actions.includes(action));
      expect(denying).toMatchObject([{ effect: "Deny", principals: ["*"], resources: ["*"] }]);
      const { ArnNotEquals } = must(denying[0]).conditions as { ArnNotEquals: Record<string, string | string[]> };
      return [ArnNotEquals["aws:PrincipalArn"]].flat().map((arn) => must(must(arn).split("role/")[1]));
    };
    expect(rolesLeftOut("backup:DeleteRecoveryPoint").map((name) => name.replace(/^.*-\d-/, ""))).toEqual([
      "retention",
      "deletion",
      "backup-fail",
    ]);
    expect(rolesLeftOut("backup:UpdateRecoveryPointLifecycle")).toEqual(["backups-break-glass"]);
    // CloudFormation's of the stack's own region: a rollback deletes what it has just made.
    const guarding = [`cdk-hnb659fds-cfn-exec-role-<account>-${must(regionOf.get(id))}`, "backups-break-glass"];
    for (const action of ["DeleteBackupVault", "DeleteBackupVaultLockConfiguration", "DeleteBackupVaultAccessPolicy"])
      expect([id, action, rolesLeftOut(`backup:${action}`)]).toEqual([id, action, guarding]);
  }
});

test("no role of the service may unlock a vault or change a lifecycle, and only three may delete recovery points", () => {
  for (const [row, template] of primaries) {
    const of = (action: string): string[] =>
      [
        "retention",
        "deletion",
        "backup-fail",
        "backup-begin",
        "backup-seal",
        "recovery-point",
        "replication-check",
        "restore",
        "api",
      ].filter((name) => allows(functionRole(template, row, name).statements, action));
    expect(of("backup:DeleteRecoveryPoint")).toEqual(["retention", "deletion", "backup-fail"]);
    expect(of("backup:StartBackupJob")).toEqual(["recovery-point"]);
    for (const action of [
      "DeleteBackupVaultLockConfiguration",
      "PutBackupVaultLockConfiguration",
      "UpdateRecoveryPointLifecycle",
      "DeleteBackupVault",
    ])
      expect(of(`backup:${action}`)).toEqual([]);
  }
});

test("AWS Backup's role is AWS Backup's alone, and makes, copies and removes only what AWS Backup names", () => {
  for (const [, template] of primaries) {
    const { statements } = role(template, "recovery-points");
    expect(allows(statements, "rds:CreateDBSnapshot")).toBe(true);
    for (const action of [
      "rds:DeleteDBInstance",
      "rds:ModifyDBInstance",
      "kms:ScheduleKeyDeletion",
      "backup:DeleteRecoveryPoint",
    ])
      expect([action, allows(statements, action)]).toEqual([action, false]);
    for (const { actions, resources } of statements.filter((one) => one.actions.includes("rds:DeleteDBSnapshot")))
      for (const resource of resources.filter((one) => one.includes(":snapshot:")))
        expect([actions.length > 0, resource.endsWith(":snapshot:awsbackup:*")]).toEqual([true, true]);
  }
});

/** The IAM action of a request, and the resource that IAM judges it by; jobs are none. */
const actionOf = (method: string, path: string, region: string, body: Record<string, unknown>): [string, string] => {
  const point = /recovery-points\/(arn:[^/]+)/.exec(path)?.[1] ?? "";
  const vault = `arn:aws:backup:${region}:<account>:backup-vault:${String(body["BackupVaultName"])}`;
  if (path.startsWith("/backup-jobs")) return method === "PUT" ? ["StartBackupJob", vault] : ["DescribeBackupJob", "*"];
  if (path.startsWith("/copy-jobs"))
    return method === "PUT" ? ["StartCopyJob", String(body["RecoveryPointArn"])] : ["DescribeCopyJob", "*"];
  if (path.includes("/recovery-points/"))
    return [method === "DELETE" ? "DeleteRecoveryPoint" : "DescribeRecoveryPoint", point];
  throw new Error(`${method} ${path} is of no action that this test knows`);
};

test("every call of a recovery point's whole life is allowed to the role that makes it", async () => {
  const [row, template] = must(primaries.find(([one]) => one.region === "eu-central-1"));
  const world = await pointWorld();
  const { awsBackup } = world.c;
  const judged = (name: string): number => {
    const { statements } = functionRole(template, row, name);
    const calls = awsBackup.requests.splice(0);
    for (const { method, path, region, body } of calls) {
      const [action, resource] = actionOf(method, path, region, body as Record<string, unknown>);
      const named = resource.replace("111111111111", "<account>");
      const allowed = statements.some(
        (one) =>
          one.effect === "Allow" &&
          one.actions.includes(`backup:${action}`) &&
          one.resources.some((pattern) => matches(pattern, named)) &&
          [undefined, region].includes(
            (one.conditions as { StringEquals?: Record<string, string> } | undefined)?.StringEquals?.[
              "aws:RequestedRegion"
            ],
          ),
      );
      expect([name, action, named, allowed]).toEqual([name, action, named, true]);
    }
    return calls.length;
  };
  await untilDone(world, () => takeRecoveryPoint(world.ref, world.c));
  await untilDone(world, () => copyRecoveryPoint(world.ref, world.c));
  expect(judged("recovery-point")).toBeGreaterThan(6);
  const { point, copyArn } = await recoveryOf(world);
  const { arn, deleteAt } = must(point);
  world.c.clock.set(deleteAt);
  const places = {
    vault: "backups-eu-central-1-primary",
    arn,
    copyVault: "backups-eu-central-1-replica",
    copyArn,
    deleteAt,
  };
  awsBackup.caller = () => functionRoleName("retention");
  await deletePoints(places, world.c);
  expect(judged("retention")).toBe(4);
});
