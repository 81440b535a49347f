/**
 * The role that AWS Backup makes recovery points of RDS instances with, and copies them to the replication region.
 * Action by action, what AWS's own managed policy for backups (`AWSBackupServiceRolePolicyForBackup`) grants for that and
 * no more. It restores nothing: see `restore-role.ts`.
 */
import { Role } from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { allow, type Grantee } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";
import { grantInstanceKeys, grantOwnKey, grantReplicaKey } from "./recovery-keys";
import { awsBackup, recoveryPointsIn } from "./recovery-points";

const INSTANCES = "Environments come and go without a deployment, and RDS names snapshots when they are made.";

export interface BackupRoleProps {
  readonly region: ServiceRegion;
  readonly key: Key;
}

export class BackupRole extends Construct implements Grantee {
  readonly role: Role;

  constructor(scope: Construct, id: string, { region, key }: BackupRoleProps) {
    super(scope, id);
    const { account, names, row } = region;
    this.role = new Role(this, "Role", {
      roleName: names.backupRole(),
      description: `AWS Backup makes and copies recovery points of ${row.region}`,
      assumedBy: awsBackup(account),
    });
    const replica = row.replication.region;
    allow(this, {
      actions: [
        "rds:AddTagsToResource",
        "rds:CopyDBSnapshot",
        "rds:CreateDBSnapshot",
        "rds:DeleteDBSnapshot",
        "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshots",
        "rds:ListTagsForResource",
      ],
      resources: [`arn:aws:rds:${row.region}:${account}:db:*`, recoveryPointsIn(row.region, account)],
      wildcard: INSTANCES,
    });
    allow(this, {
      actions: [
        "rds:AddTagsToResource",
        "rds:CopyDBSnapshot",
        "rds:DeleteDBSnapshot",
        "rds:DescribeDBSnapshots",
        "rds:ListTagsForResource",
      ],
      resources: [recoveryPointsIn(replica, account)],
      conditions: { StringEquals: { "aws:RequestedRegion": replica } },
      wildcard: INSTANCES,
    });
    const [fromVault, intoVault] = [names.vaultArn("primary", row.region), names.vaultArn("replica", replica)];
    allow(this, { actions: ["backup:DescribeBackupVault"], resources: [fromVault] });
    allow(this, { actions: ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"], resources: [intoVault] });
    /** IAM knows what is copied as a recovery point, and vaults' policies as a vault: both, and into this one only. */
    allow(this, {
      actions: ["backup:CopyFromBackupVault"],
      resources: [fromVault, recoveryPointsIn(row.region, account)],
      conditions: { "ForAllValues:StringEquals": { "backup:CopyTargets": intoVault } },
      wildcard: INSTANCES,
    });
    grantInstanceKeys(this, region);
    grantOwnKey(this, key);
    grantReplicaKey(this, region, replica);
  }
}
