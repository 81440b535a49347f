/** Named contracts: buckets, keys and catalog, in every region. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { auditRecordKey, restorePutKey, serviceAuditRecordKey } from "../../lambda/storage/object-keys";
import { matches } from "../../local/permissions/evaluate";
import { allows, plain, resourcesOf, rolesOf, statementsOf } from "./policies";
import { must } from "../support/must";
import {
  assemblyDir,
  stacks,
  primaries,
  each,
  role,
  functionRole,
  bucketPolicy,
  bucketName,
  isLocked,
} from "./deployed";

describe("Rule 6: immutability", () => {
  test("every bucket of snapshots has versions, Object Lock without default retention, and its own key", () => {
    each("AWS::S3::Bucket", (bucket) => {
      const { Properties } = bucket;
      const [encryption] = Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      expect(encryption.BucketKeyEnabled).toBe(true);
      expect(encryption.ServerSideEncryptionByDefault.SSEAlgorithm).toBe("aws:kms");
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      expect(Properties.ObjectLockEnabled).toBe(isLocked(bucket) ? true : undefined);
      expect(Properties.ObjectLockConfiguration).toBeUndefined();
      expect(Properties.VersioningConfiguration).toEqual(isLocked(bucket) ? { Status: "Enabled" } : undefined);
    });
  });

  test("only the deleting role may bypass governance: no other role is granted it, and every bucket denies it", () => {
    for (const [row, template] of primaries) {
      const granted = rolesOf(template)
        .filter(({ statements }) => allows(statements, "s3:BypassGovernanceRetention"))
        .map(({ name }) => name);
      expect(granted).toEqual([functionRole(template, row, "deletion").name]);
    }
    each("AWS::S3::Bucket", (bucket, template, logicalId) => {
      if (!isLocked(bucket)) return;
      const deletingRole = `arn:aws:iam::<account>:role/${bucketName(bucket).replace(/-(primary|replica)$/, "-deletion")}`;
      expect(bucketPolicy(template, logicalId)).toContainEqual({
        effect: "Deny",
        actions: ["s3:BypassGovernanceRetention"],
        resources: [`<${logicalId}.Arn>/*`],
        principals: ["*"],
        conditions: { ArnNotEquals: { "aws:PrincipalArn": deletingRole } },
      });
    });
  });

  test("nobody puts a delete marker into a bucket of snapshots", () => {
    each("AWS::S3::Bucket", (bucket, template, logicalId) => {
      if (!isLocked(bucket)) return;
      expect(bucketPolicy(template, logicalId)).toContainEqual({
        effect: "Deny",
        actions: ["s3:DeleteObject"],
        resources: [`<${logicalId}.Arn>/*`],
        principals: ["*"],
        conditions: undefined,
      });
    });
  });

  test("nobody deletes an audit record, neither an environment's nor the service's", () => {
    const at = { replication: "replicated", environmentId: "shop" } as const;
    const keys = [auditRecordKey(at, "2026-12-03T00:00:00.000Z", "0a"), serviceAuditRecordKey("2026-12-03", "0a")];
    each("AWS::S3::Bucket", (bucket, template, logicalId) => {
      if (!isLocked(bucket)) return;
      const denying = bucketPolicy(template, logicalId).filter(
        ({ effect, actions, conditions }) =>
          effect === "Deny" && actions.includes("s3:DeleteObjectVersion") && conditions === undefined,
      );
      const isDenied = (key: string): boolean =>
        denying.some(({ resources }) => resources.some((one) => matches(one, `<${logicalId}.Arn>/${key}`)));
      expect(keys.map(isDenied)).toEqual([true, true]);
      expect(isDenied(restorePutKey(at, "restore-1", 0))).toBe(false);
    });
  });

  test("only retention and deletion may delete versions of snapshots, and no role may change a bucket", () => {
    for (const [row, template] of primaries) {
      const deleting = rolesOf(template).filter(({ statements }) =>
        ["primary", "replica"].some((kind) =>
          allows(statements, "s3:DeleteObjectVersion", `arn:aws:s3:::backups-<account>-${row.region}-${kind}/key`),
        ),
      );
      expect(deleting.map(({ name }) => name).toSorted()).toEqual(
        ["deletion", "retention"].map((name) => functionRole(template, row, name).name),
      );
      for (const { statements } of rolesOf(template)) {
        for (const action of [
          "s3:PutBucketPolicy",
          "s3:PutBucketVersioning",
          "s3:PutLifecycleConfiguration",
          "s3:PutReplicationConfiguration",
          "s3:DeleteBucket",
          "s3:PutObjectLegalHold",
        ]) {
          expect(allows(statements, action)).toBe(false);
        }
      }
    }
  });

  test("no lifecycle rule removes an object of a snapshot", () => {
    each("AWS::S3::Bucket", (bucket) => {
      if (!isLocked(bucket)) return;
      for (const rule of bucket.Properties.LifecycleConfiguration.Rules)
        expect(Object.keys(rule).toSorted()).toEqual(["AbortIncompleteMultipartUpload", "Id", "Status"]);
    });
  });
});

test("Rule 7: S3 replicates what lies beneath replicated/, and who may do what, within 15 minutes, and no delete markers", () => {
  for (const [, template] of primaries) {
    const [, bucket] = must(
      resourcesOf(template, "AWS::S3::Bucket").find(([, resource]) => bucketName(resource).endsWith("-primary")),
    );
    const rules = bucket.Properties.ReplicationConfiguration.Rules;
    expect(rules.map((one: { Filter: { Prefix: string } }) => one.Filter.Prefix)).toEqual([
      "replicated/",
      "service/records/",
    ]);
    for (const one of rules) {
      expect(one).toMatchObject({
        Status: "Enabled",
        DeleteMarkerReplication: { Status: "Disabled" },
        SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: "Enabled" } },
        Destination: {
          ReplicationTime: { Status: "Enabled", Time: { Minutes: 15 } },
          Metrics: { Status: "Enabled", EventThreshold: { Minutes: 15 } },
        },
      });
    }
    const [rule] = rules;
    const { statements } = role(template, "replication");
    for (const action of ["s3:GetObjectVersionForReplication", "s3:GetObjectRetention", "s3:GetObjectLegalHold"]) {
      expect(
        allows(statements, action, `${plain(rule.Destination.Bucket).replace(/-replica$/, "-primary")}/replicated/key`),
      ).toBe(true);
    }
    expect(
      allows(
        statements,
        "kms:Decrypt",
        `arn:aws:kms:${plain(rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID).split(":")[3]}:<account>:key/id`,
      ),
    ).toBe(true);
  }
});

test("every bucket refuses plain HTTP", () => {
  each("AWS::S3::Bucket", (_bucket, template, logicalId) => {
    expect(bucketPolicy(template, logicalId)).toContainEqual({
      effect: "Deny",
      actions: ["s3:*"],
      resources: [`<${logicalId}.Arn>`, `<${logicalId}.Arn>/*`].toSorted(),
      principals: ["*"],
      conditions: { Bool: { "aws:SecureTransport": "false" } },
    });
  });
});

describe("data is hard to lose", () => {
  test("stacks are protected against termination", () => {
    const manifest = JSON.parse(readFileSync(join(assemblyDir, "manifest.json"), "utf8")) as {
      artifacts: Record<string, { properties: { terminationProtection?: boolean } }>;
    };
    for (const [stack] of stacks) expect(must(manifest.artifacts[stack]).properties.terminationProtection).toBe(true);
  });

  test("keys can't be disabled or deleted but by the break-glass role", () => {
    each("AWS::KMS::Key", ({ Properties }) => {
      expect(Properties.EnableKeyRotation).toBe(true);
      expect(statementsOf(Properties.KeyPolicy)).toContainEqual({
        effect: "Deny",
        actions: ["kms:DisableKey", "kms:ScheduleKeyDeletion"],
        resources: ["*"],
        principals: ["*"],
        conditions: { ArnNotEquals: { "aws:PrincipalArn": "arn:aws:iam::<account>:role/backups-break-glass" } },
      });
    });
  });

  test("the catalog can be recovered to any second and can't be deleted", () => {
    each("AWS::DynamoDB::Table", ({ Properties }) => {
      expect(Properties).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: "by-type",
            KeySchema: [
              { AttributeName: "type", KeyType: "HASH" },
              { AttributeName: "sortKey", KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "ALL" },
          },
        ],
      });
    });
  });
});
