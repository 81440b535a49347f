/** Named contracts: what must hold between regions, and for names everywhere. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stackLabel } from "../../lib/names";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { plain, plainDeep, resourcesOf, rolesOf } from "./policies";
import type { Json } from "../support/synthesized";
import { must } from "../support/must";
import { assemblyDir, templates, stacks, primaries, each, role, bucketName } from "./deployed";

describe("between regions", () => {
  test("there is no cross-region reference, import, export or custom resource", () => {
    for (const [stack, template] of stacks) {
      const text = JSON.stringify(template);
      expect([
        stack,
        text.match(/Fn::ImportValue|Fn::GetStackOutput|"Export"|Custom::|AWS::CloudFormation::CustomResource/),
      ]).toEqual([stack, null]);
      for (const [, { Properties }] of resourcesOf(template, "AWS::Lambda::Function"))
        expect(plain(Properties.FunctionName)).not.toMatch(/CustomResource/);
    }
  });

  test("the replica stack comes first, by an order only", () => {
    const manifest = JSON.parse(readFileSync(join(assemblyDir, "manifest.json"), "utf8")) as {
      artifacts: Record<string, { dependencies?: string[]; environment: string }>;
    };
    for (const { name, region, replication } of NIGHTLY_TABLE) {
      const label = stackLabel(name);
      expect(must(manifest.artifacts[`Primary-${label}`]).dependencies).toContain(`Replica-${label}`);
      expect(must(manifest.artifacts[`Replica-${label}`]).dependencies ?? []).not.toContain(`Primary-${label}`);
      expect(must(manifest.artifacts[`Primary-${label}`]).environment).toBe(`aws://unknown-account/${region}`);
      expect(must(manifest.artifacts[`Replica-${label}`]).environment).toBe(
        `aws://unknown-account/${replication.region}`,
      );
    }
  });

  test("both sides agree on the replica's bucket and key", () => {
    for (const [row, template] of primaries) {
      const replica = must(templates[`Replica-${stackLabel(row.name)}`]);
      const [, bucket] = must(resourcesOf(replica, "AWS::S3::Bucket")[0]);
      const [, alias] = must(resourcesOf(replica, "AWS::KMS::Alias")[0]);
      const [, primary] = must(
        resourcesOf(template, "AWS::S3::Bucket").find(([, resource]) => bucketName(resource).endsWith("-primary")),
      );
      const { Destination } = primary.Properties.ReplicationConfiguration.Rules[0];
      expect(plain(Destination.Bucket)).toBe(`arn:aws:s3:::${bucketName(bucket)}`);
      expect(plain(Destination.EncryptionConfiguration.ReplicaKmsKeyID)).toBe(
        `arn:aws:kms:${row.replication.region}:<account>:${plain(alias.Properties.AliasName)}`,
      );
      expect(JSON.stringify(plainDeep(role(template, "replication").statements))).toContain(
        plain(alias.Properties.AliasName),
      );
    }
  });

  test("what is granted on a bucket of another region is granted in this account only", () => {
    for (const [, template] of primaries) {
      for (const { name, statements } of rolesOf(template)) {
        for (const { resources, conditions } of statements) {
          if (!resources.some((resource) => resource.startsWith("arn:aws:s3:::"))) continue;
          if (name.endsWith("-replication") && resources.every((resource) => /-primary(\/|$)/.test(resource))) continue;
          expect([name, resources, (conditions as Json)?.StringEquals?.["aws:ResourceAccount"]]).toEqual([
            name,
            resources,
            "<account>",
          ]);
        }
      }
    }
  });
});

test("names are the same in every deployment: no resource with data or a name that others know is named by CloudFormation", () => {
  const NAMES: Record<string, string> = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::ECS::TaskDefinition": "Family",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::ApiGateway::RestApi": "Name",
  };
  for (const [type, property] of Object.entries(NAMES)) {
    each(type, ({ Properties }) =>
      expect(plain(Properties[property])).toMatch(/(^|\/)backups-<account>-[a-z]+-[a-z]+-\d-[a-z-]+$/),
    );
  }
  const roles = stacks.flatMap(([, template]) => rolesOf(template).map(({ name }) => name));
  expect(new Set(roles).size).toBe(roles.length);
});
