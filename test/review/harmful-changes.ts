/** Changes that a review refuses. */
import type { Json } from "../support/synthesized";
import type { TemplateChange } from "./harmless-changes";
import type { Changed } from "./template-changes";
import { LESS_KEPT } from "./less-kept-changes";
import { WIDENING } from "./widening-changes";

const PRIMARY = "Primary-Osaka";
const BUCKET = "AWS::S3::Bucket";
const TABLE = "AWS::DynamoDB::Table";
const lockMode = (changed: Changed, mode: string): void => {
  for (const { Type, Properties } of Object.values<Json>(changed.stack(PRIMARY).template.Resources))
    if (Type === "AWS::Lambda::Function" && Properties.Environment.Variables.LOCK_MODE !== undefined)
      Properties.Environment.Variables.LOCK_MODE = mode;
};
const addVault = (
  changed: Changed,
  LockConfiguration: Json,
  EncryptionKeyArn = "arn:aws:kms:ap-northeast-3:123456789012:key/1",
): void => {
  changed.stack(PRIMARY).template.Resources.Vault = {
    Type: "AWS::Backup::BackupVault",
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: { BackupVaultName: "backups-ap-northeast-3-points", EncryptionKeyArn, LockConfiguration },
  };
};
const defaultRetention = (changed: Changed, Mode: string, Days: number): void => {
  changed.properties(PRIMARY, BUCKET, "primary").ObjectLockConfiguration = {
    Rule: { DefaultRetention: { Mode, Days } },
  };
};

export const HARMFUL: readonly TemplateChange[] = [
  ...WIDENING,
  ...LESS_KEPT,
  {
    change: "a locked bucket gets another name",
    make: (changed) => {
      changed.properties(PRIMARY, BUCKET, "primary").BucketName = "backups-new";
    },
    says: [
      'In Osaka, the bucket "primary" is replaced by a new, empty one, because BucketName changes from backups-<account>-<region>-primary to backups-new.',
    ],
  },
  {
    change: "a bucket loses Object Lock",
    make: (changed) => {
      delete changed.properties("Replica-Osaka", BUCKET, "replica").ObjectLockEnabled;
    },
    says: [
      'In Osaka, the bucket "replica" can\'t be updated, because ObjectLockEnabled changes from true to nothing and AWS refuses that.',
    ],
  },
  {
    change: "a locked bucket's construct moves",
    make: (changed) => {
      const { Resources } = changed.stack(PRIMARY).template;
      const id = changed.logicalId(PRIMARY, BUCKET, "primary");
      Resources.StoreBucket12345678 = Resources[id];
      delete Resources[id];
    },
    says: [
      'In Osaka, the bucket "primary" is made anew, because its logical id changes from SnapshotsBucket4B2233F7 to StoreBucket12345678: CloudFormation leaves the old one without a stack and can\'t make another of the same name.',
    ],
  },
  {
    change: "a locked bucket leaves the template, retained",
    make: (changed) => {
      delete changed.stack("Replica-Osaka").template.Resources[changed.logicalId("Replica-Osaka", BUCKET, "replica")];
    },
    says: [
      'In Osaka, the bucket "replica" (SnapshotsBucket4B2233F7) leaves its stack and stays behind without one, unguarded by the next deployment.',
    ],
  },
  {
    change: "a bucket's versions are suspended",
    make: (changed) => {
      changed.properties(PRIMARY, BUCKET, "primary").VersioningConfiguration.Status = "Suspended";
    },
    says: [
      'In Osaka, the bucket "primary" no longer keeps versions, so that objects can be overwritten, because VersioningConfiguration.Status changes from Enabled to Suspended.',
    ],
  },
  {
    change: "a lifecycle rule deletes what is in a locked bucket",
    make: (changed) => {
      changed.properties(PRIMARY, BUCKET, "primary").LifecycleConfiguration.Rules.push({
        Id: "tidy",
        Status: "Enabled",
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
      });
    },
    says: ['In Osaka, S3 itself deletes what is in the bucket "primary" by the lifecycle rule tidy.'],
  },
  {
    change: "replication is switched off",
    make: (changed) => {
      changed.properties(PRIMARY, BUCKET, "primary").ReplicationConfiguration.Rules[0].Status = "Disabled";
    },
    says: ['In Osaka, the bucket "primary" is no longer replicated by the rule snapshots.'],
  },
  {
    change: "replication without time control",
    make: (changed) => {
      delete changed.properties(PRIMARY, BUCKET, "primary").ReplicationConfiguration.Rules[0].Destination
        .ReplicationTime;
    },
    says: ['In Osaka, nothing promises any more that the bucket "primary" is replicated within 15 minutes.'],
  },
  {
    change: "a bucket policy no longer refuses the bypass",
    make: (changed) => {
      const { PolicyDocument } = changed.properties(PRIMARY, "AWS::S3::BucketPolicy", "Snapshots");
      PolicyDocument.Statement = PolicyDocument.Statement.filter(
        ({ Sid }: Json) => Sid !== "OnlyDeletingRoleBypassesGovernance",
      );
    },
    says: [
      "In Osaka, the policy of the bucket SnapshotsBucket no longer refuses s3:BypassGovernanceRetention; it did to everyone but the role backups-<account>-<region>-deletion.",
    ],
  },
  {
    change: "a bucket policy lets someone in",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::S3::BucketPolicy", "Snapshots").PolicyDocument.Statement.push({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::999999999999:root" },
        Action: "s3:GetObject",
        Resource: "*",
      });
    },
    says: [
      "In Osaka, the policy of the bucket SnapshotsBucket now lets arn:aws:iam::999999999999:root do s3:GetObject on everything.",
    ],
  },
  {
    change: "a bucket policy is removed",
    make: (changed) => {
      delete changed.stack(PRIMARY).template.Resources[
        changed.logicalId(PRIMARY, "AWS::S3::BucketPolicy", "Snapshots")
      ];
    },
    says: [
      "In Osaka, the policy of the bucket SnapshotsBucket (SnapshotsBucketPolicyD6CE744A) leaves its stack and stays behind without one, unguarded by the next deployment.",
    ],
  },
  {
    change: "anyone may destroy a key",
    make: (changed) => {
      const { KeyPolicy } = changed.properties(PRIMARY, "AWS::KMS::Key", "Key");
      KeyPolicy.Statement = KeyPolicy.Statement.filter(({ Effect }: Json) => Effect !== "Deny");
    },
    says: [
      'In Osaka, the key "Snapshots of <place>" no longer refuses kms:DisableKey and kms:ScheduleKeyDeletion; it did to everyone but the role backups-break-glass.',
      'In Osaka, the key "Snapshots of <place>" no longer refuses kms:DeleteAlias, kms:DisableKeyRotation, kms:PutKeyPolicy and kms:UpdateAlias; it did to everyone but the roles backups-break-glass and cdk-hnb659fds-cfn-exec-role-<account>-<region>.',
    ],
  },
  {
    change: "a key no longer rotates",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::KMS::Key", "Key").EnableKeyRotation = false;
    },
    says: [
      'In Osaka, the key "Snapshots of <place>" no longer rotates, because EnableKeyRotation changes from true to false.',
    ],
  },
  {
    change: "a key is made anew",
    make: (changed) => {
      const { Resources } = changed.stack(PRIMARY).template;
      const id = changed.logicalId(PRIMARY, "AWS::KMS::Key", "Key");
      Resources.Key00000000 = Resources[id];
      delete Resources[id];
      changed.stack(PRIMARY).template = JSON.parse(
        JSON.stringify(changed.stack(PRIMARY).template).replaceAll(`"${id}"`, '"Key00000000"'),
      );
    },
    says: [
      'In Osaka, the key "Snapshots of <place>" is made anew, because its logical id changes from Key9BCD29C7 to Key00000000: CloudFormation leaves the old one without a stack and begins with a new one that opens nothing.',
    ],
  },
  {
    change: "an alias leads to another key",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::KMS::Alias", "primary").TargetKeyId = "arn:aws:kms:ap-northeast-3:1:key/2";
    },
    says: ['In Osaka, the alias "primary" leads to another key, arn:aws:kms:<region>:1:key/2 instead of <Key.Arn>.'],
  },
  {
    change: "the catalog has another key schema",
    make: (changed) => {
      changed.properties(PRIMARY, TABLE).KeySchema[1].AttributeName = "sortKey";
    },
    says: [
      'In Osaka, the table "catalog" is replaced by a new, empty one, because KeySchema changes from [{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}] to [{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sortKey","KeyType":"RANGE"}].',
    ],
  },
  {
    change: "the catalog loses its deletion protection and its recovery",
    make: (changed) => {
      const properties = changed.properties(PRIMARY, TABLE);
      properties.DeletionProtectionEnabled = false;
      properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled = false;
    },
    says: [
      'In Osaka, the table "catalog" can be deleted by anyone who may delete tables, because DeletionProtectionEnabled changes from true to false.',
      'In Osaka, the table "catalog" can no longer be brought back to an earlier minute, because PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled changes from true to false.',
    ],
  },
  {
    change: "a stack loses its termination protection",
    make: (changed) => {
      changed.stack("Replica-Osaka").terminationProtection = false;
    },
    says: ["Osaka's stack Replica loses its termination protection, and one command can delete it."],
  },
  {
    change: "the nightly retention gets shorter",
    make: (changed) => {
      changed.rules.retention.nightly = { days: 7 };
    },
    says: ["Nightly snapshots taken from now on are kept 7 days instead of 14 days, which users were promised."],
  },
  {
    change: "Sundays are nightly",
    make: (changed) => {
      changed.rules.tiers = changed.rules.tiers.replaceAll("w", "n");
    },
    says: [
      "Nights have other tiers, 11 in a quarter (2026-11-08 is nightly instead of weekly), and 11 of them are kept shorter than users were promised.",
    ],
  },
  {
    change: "lock mode falls from compliance to governance",
    make: (changed) => {
      changed.before = (earlier) => lockMode(earlier, "COMPLIANCE");
      lockMode(changed, "GOVERNANCE");
    },
    says: [
      "In Osaka, new snapshots are locked in governance mode instead of compliance, and can be deleted before their expiry.",
    ],
  },
  {
    change: "a vault's lock gets weaker",
    make: (changed) => {
      changed.before = (earlier) =>
        addVault(earlier, { MinRetentionDays: 14, MaxRetentionDays: 400, ChangeableForDays: 3 });
      addVault(changed, { MinRetentionDays: 7, MaxRetentionDays: 400 });
    },
    says: [
      'In Osaka, the vault "points" accepts shorter retentions, because MinRetentionDays changes from 14 to 7.',
      'In Osaka, the vault "points" falls back from compliance to governance mode.',
    ],
  },
  {
    change: "a vault gets another key and loses its lock",
    make: (changed) => {
      changed.before = (earlier) => addVault(earlier, { MinRetentionDays: 14 });
      addVault(changed, undefined, "arn:aws:kms:ap-northeast-3:123456789012:key/2");
    },
    says: [
      'In Osaka, the vault "points" is replaced by a new, empty one, because EncryptionKeyArn changes from arn:aws:kms:<region>:123456789012:key/1 to arn:aws:kms:<region>:123456789012:key/2.',
      'In Osaka, the vault "points" is no longer locked.',
    ],
  },
  {
    change: "a vault leaves the template",
    make: (changed) => {
      changed.before = (earlier) => addVault(earlier, { MinRetentionDays: 14 });
    },
    says: [
      'In Osaka, the vault "points" (Vault) leaves its stack and stays behind without one, unguarded by the next deployment.',
    ],
  },
  {
    change: "a default retention gets shorter and leaves compliance mode",
    make: (changed) => {
      changed.before = (earlier) => defaultRetention(earlier, "COMPLIANCE", 14);
      defaultRetention(changed, "GOVERNANCE", 7);
    },
    says: [
      'In Osaka, the bucket "primary" locks new objects for 7 days by default instead of 14.',
      'In Osaka, the bucket "primary" no longer locks new objects in compliance mode by default.',
    ],
  },
  {
    change: "an alarm tells nobody",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::CloudWatch::Alarm", "backup-failed").AlarmActions = [];
    },
    says: ['In Osaka, the alarm "backup-failed" no longer tells anybody.'],
  },
  {
    change: "the nights are switched off",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::Scheduler::Schedule", "nightly-window").State = "DISABLED";
    },
    says: ['In Osaka, the schedule "nightly-window" no longer runs, because its State becomes DISABLED.'],
  },
  {
    change: "replicas would leave the political region",
    make: (changed) => {
      changed.moveReplicas("Frankfurt", ["Dublin", "eu-west-1"], ["London", "eu-west-2"]);
    },
    says: [
      "Frankfurt's replicas in Dublin are no longer looked after: its stack backups-eu-central-1-replica in eu-west-1 leaves the app and stays at AWS as it is.",
      "Frankfurt's replicas stand in London (UK) and leave EU.",
    ],
    changes: [
      "Frankfurt's replicas move from Dublin to London: new snapshots go there, and those there are stay until they expire.",
      "In Frankfurt, the stack backups-eu-central-1-replica in London is new.",
    ],
  },
  {
    change: "a place counts as another political region",
    make: (changed) => {
      changed.rules.politicalRegions["eu-west-2"] = "EU";
      changed.moveReplicas("Frankfurt", ["Dublin", "eu-west-1"], ["London", "eu-west-2"]);
    },
    says: [
      "Frankfurt's replicas in Dublin are no longer looked after: its stack backups-eu-central-1-replica in eu-west-1 leaves the app and stays at AWS as it is.",
      "London (eu-west-2) counts as EU instead of UK, so that data may go elsewhere than users were promised.",
      "Frankfurt's replicas stand in London (UK) and leave EU.",
    ],
    changes: [
      "Frankfurt's replicas move from Dublin to London: new snapshots go there, and those there are stay until they expire.",
      "In Frankfurt, the stack backups-eu-central-1-replica in London is new.",
    ],
  },
  {
    change: "a new exception from residency",
    make: (changed) => {
      changed.rules.residencyExceptions.push("Frankfurt→London");
    },
    says: ["Data may leave its political region on a new way, Frankfurt→London."],
  },
  {
    change: "a region leaves the stage",
    make: (changed) => {
      changed.stacks = changed.stacks.filter(({ id }: Json) => !id.endsWith("-Osaka"));
    },
    says: [
      "Osaka's replicas in Tokyo are no longer looked after: its stack backups-ap-northeast-3-replica in ap-northeast-1 leaves the app and stays at AWS as it is.",
      "In Osaka, nightly backups are no longer looked after: its stack backups-ap-northeast-3-primary in ap-northeast-3 leaves the app and stays at AWS as it is.",
    ],
  },
  {
    change: "a stack gets another name",
    make: (changed) => {
      changed.stack(PRIMARY).stackName = "backups-osaka";
    },
    says: [
      "In Osaka, everything is made anew as backups-osaka: its stack backups-ap-northeast-3-primary in ap-northeast-3 leaves the app and stays at AWS as it is, with buckets, keys and catalog.",
    ],
    changes: ["Nightly backups begin in Osaka, at 00:00 UTC, replicated to Tokyo."],
  },
];
