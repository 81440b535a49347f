/**
 * What takes a guard off, action by action, with AWS's own words for where that stands: held against the synthesized
 * policies and the control policy, which know families of actions. And what must stay possible.
 */
const REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference";
const S3 = `${REFERENCE}/list_amazons3.html`;
const KMS = `${REFERENCE}/list_awskeymanagementservice.html`;
const BACKUP = `${REFERENCE}/list_awsbackup.html`;
const DYNAMODB = `${REFERENCE}/list_amazondynamodb.html`;

/** Who alone may: deployments and the break-glass role, or that role only. */
export type Keeper = "deployments" | "break-glass";
export interface RemovingAction {
  readonly type: "AWS::S3::Bucket" | "AWS::KMS::Key" | "AWS::Backup::BackupVault" | "AWS::DynamoDB::Table";
  readonly action: string;
  /** What it takes off. */
  readonly off: string;
  readonly by: Keeper;
  readonly source: string;
  /** An object in the bucket instead of the bucket. */
  readonly onObjects?: true;
}

const bucket = (action: string, off: string, more: Partial<RemovingAction> = {}): RemovingAction => ({
  type: "AWS::S3::Bucket",
  action: `s3:${action}`,
  off,
  by: "deployments",
  source: S3,
  ...more,
});
const key = (action: string, off: string, by: Keeper = "deployments"): RemovingAction => ({
  type: "AWS::KMS::Key",
  action: `kms:${action}`,
  off,
  by,
  source: KMS,
});
const vault = (action: string, off: string): RemovingAction => ({
  type: "AWS::Backup::BackupVault",
  action: `backup:${action}`,
  off,
  by: "deployments",
  source: BACKUP,
});
const table = (action: string, off: string): RemovingAction => ({
  type: "AWS::DynamoDB::Table",
  action: `dynamodb:${action}`,
  off,
  by: "deployments",
  source: DYNAMODB,
});

export const REMOVING: readonly RemovingAction[] = [
  bucket("DeleteBucket", "an emptied bucket, and its name with it"),
  bucket("DeleteBucketPolicy", "every refusal of the bucket"),
  bucket("PutBucketPolicy", "every refusal of the bucket"),
  bucket("PutBucketVersioning", "versions: an object is overwritten"),
  bucket("PutBucketObjectLockConfiguration", "the default of locks"),
  bucket("PutBucketPublicAccessBlock", "the ban on public access"),
  bucket("PutBucketOwnershipControls", "the ban on access lists"),
  bucket("PutBucketAcl", "who owns access"),
  bucket("PutBucketAbac", "who may what, by tags of the bucket"),
  bucket("PutBucketTagging", "what such tags say"),
  bucket("PutBucketWebsite", "that nothing is served"),
  bucket("PutBucketCORS", "which pages may upload"),
  bucket("PutBucketLogging", "where accesses are told"),
  bucket("PutBucketNotification", "who is told of objects"),
  bucket("DeleteBucketWebsite", "a setting like the others"),
  bucket("PutLifecycleConfiguration", "that S3 deletes nothing by itself"),
  bucket("PutReplicationConfiguration", "the copy in the other region; also deletes it"),
  bucket("PauseReplication", "the copy in the other region, for a while"),
  bucket("PutEncryptionConfiguration", "the key of new objects"),
  bucket("PutIntelligentTieringConfiguration", "that objects can be read at once"),
  bucket("UpdateObjectEncryption", "the key of an object without a lock, such as a record", { onObjects: true }),
  key("PutKeyPolicy", "every refusal of the key"),
  key("UpdateAlias", "the key that a name stands for, as replication and roles know it"),
  key("DeleteAlias", "the key that a name stands for"),
  key("DisableKeyRotation", "rotation"),
  key("DisableKey", "everything that is encrypted with it", "break-glass"),
  key("ScheduleKeyDeletion", "everything that is encrypted with it", "break-glass"),
  vault("PutBackupVaultAccessPolicy", "every refusal of the vault"),
  vault("DeleteBackupVaultAccessPolicy", "every refusal of the vault"),
  vault("PutBackupVaultLockConfiguration", "the days of the lock"),
  vault("DeleteBackupVaultLockConfiguration", "the lock, in governance mode"),
  vault("DeleteBackupVault", "an emptied vault, and its name with it"),
  table("DeleteTable", "the catalog"),
  table("UpdateTable", "deletion protection"),
  table("UpdateContinuousBackups", "recovery to an earlier minute"),
  table("UpdateTimeToLive", "that DynamoDB deletes no item by itself"),
  table("PutResourcePolicy", "every refusal of the table"),
  table("DeleteResourcePolicy", "every refusal of the table"),
];

/** No guard goes with these; refusing them would stop backups, or what an account's own tools do. */
export const HARMLESS: readonly (readonly [type: RemovingAction["type"], action: string])[] = [
  ["AWS::S3::Bucket", "s3:GetBucketPolicy"],
  ["AWS::S3::Bucket", "s3:ListBucketVersions"],
  ["AWS::S3::Bucket", "s3:PutInventoryConfiguration"],
  ["AWS::S3::Bucket", "s3:PutMetricsConfiguration"],
  // A grant holds nothing that the key's policy refuses.
  ["AWS::KMS::Key", "kms:CreateGrant"],
  ["AWS::KMS::Key", "kms:EnableKey"],
  ["AWS::KMS::Key", "kms:CancelKeyDeletion"],
  ["AWS::KMS::Key", "kms:EnableKeyRotation"],
  ["AWS::KMS::Key", "kms:GenerateDataKey"],
  ["AWS::Backup::BackupVault", "backup:StartBackupJob"],
  ["AWS::Backup::BackupVault", "backup:CopyIntoBackupVault"],
  ["AWS::Backup::BackupVault", "backup:DescribeBackupVault"],
  ["AWS::DynamoDB::Table", "dynamodb:PutItem"],
  ["AWS::DynamoDB::Table", "dynamodb:RestoreTableToPointInTime"],
  ["AWS::DynamoDB::Table", "dynamodb:CreateBackup"],
];
