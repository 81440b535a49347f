/**
 * The role that AWS Backup restores recovery points with, as new RDS instances: what the statements for RDS of AWS's own
 * managed policy for restores (`AWSBackupServiceRolePolicyForRestores`) grant, without clusters, continuous backups and
 * engines other than PostgreSQL. RDS asks for the new instance, the snapshot, and the subnet, parameter and option group
 * that it is made with; security groups are no resource of that. It neither makes nor copies recovery points.
 */
import { Role } from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { SWAP_MARK } from "../../lambda/instance-swap/swap-mark";
import { allow, type Grantee } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";
import { grantInstanceKeys, grantOwnKey } from "./recovery-keys";
import { awsBackup, recoveryPointsIn } from "./recovery-points";

const NAMED_LATER = "Instances, their groups and their recovery points come and go without a deployment.";

export interface RestoreRoleProps {
  readonly region: ServiceRegion;
  /** Names of the instances that it may make; restoring never overwrites one. */
  readonly instances: string;
  /** Of the vault: with it a copy is encrypted that was brought back from the replica's vault. */
  readonly key?: Key;
}

export class RestoreRole extends Construct implements Grantee {
  readonly role: Role;

  constructor(scope: Construct, id: string, { region, instances, key }: RestoreRoleProps) {
    super(scope, id);
    const { account, names, row } = region;
    const rds = (type: string, name: string): string => `arn:aws:rds:${row.region}:${account}:${type}:${name}`;
    const made = rds("db", instances);
    const groups = ["og", "pg", "subgrp"].map((type) => rds(type, "*"));
    const points = recoveryPointsIn(row.region, account);
    this.role = new Role(this, "Role", {
      roleName: names.restoreRole(),
      description: `AWS Backup restores recovery points in ${row.region}`,
      assumedBy: awsBackup(account),
    });
    allow(this, {
      actions: ["rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:ListTagsForResource"],
      resources: [rds("db", "*"), points],
      wildcard: NAMED_LATER,
    });
    allow(this, {
      actions: ["rds:CreateDBInstance", "rds:RestoreDBInstanceFromDBSnapshot"],
      resources: [made, points, ...groups],
      wildcard: NAMED_LATER,
    });
    allow(this, { actions: ["rds:AddTagsToResource"], resources: [made], wildcard: NAMED_LATER });
    /** AWS Backup takes back what it made; nothing that no restore of the service is about. */
    allow(this, {
      actions: ["rds:DeleteDBInstance"],
      resources: [made],
      conditions: { StringLike: { [`aws:ResourceTag/${SWAP_MARK}`]: "?*" } },
      wildcard: NAMED_LATER,
    });
    grantInstanceKeys(this, region);
    if (key !== undefined) grantOwnKey(this, key);
  }
}
