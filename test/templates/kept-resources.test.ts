/**
 * What outlives its stack, and what becomes of it when the operation that makes it fails: CloudFormation then deletes,
 * still empty, whatever it may delete, and tries to delete nothing else.
 */
import { stacksOfAssembly } from "../../lib/review/read-assembly";
import { must } from "../support/must";
import type { Json, Template } from "../support/synthesized";
import { assemblyDir, each, stacks } from "./deployed";
import { matches } from "../../local/permissions/evaluate";
import { plain, resourcesOf, statementsOf } from "./policies";

test.each([
  ["AWS::S3::Bucket", "RetainExceptOnCreate"],
  ["AWS::S3::BucketPolicy", "RetainExceptOnCreate"],
  ["AWS::KMS::Alias", "RetainExceptOnCreate"],
  ["AWS::Backup::BackupVault", "RetainExceptOnCreate"],
  // Nobody but the break-glass role may destroy a key; the catalog has deletion protection.
  ["AWS::KMS::Key", "Retain"],
  ["AWS::DynamoDB::Table", "Retain"],
])("%s outlives its stack (%s)", (type, policy) => {
  each(type, ({ DeletionPolicy, UpdateReplacePolicy }) =>
    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual([policy, "Retain"]),
  );
});

interface Deleting {
  readonly action: string;
  /** The resource's own policy that is asked. */
  readonly policy: Json;
}
/** What deletes a resource, and the policy that could refuse it. */
const deletingOf = (template: Template, logicalId: string): Deleting | undefined => {
  const { Type, Properties } = must(template.Resources[logicalId]);
  switch (Type) {
    case "AWS::S3::Bucket":
    case "AWS::S3::BucketPolicy": {
      const bucket = Type === "AWS::S3::Bucket" ? `<${logicalId}>` : plain(Properties.Bucket);
      const [, policy] = must(
        resourcesOf(template, "AWS::S3::BucketPolicy").find(([, one]) => plain(one.Properties.Bucket) === bucket),
      );
      const action = Type === "AWS::S3::Bucket" ? "s3:DeleteBucket" : "s3:DeleteBucketPolicy";
      return { action, policy: policy.Properties.PolicyDocument };
    }
    case "AWS::KMS::Key":
      return { action: "kms:ScheduleKeyDeletion", policy: Properties.KeyPolicy };
    case "AWS::KMS::Alias": {
      const key = plain(Properties.TargetKeyId).replace(/^<(.*)\.Arn>$/, "$1");
      return { action: "kms:DeleteAlias", policy: must(template.Resources[key]).Properties.KeyPolicy };
    }
    case "AWS::Backup::BackupVault":
      return { action: "backup:DeleteBackupVault", policy: Properties.AccessPolicy };
    case "AWS::DynamoDB::Table":
      return { action: "dynamodb:DeleteTable", policy: {} };
    default:
      return undefined;
  }
};

test("what a rollback deletes, CloudFormation's role may delete; what it may not, is left where it is", () => {
  for (const { id, region } of stacksOfAssembly(assemblyDir)) {
    const template = must(stacks.find(([name]) => name === id))[1];
    const deploying = `arn:aws:iam::<account>:role/cdk-hnb659fds-cfn-exec-role-<account>-${region}`;
    for (const [logicalId, { Properties, DeletionPolicy }] of Object.entries(template.Resources)) {
      const deleting = deletingOf(template, logicalId);
      if (deleting === undefined) continue;
      const refusing = statementsOf(deleting.policy).filter(({ effect, actions, conditions }) => {
        const text = JSON.stringify(conditions ?? {});
        const isOfTransport = /aws:SecureTransport|s3:TlsVersion/.test(text);
        return (
          effect === "Deny" &&
          actions.some((pattern) => matches(pattern, deleting.action)) &&
          !isOfTransport &&
          !text.includes(`"${deploying}"`)
        );
      });
      const cannot = refusing.length > 0 || Properties.DeletionProtectionEnabled === true;
      expect([id, logicalId, cannot ? "Retain" : "RetainExceptOnCreate"]).toEqual([id, logicalId, DeletionPolicy]);
    }
  }
});

test("without a name of its own nothing that stays is in the next deployment's way", () => {
  const named = new Set<string>();
  for (const [, template] of stacks)
    for (const { Type, Properties, DeletionPolicy } of Object.values(template.Resources))
      if (DeletionPolicy === "Retain" && Object.keys(Properties).some((name) => name.endsWith("Name"))) named.add(Type);
  // The runbook's article says how it goes; everything else that stays is a key, which has no name.
  expect([...named]).toEqual(["AWS::DynamoDB::Table"]);
});
