/**
 * Grants that a night, a restore, a deletion and an expiry without any trouble do not need, with the reason for each.
 * Roles are named without prefix, account and region.
 */
export interface Explanation {
  readonly role: RegExp;
  readonly action: RegExp;
  readonly reason: string;
}

export const EXPLAINED_GRANTS: readonly Explanation[] = [
  { role: /./, action: /^logs:|^xray:/, reason: "Lambda, Step Functions and ECS write logs and traces by themselves" },
  { role: /./, action: /^kms:/, reason: "S3, SNS and Secrets Manager use the keys on the caller's behalf" },
  { role: /^replication$/, action: /^s3:/, reason: "S3 itself works with this role" },
  { role: /^start-task$/, action: /^ecr:/, reason: "ECS pulls the image with this role" },
  { role: /^start-/, action: /^sqs:SendMessage$/, reason: "Scheduler keeps events that it could not deliver" },
  {
    role: /^run-/,
    action: /^ecs:(StopTask|DescribeTasks)$/,
    reason: "Step Functions watches the task it waits for, and stops it with the execution",
  },
  {
    role: /^backup-plan$/,
    action: /^s3:PutObjectRetention$/,
    reason: "locks are renewed only where a backup has waited for a place for a day",
  },
  { role: /^backup-fail$/, action: /./, reason: "only after a failure" },
  { role: /^backup-begin$/, action: /^s3:PutObject$/, reason: "records how a snapshot ended whose execution died" },
  {
    role: /./,
    action: /^s3:ListBucket$/,
    reason: "without it S3 answers 403 instead of 404 for an absent key (rule 9)",
  },
  { role: /./, action: /^s3:AbortMultipartUpload$/, reason: "only after an upload has failed" },
  {
    role: /./,
    action: /^s3:GetObject(Version|Retention)?$|^s3:ListBucketVersions$/,
    reason: "reading snapshots is granted as a whole",
  },
  {
    role: /^(backup-pack|database-task|drill|restore)$/,
    action: /^s3:(Get|Put)Object(Version)?Tagging$/,
    reason: "only for files that have tags, in buckets with versions or without",
  },
  { role: /./, action: /^events:PutEvents$/, reason: "for changes of state that this run did not bring about" },
  { role: /./, action: /^sns:Publish$/, reason: "only when someone has to be told" },
  {
    role: /./,
    action: /^(ecs:DescribeTasks|states:DescribeExecution)$/,
    reason: "only to take over the lease of an operation that has died",
  },
  {
    role: /./,
    action: /^dynamodb:/,
    reason: "using the catalog is granted as a whole; the crash suite needs the rest",
  },
  {
    role: /^(restore|database-task)$/,
    action: /^s3:DeleteObject(Version)?$/,
    reason: "undoing a restore that failed, on versioned buckets too",
  },
  {
    role: /^run-archive$/,
    action: /^(ecs|events|iam):/,
    reason: "only a dump too large for a function is archived by the task",
  },
  {
    role: /^(archive|api)$/,
    action: /^s3:DeleteObject$/,
    reason: "only after a failure, or when an upload is given up",
  },
  { role: /^restore$/, action: /^s3:ListBucketMultipartUploads$/, reason: "undoing a restore that failed" },
  {
    role: /^restore$/,
    action: /^s3:GetObjectTagging$/,
    reason: "only for files that stand at the target with other bytes, and with tags",
  },
  {
    role: /^recovery-points?$/,
    action: /./,
    reason:
      "only for databases that AWS Backup keeps; test/templates/recovery-vaults.test.ts holds those calls against the role",
  },
  {
    role: /^(backup-seal|replication-check|retention|deletion)$/,
    action: /^(backup:|iam:CreateServiceLinkedRole$)/,
    reason: "only for snapshots whose database is a recovery point; the same test plays retention's calls",
  },
  {
    role: /^restoring$/,
    action: /./,
    reason:
      "AWS Backup itself restores with this role, only recovery points; test/templates/service-needs.test.ts says what it needs",
  },
  {
    role: /^instance-swap$/,
    action: /./,
    reason: "only for snapshots whose database is a recovery point; test/instance-swap/permissions.test.ts plays those",
  },
  {
    role: /^restore$/,
    action: /^(backup:DescribeRecoveryPoint|rds:DescribeAccountAttributes)$/,
    reason: "only to plan the restore of a recovery point",
  },
  { role: /^replication-check$/, action: /^s3:PutObject(Retention)?$/, reason: "only for what S3 gave up on" },
  {
    role: /^(retention|deletion)$/,
    action: /^s3:PutObject(Retention)?$/,
    reason: "records of what was deleted, and of retention's calendar",
  },
  {
    role: /^(retention|requests)$/,
    action: /^states:StartExecution$/,
    reason: "replication checks that never ran; backups that users ask for",
  },
];
