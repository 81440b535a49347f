/**
 * What AWS Backup asks of the roles that it is handed, for RDS instances: the statements that AWS names for RDS, of its
 * two managed policies (versions of February 2026 and November 2025), and on which resources RDS judges them. Every
 * action of these statements is either needed or left out with its reason.
 *
 * Sources: the two policies; which statements are RDS's: "Managed policies for AWS Backup", customer managed policies
 * (https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html); resource types of the actions:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html and list_awsbackup.html; keys:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html
 */
import type { Need } from "./need";

const POLICIES = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/";
export const FOR_BACKUP = `${POLICIES}AWSBackupServiceRolePolicyForBackup.html`;
export const FOR_RESTORES = `${POLICIES}AWSBackupServiceRolePolicyForRestores.html`;

/** Of the statements for RDS, without clusters. */
export const DOCUMENTED_FOR_BACKUP: readonly string[] = [
  "backup:CopyFromBackupVault",
  "backup:CopyIntoBackupVault",
  "backup:DescribeBackupVault",
  "backup:TagResource",
  "kms:CreateGrant",
  "kms:DescribeKey",
  "rds:AddTagsToResource",
  "rds:CopyDBSnapshot",
  "rds:CreateDBSnapshot",
  "rds:DeleteDBInstanceAutomatedBackup",
  "rds:DeleteDBSnapshot",
  "rds:DescribeDBInstances",
  "rds:DescribeDBSnapshots",
  "rds:ListTagsForResource",
  "rds:ModifyDBInstance",
  "rds:ModifyDBSnapshotAttribute",
  "tag:GetResources",
];
export const LEFT_OUT_OF_BACKUP: Readonly<Record<string, string>> = {
  "backup:TagResource": "for recovery points of AWS Backup's own kind; those of RDS are snapshots, tagged through RDS",
  "rds:DeleteDBInstanceAutomatedBackup": "for continuous backups, of which there are none",
  "rds:ModifyDBInstance": "for continuous backups, of which there are none",
  "rds:ModifyDBSnapshotAttribute": "for copies to other accounts",
  "tag:GetResources": "for backup plans that choose resources by tag; every job here names its instance",
};
export const DOCUMENTED_FOR_RESTORES: readonly string[] = [
  "kms:CreateGrant",
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
  "rds:AddTagsToResource",
  "rds:CreateDBInstance",
  "rds:CreateTenantDatabase",
  "rds:DeleteDBInstance",
  "rds:DeleteTenantDatabase",
  "rds:DescribeDBInstances",
  "rds:DescribeDBSnapshots",
  "rds:ListTagsForResource",
  "rds:RestoreDBInstanceFromDBSnapshot",
  "rds:RestoreDBInstanceToPointInTime",
];
export const LEFT_OUT_OF_RESTORES: Readonly<Record<string, string>> = {
  "rds:CreateTenantDatabase": "for Oracle's tenant databases",
  "rds:DeleteTenantDatabase": "for Oracle's tenant databases",
  "rds:RestoreDBInstanceToPointInTime": "for continuous backups, of which there are none",
};

/** A KMS key as a request meets it. */
export interface MetKey {
  readonly arn: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly alias?: string;
  /** Of AWS itself, such as `aws/rds`: it can't be tagged, and its own policy admits whoever works through RDS. */
  readonly isOfAws?: boolean;
}

const lookAt = ({ arn, tags = {}, alias }: MetKey): Need => ({
  actions: ["kms:DescribeKey"],
  on: [arn],
  tags,
  context: {
    "aws:RequestedRegion": arn.split(":")[3] ?? "",
    ...(alias === undefined ? {} : { "kms:ResourceAliases": alias }),
  },
});
const useOf = (key: MetKey, region: string, actions: readonly string[]): readonly Need[] => {
  if (key.isOfAws === true) return [lookAt(key)];
  const context = {
    "kms:ViaService": `rds.${region}.amazonaws.com`,
    ...(key.alias === undefined ? {} : { "kms:ResourceAliases": key.alias }),
  };
  const at = { on: [key.arn], tags: key.tags ?? {} };
  return [
    lookAt(key),
    { ...at, actions, context },
    { ...at, actions: ["kms:CreateGrant"], context: { ...context, "kms:GrantIsForAWSResource": "true" } },
  ];
};

export interface BackupFacts {
  readonly region: string;
  readonly vaultArn: string;
  readonly instanceArn: string;
  /** Of the snapshot that is made. */
  readonly pointArn: string;
  /** Of the instance; undefined where it is not encrypted. */
  readonly key: MetKey | undefined;
}
export const needsOfBackup = ({ region, vaultArn, instanceArn, pointArn, key }: BackupFacts): readonly Need[] => [
  { actions: ["backup:DescribeBackupVault"], on: [vaultArn] },
  { actions: ["rds:DescribeDBInstances", "rds:ListTagsForResource"], on: [instanceArn] },
  { actions: ["rds:CreateDBSnapshot"], on: [instanceArn, pointArn] },
  { actions: ["rds:AddTagsToResource", "rds:DescribeDBSnapshots", "rds:ListTagsForResource"], on: [pointArn] },
  ...(key === undefined ? [] : useOf(key, region, [])),
];

/** When a lifecycle ends, AWS Backup deletes with the role that it made the recovery point with. */
export const needsOfExpiry = (pointArn: string): readonly Need[] => [
  {
    actions: ["rds:DeleteDBSnapshot", "rds:DescribeDBSnapshots"],
    on: [pointArn],
    context: { "aws:RequestedRegion": pointArn.split(":")[3] ?? "" },
  },
];

export interface CopyFacts {
  readonly fromVaultArn: string;
  readonly intoVaultArn: string;
  readonly pointArn: string;
  readonly copyArn: string;
  readonly key: MetKey | undefined;
  /** Of the vault that is copied into. */
  readonly intoKey: MetKey;
}
/** A snapshot is copied by the region that it goes to; both keys are used there and here. */
export const needsOfCopy = (facts: CopyFacts): readonly Need[] => {
  const { fromVaultArn, intoVaultArn, pointArn, copyArn, key, intoKey } = facts;
  const [from, into] = [pointArn, copyArn].map((arn) => arn.split(":")[3] ?? "") as [string, string];
  const inTarget = { "aws:RequestedRegion": into };
  const context = { "backup:CopyTargets": intoVaultArn };
  const reencrypt = ["kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:Encrypt", "kms:GenerateDataKey"];
  return [
    { actions: ["backup:DescribeBackupVault"], on: [fromVaultArn, intoVaultArn] },
    { actions: ["backup:CopyFromBackupVault"], on: [pointArn], context },
    { actions: ["backup:CopyIntoBackupVault"], on: [intoVaultArn] },
    { actions: ["rds:DescribeDBSnapshots", "rds:ListTagsForResource", "rds:CopyDBSnapshot"], on: [pointArn] },
    {
      actions: ["rds:AddTagsToResource", "rds:CopyDBSnapshot", "rds:DescribeDBSnapshots", "rds:ListTagsForResource"],
      on: [copyArn],
      context: inTarget,
    },
    ...(key === undefined ? [] : useOf(key, from, reencrypt)),
    ...useOf(intoKey, into, reencrypt),
  ];
};

export interface RestoreFacts {
  readonly region: string;
  readonly pointArn: string;
  /** As the restore's metadata name them. */
  readonly instance: string;
  readonly subnetGroup: string;
  readonly parameterGroup: string;
  readonly optionGroup: string;
  /** Of the snapshot, and of the instance unless the metadata choose another. */
  readonly keys: readonly MetKey[];
  readonly account: string;
}
/** Security groups are no resource of RDS's actions. RDS's own service-linked role stands where there is an instance. */
export const needsOfRestore = (facts: RestoreFacts): readonly Need[] => {
  const { region, account, pointArn, keys } = facts;
  const rds = (type: string, name: string): string => `arn:aws:rds:${region}:${account}:${type}:${name}`;
  const made = rds("db", facts.instance);
  const groups = [rds("subgrp", facts.subnetGroup), rds("pg", facts.parameterGroup), rds("og", facts.optionGroup)];
  const use = [
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
  ];
  return [
    { actions: ["rds:DescribeDBSnapshots", "rds:ListTagsForResource"], on: [pointArn] },
    { actions: ["rds:DescribeDBInstances", "rds:AddTagsToResource"], on: [made] },
    { actions: ["rds:RestoreDBInstanceFromDBSnapshot"], on: [made, pointArn, ...groups] },
    { actions: ["rds:CreateDBInstance"], on: [made, ...groups] },
    ...keys.flatMap((key) => useOf(key, region, use)),
  ];
};
/** What AWS Backup takes back; the service has marked it by then. */
export const needsOfTakingBack = (instanceArn: string, mark: string): readonly Need[] => [
  { actions: ["rds:DeleteDBInstance"], on: [instanceArn], tags: { [mark]: "a restore" } },
];
