/**
 * What takes a guard off, for each kind of resource that holds data. Bucket policies, key policies, vaults' and the
 * catalog's own policies deny these, and so does the service control policy.
 *
 * Which action works on which resource: AWS's Service Authorization Reference
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
 */

/**
 * By family where S3 has one, because it gets new settings, and each may be a way around: policy, versions, Object Lock,
 * public access, ownership, access lists; lifecycle, replication, encryption, tiers that take hours to read. `Update*` is
 * the key of an object without a lock, such as a record; `PauseReplication` is what AWS's fault injection does. Wildcards
 * stand at the end only, as control policies want them
 * (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html).
 */
export const BUCKET_SETTINGS = [
  "s3:DeleteBucket*",
  "s3:PauseReplication",
  "s3:PutBucket*",
  "s3:PutEncryptionConfiguration",
  "s3:PutIntelligentTieringConfiguration",
  "s3:PutLifecycleConfiguration",
  "s3:PutReplicationConfiguration",
  "s3:Update*",
] as const;

/** An alias leads to its key: the key's policy is asked as well as the caller's (https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html). */
export const ALIAS_CHANGES = ["kms:DeleteAlias", "kms:UpdateAlias"] as const;
/** The key's own settings. A grant can hold none of these (https://docs.aws.amazon.com/kms/latest/developerguide/grants.html), so making one is no way around. */
export const KEY_SETTINGS = ["kms:DisableKeyRotation", "kms:PutKeyPolicy"] as const;
/** What makes everything that is encrypted with the key unreadable: no deployment needs it either. */
export const KEY_DESTRUCTION = ["kms:DisableKey", "kms:ScheduleKeyDeletion"] as const;

/** Action by action: a vault's policy takes no wildcards (https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html). */
export const VAULT_SETTINGS = [
  "backup:DeleteBackupVault",
  "backup:DeleteBackupVaultAccessPolicy",
  "backup:DeleteBackupVaultLockConfiguration",
  "backup:PutBackupVaultAccessPolicy",
  "backup:PutBackupVaultLockConfiguration",
] as const;
/** Of recovery points, which no deployment knows. */
export const RECOVERY_POINT_SETTINGS = ["backup:UpdateRecoveryPointLifecycle"] as const;

/**
 * What a table's policy can deny: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html.
 * `UpdateTable` takes deletion protection off, `UpdateTimeToLive` lets DynamoDB itself delete items.
 */
export const TABLE_SETTINGS = [
  "dynamodb:DeleteResourcePolicy",
  "dynamodb:DeleteTable",
  "dynamodb:PutResourcePolicy",
  "dynamodb:UpdateContinuousBackups",
  "dynamodb:UpdateTable",
  "dynamodb:UpdateTimeToLive",
] as const;
