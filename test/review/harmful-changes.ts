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
      'In Osaka, the bucket "primary" would be replaced by a new, empty one, because BucketName changes from backups-<account>-<region>-primary to backups-new; keep the former value.',
    ],
  },
  {
    change: "a bucket loses Object Lock",
    make: (changed) => {
      delete changed.properties("Replica-Osaka", BUCKET, "replica").ObjectLockEnabled;
    },
    says: [
      `In Osaka, the bucket "replica" can't be updated, because ObjectLockEnabled changes from true to nothing and AWS refuses that; keep the former value.`,
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
      'In Osaka, the bucket "primary" would be made anew, because its logical id changes from SnapshotsBucket4B2233F7 to StoreBucket12345678: CloudFormation would leave the old one without a stack and can\'t make another of the same name; move the construct back, or keep the id with overrideLogicalId.',
    ],
  },
  {
    change: "a locked bucket leaves the template, retained",
    make: (changed) => {
      delete changed.stack("Replica-Osaka").template.Resources[changed.logicalId("Replica-Osaka", BUCKET, "replica")];
    },
    says: [
      'In Osaka, the bucket "replica" (SnapshotsBucket4B2233F7) leaves its stack and would stay behind without one, unguarded by the next deployment; put it back into the template.',
    ],
  },
  {
    change: "a bucket's versions are suspended",
    make: (changed) => {
      changed.properties(PRIMARY, BUCKET, "primary").VersioningConfiguration.Status = "Suspended";
    },
    says: [
      'In Osaka, the bucket "primary" would no longer keep versions, so that objects could be overwritten, because VersioningConfiguration.Status changes from Enabled to Suspended; keep it.',
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
    says: [
      'In Osaka, S3 itself would delete what is in the bucket "primary" by the lifecycle rule tidy; leave deleting to retention and remove the rule.',
    ],
  },
  {
    change: "replication is switched off",
    make: (changed) => {
      changed.properties(PRIMARY, BUCKET, "primary").ReplicationConfiguration.Rules[0].Status = "Disabled";
    },
    says: [
      'In Osaka, the bucket "primary" would no longer be replicated by the rule snapshots; keep the rule enabled.',
    ],
  },
  {
    change: "replication without time control",
    make: (changed) => {
      delete changed.properties(PRIMARY, BUCKET, "primary").ReplicationConfiguration.Rules[0].Destination
        .ReplicationTime;
    },
    says: [
      'In Osaka, nothing would promise any more that the bucket "primary" is replicated within 15 minutes; keep Replication Time Control.',
    ],
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
      "In Osaka, the policy of the bucket SnapshotsBucket no longer refuses s3:BypassGovernanceRetention (ArnNotEquals aws:PrincipalArn arn:aws:iam::<account>:role/backups-<account>-<region>-deletion); put the statement back.",
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
      "In Osaka, the policy of the bucket SnapshotsBucket also lets arn:aws:iam::999999999999:root do s3:GetObject; take it back, or accept it with a reason.",
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
      "In Osaka, the policy of the bucket SnapshotsBucket (SnapshotsBucketPolicyD6CE744A) leaves its stack and would stay behind without one, unguarded by the next deployment; put it back into the template.",
    ],
  },
  {
    change: "anyone may destroy a key",
    make: (changed) => {
      const { KeyPolicy } = changed.properties(PRIMARY, "AWS::KMS::Key", "Key");
      KeyPolicy.Statement = KeyPolicy.Statement.filter(({ Effect }: Json) => Effect !== "Deny");
    },
    says: [
      "In Osaka, the key Key no longer refuses kms:DisableKey and kms:ScheduleKeyDeletion (ArnNotEquals aws:PrincipalArn arn:aws:iam::<account>:role/backups-break-glass); put the statement back.",
    ],
  },
  {
    change: "a key no longer rotates",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::KMS::Key", "Key").EnableKeyRotation = false;
    },
    says: [
      "In Osaka, the key Key would no longer rotate, because EnableKeyRotation changes from true to false; keep it.",
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
      "In Osaka, the key Key would be made anew, because its logical id changes from Key9BCD29C7 to Key00000000: CloudFormation would leave the old one without a stack and begin with a new one that opens nothing; move the construct back, or keep the id with overrideLogicalId.",
    ],
  },
  {
    change: "an alias leads to another key",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::KMS::Alias", "primary").TargetKeyId = "arn:aws:kms:ap-northeast-3:1:key/2";
    },
    says: [
      'In Osaka, the alias "primary" would lead to another key, arn:aws:kms:<region>:1:key/2 instead of <Key.Arn>; keep its target.',
    ],
  },
  {
    change: "the catalog has another key schema",
    make: (changed) => {
      changed.properties(PRIMARY, TABLE).KeySchema[1].AttributeName = "sortKey";
    },
    says: [
      'In Osaka, the table "catalog" would be replaced by a new, empty one, because KeySchema changes from [{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}] to [{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sortKey","KeyType":"RANGE"}]; keep the former value.',
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
      'In Osaka, the table "catalog" could be deleted by anyone who may delete tables, because DeletionProtectionEnabled changes from true to false; keep it.',
      'In Osaka, the table "catalog" could no longer be brought back to an earlier minute, because PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled changes from true to false; keep it.',
    ],
  },
  {
    change: "a stack loses its termination protection",
    make: (changed) => {
      changed.stack("Replica-Osaka").terminationProtection = false;
    },
    says: [
      "Osaka's stack Replica would lose its termination protection, and one command could delete it; keep terminationProtection: true.",
    ],
  },
  {
    change: "the nightly retention gets shorter",
    make: (changed) => {
      changed.rules.retention.nightly = { days: 7 };
    },
    says: [
      "Nightly snapshots taken from now on are kept 7 days instead of 14 days, which users were promised; put the period back in lambda/rules/retention-calendar.ts.",
    ],
  },
  {
    change: "Sundays are nightly",
    make: (changed) => {
      changed.rules.tiers = changed.rules.tiers.replaceAll("w", "n");
    },
    says: [
      "Nights have other tiers, 11 in a quarter (2026-11-08 is nightly instead of weekly), and 11 of them are kept shorter than users were promised; put lambda/rules/tier.ts back.",
    ],
  },
  {
    change: "lock mode falls from compliance to governance",
    make: (changed) => {
      changed.before = (earlier) => lockMode(earlier, "COMPLIANCE");
      lockMode(changed, "GOVERNANCE");
    },
    says: [
      'In Osaka, new snapshots would be locked in governance mode instead of compliance, and could be deleted before their expiry; keep "lockMode": "compliance".',
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
      'In Osaka, the vault "points" would accept shorter retentions, because MinRetentionDays changes from 14 to 7; keep the days.',
      'In Osaka, the vault "points" would fall back from compliance to governance mode; keep ChangeableForDays.',
    ],
  },
  {
    change: "a vault gets another key and loses its lock",
    make: (changed) => {
      changed.before = (earlier) => addVault(earlier, { MinRetentionDays: 14 });
      addVault(changed, undefined, "arn:aws:kms:ap-northeast-3:123456789012:key/2");
    },
    says: [
      'In Osaka, the vault "points" would be replaced by a new, empty one, because EncryptionKeyArn changes from arn:aws:kms:<region>:123456789012:key/1 to arn:aws:kms:<region>:123456789012:key/2; keep the former value.',
      'In Osaka, the vault "points" would no longer be locked; keep its LockConfiguration.',
    ],
  },
  {
    change: "a vault leaves the template",
    make: (changed) => {
      changed.before = (earlier) => addVault(earlier, { MinRetentionDays: 14 });
    },
    says: [
      'In Osaka, the vault "points" (Vault) leaves its stack and would stay behind without one, unguarded by the next deployment; put it back into the template.',
    ],
  },
  {
    change: "a default retention gets shorter and leaves compliance mode",
    make: (changed) => {
      changed.before = (earlier) => defaultRetention(earlier, "COMPLIANCE", 14);
      defaultRetention(changed, "GOVERNANCE", 7);
    },
    says: [
      'In Osaka, the bucket "primary" would lock new objects for 7 days by default instead of 14; keep the default retention.',
      'In Osaka, the bucket "primary" would no longer lock new objects in compliance mode by default; keep the mode.',
    ],
  },
  {
    change: "an alarm tells nobody",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::CloudWatch::Alarm", "backup-failed").AlarmActions = [];
    },
    says: ['In Osaka, the alarm "backup-failed" would no longer tell anybody; keep its AlarmActions.'],
  },
  {
    change: "the nights are switched off",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::Scheduler::Schedule", "nightly-window").State = "DISABLED";
    },
    says: [
      'In Osaka, the schedule "nightly-window" would no longer run, because its State becomes DISABLED; leave it enabled.',
    ],
  },
  {
    change: "replicas would leave the political region",
    make: (changed) => {
      changed.moveReplicas("Frankfurt", ["Dublin", "eu-west-1"], ["London", "eu-west-2"]);
    },
    says: [
      "Frankfurt's replicas would stand in London (UK) and leave EU; choose a replication region in EU.",
      "Frankfurt's replicas in Dublin would no longer be looked after: its stack backups-eu-central-1-replica in eu-west-1 would leave the app and stay at AWS as it is; name eu-west-1 among its former replication regions until it is empty.",
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
      "London (eu-west-2) counts as EU instead of UK, so that data may go elsewhere than users were promised; put it back in lib/regions/nightly-table.ts.",
      "Frankfurt's replicas would stand in London (UK) and leave EU; choose a replication region in EU.",
      "Frankfurt's replicas in Dublin would no longer be looked after: its stack backups-eu-central-1-replica in eu-west-1 would leave the app and stay at AWS as it is; name eu-west-1 among its former replication regions until it is empty.",
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
    says: [
      "Data may leave its political region on a new way, Frankfurt→London; take the exception out of lib/regions/residency.ts, which has only those that users are told of.",
    ],
  },
  {
    change: "a region leaves the stage",
    make: (changed) => {
      changed.stacks = changed.stacks.filter(({ id }: Json) => !id.endsWith("-Osaka"));
    },
    says: [
      "Osaka's replicas in Tokyo would no longer be looked after: its stack backups-ap-northeast-3-replica in ap-northeast-1 would leave the app and stay at AWS as it is; name ap-northeast-1 among its former replication regions until it is empty.",
      "In Osaka, nightly backups would no longer be looked after: its stack backups-ap-northeast-3-primary in ap-northeast-3 would leave the app and stay at AWS as it is; keep the region in the stage.",
    ],
  },
  {
    change: "a stack gets another name",
    make: (changed) => {
      changed.stack(PRIMARY).stackName = "backups-osaka";
    },
    says: [
      "In Osaka, everything would be made anew as backups-osaka: its stack backups-ap-northeast-3-primary in ap-northeast-3 would leave the app and stay at AWS as it is, with buckets, keys and catalog; keep the stack's name and region.",
    ],
    changes: ["Nightly backups begin in Osaka, at 00:00 UTC, replicated to Tokyo."],
  },
];
