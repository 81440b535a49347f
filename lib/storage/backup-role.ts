/**
 * The role that AWS Backup works with: it makes snapshots of RDS instances and copies them to the replication region.
 * Action by action, what AWS's own managed policy for backups grants for RDS and no more; encrypted instances need
 * their keys, known by tag, and copies the replica's key, known by its alias.
 */
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { allow, type Grantee } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";
import { keyByAlias } from "./snapshot-access";

const INSTANCES = "Environments come and go without a deployment, and RDS names snapshots when they are made.";
const USE_OF_KEYS = [
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];
/** RDS uses a key through grants. */
const GRANTS = { Bool: { "kms:GrantIsForAWSResource": "true" } };

export interface BackupRoleProps {
  readonly region: ServiceRegion;
  readonly key: Key;
}

export class BackupRole extends Construct implements Grantee {
  readonly role: Role;

  constructor(scope: Construct, id: string, { region, key }: BackupRoleProps) {
    super(scope, id);
    const { account, names, row, stage } = region;
    this.role = new Role(this, "Role", {
      roleName: names.backupRole(),
      description: `AWS Backup makes and copies recovery points of ${row.region}`,
      assumedBy: new ServicePrincipal("backup.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": account } },
      }),
    });
    const replica = row.replication.region;
    const pointsIn = (at: string): string => `arn:aws:rds:${at}:${account}:snapshot:awsbackup:*`;
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
      resources: [`arn:aws:rds:${row.region}:${account}:db:*`, pointsIn(row.region)],
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
      resources: [pointsIn(replica)],
      conditions: { StringEquals: { "aws:RequestedRegion": replica } },
      wildcard: INSTANCES,
    });
    allow(this, {
      actions: ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
      resources: [names.vaultArn("replica", replica)],
    });
    const tagged = { [`aws:ResourceTag/${stage.resourceTag.key}`]: stage.resourceTag.value };
    const ofInstances = {
      resources: [`arn:aws:kms:${row.region}:${account}:key/*`],
      wildcard: "The keys of RDS instances are known by a tag, which the condition demands.",
    };
    allow(this, { actions: USE_OF_KEYS, ...ofInstances, conditions: { StringEquals: tagged } });
    allow(this, { actions: ["kms:CreateGrant"], ...ofInstances, conditions: { StringEquals: tagged, ...GRANTS } });
    allow(this, { actions: USE_OF_KEYS, resources: [key.keyArn] });
    allow(this, { actions: ["kms:CreateGrant"], resources: [key.keyArn], conditions: GRANTS });
    const ofReplica = keyByAlias(region, replica, names.keyAlias("replica"), USE_OF_KEYS);
    allow(this, ofReplica);
    allow(this, { ...ofReplica, actions: ["kms:CreateGrant"], conditions: { ...ofReplica.conditions, ...GRANTS } });
  }
}
