/** Named contracts over all templates: what must hold in every region, whatever else changes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { settings } from "../../lambda/runtime/settings";
import { taskSettings } from "../../lambda/database-task/contract";
import { FUNCTION_NAMES, stackLabel, WORKFLOW_NAMES } from "../../lib/names";
import { NIGHTLY_TABLE, type NightlyRow } from "../../lib/regions/nightly-table";
import { synthesizeOnce, type Resource, type Template } from "../support/synthesized";
import { allows, plain, plainDeep, resourcesOf, rolesOf, statementsOf, type RoleOf, type Statement } from "./policies";

const { assemblyDir, templates } = synthesizeOnce();
const stacks = Object.entries(templates);
const primaries = NIGHTLY_TABLE.map((row) => [row, templates[`Primary-${stackLabel(row.name)}`]!] as const);

const each = (type: string, check: (resource: Resource, template: Template, logicalId: string) => void): void => {
  let found = 0;
  for (const [, template] of stacks) {
    for (const [logicalId, resource] of resourcesOf(template, type)) {
      found += 1;
      check(resource, template, logicalId);
    }
  }
  expect(found).toBeGreaterThan(0);
};
const role = (template: Template, suffix: string): RoleOf => rolesOf(template).find(({ name }) => name.endsWith(`-${suffix}`))!;
const functionRole = (template: Template, row: NightlyRow, name: string): RoleOf => role(template, `${row.region}-${name}`);
const bucketPolicy = (template: Template, bucketId: string): Statement[] =>
  statementsOf(resourcesOf(template, "AWS::S3::BucketPolicy").find(([, { Properties }]) => plain(Properties.Bucket) === `<${bucketId}>`)![1].Properties.PolicyDocument);
const bucketName = (resource: Resource): string => plain(resource.Properties.BucketName);
const isLocked = (resource: Resource): boolean => !bucketName(resource).endsWith("transfer");

describe("between regions", () => {
  test("there is no cross-region reference, import, export or custom resource", () => {
    for (const [stack, template] of stacks) {
      const text = JSON.stringify(template);
      expect([stack, text.match(/Fn::ImportValue|Fn::GetStackOutput|"Export"|Custom::|AWS::CloudFormation::CustomResource/)]).toEqual([stack, null]);
      for (const [, { Properties }] of resourcesOf(template, "AWS::Lambda::Function")) expect(plain(Properties.FunctionName)).not.toMatch(/CustomResource/);
    }
  });

  test("the replica stack comes first, by an order only", () => {
    const manifest = JSON.parse(readFileSync(join(assemblyDir, "manifest.json"), "utf8")) as { artifacts: Record<string, { dependencies?: string[]; environment: string }> };
    for (const { name, region, replication } of NIGHTLY_TABLE) {
      const label = stackLabel(name);
      expect(manifest.artifacts[`Primary-${label}`]!.dependencies).toContain(`Replica-${label}`);
      expect(manifest.artifacts[`Replica-${label}`]!.dependencies ?? []).not.toContain(`Primary-${label}`);
      expect(manifest.artifacts[`Primary-${label}`]!.environment).toBe(`aws://unknown-account/${region}`);
      expect(manifest.artifacts[`Replica-${label}`]!.environment).toBe(`aws://unknown-account/${replication.region}`);
    }
  });

  test("both sides agree on the replica's bucket and key", () => {
    for (const [row, template] of primaries) {
      const replica = templates[`Replica-${stackLabel(row.name)}`]!;
      const [, bucket] = resourcesOf(replica, "AWS::S3::Bucket")[0]!;
      const [, alias] = resourcesOf(replica, "AWS::KMS::Alias")[0]!;
      const [, primary] = resourcesOf(template, "AWS::S3::Bucket").find(([, resource]) => bucketName(resource).endsWith("-primary"))!;
      const { Destination } = primary.Properties.ReplicationConfiguration.Rules[0];
      expect(plain(Destination.Bucket)).toBe(`arn:aws:s3:::${bucketName(bucket)}`);
      expect(plain(Destination.EncryptionConfiguration.ReplicaKmsKeyID)).toBe(`arn:aws:kms:${row.replication.region}:<account>:${plain(alias.Properties.AliasName)}`);
      expect(JSON.stringify(plainDeep(role(template, "replication").statements))).toContain(plain(alias.Properties.AliasName));
    }
  });

  test("what is granted on a bucket of another region is granted in this account only", () => {
    for (const [, template] of primaries) {
      for (const { name, statements } of rolesOf(template)) {
        for (const { resources, conditions } of statements) {
          if (!resources.some((resource) => resource.startsWith("arn:aws:s3:::"))) continue;
          if (name.endsWith("-replication") && resources.every((resource) => /-primary(\/|$)/.test(resource))) continue;
          expect([name, resources, (conditions as any)?.StringEquals?.["aws:ResourceAccount"]]).toEqual([name, resources, "<account>"]);
        }
      }
    }
  });
});

describe("rule 6: immutability", () => {
  test("every bucket of snapshots has versions, Object Lock without default retention, and its own key", () => {
    each("AWS::S3::Bucket", (bucket) => {
      const { Properties } = bucket;
      const [encryption] = Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      expect(encryption.BucketKeyEnabled).toBe(true);
      expect(encryption.ServerSideEncryptionByDefault.SSEAlgorithm).toBe("aws:kms");
      expect(Properties.PublicAccessBlockConfiguration).toEqual({ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
      expect(Properties.ObjectLockEnabled).toBe(isLocked(bucket) ? true : undefined);
      expect(Properties.ObjectLockConfiguration).toBeUndefined();
      expect(Properties.VersioningConfiguration).toEqual(isLocked(bucket) ? { Status: "Enabled" } : undefined);
    });
  });

  test("only the deleting role may bypass governance: no other role is granted it, and every bucket denies it", () => {
    for (const [row, template] of primaries) {
      const granted = rolesOf(template).filter(({ statements }) => allows(statements, "s3:BypassGovernanceRetention")).map(({ name }) => name);
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

  test("only retention and deletion may delete versions of snapshots, and no role may change a bucket", () => {
    for (const [row, template] of primaries) {
      const deleting = rolesOf(template).filter(({ statements }) =>
        ["primary", "replica"].some((kind) => allows(statements, "s3:DeleteObjectVersion", `arn:aws:s3:::backups-<account>-${row.region}-${kind}/key`)),
      );
      expect(deleting.map(({ name }) => name).toSorted()).toEqual(["deletion", "retention"].map((name) => functionRole(template, row, name).name));
      for (const { statements } of rolesOf(template)) {
        for (const action of ["s3:PutBucketPolicy", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration", "s3:DeleteBucket", "s3:PutObjectLegalHold"]) {
          expect(allows(statements, action)).toBe(false);
        }
      }
    }
  });

  test("no lifecycle rule removes an object of a snapshot", () => {
    each("AWS::S3::Bucket", (bucket) => {
      if (!isLocked(bucket)) return;
      for (const rule of bucket.Properties.LifecycleConfiguration.Rules) expect(Object.keys(rule).toSorted()).toEqual(["AbortIncompleteMultipartUpload", "Id", "Status"]);
    });
  });
});

test("rule 7: S3 replicates what lies beneath replicated/, within 15 minutes, and no delete markers", () => {
  for (const [, template] of primaries) {
    const [, bucket] = resourcesOf(template, "AWS::S3::Bucket").find(([, resource]) => bucketName(resource).endsWith("-primary"))!;
    const [rule, ...others] = bucket.Properties.ReplicationConfiguration.Rules;
    expect(others).toEqual([]);
    expect(rule).toMatchObject({
      Status: "Enabled",
      Filter: { Prefix: "replicated/" },
      DeleteMarkerReplication: { Status: "Disabled" },
      SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: "Enabled" } },
      Destination: {
        ReplicationTime: { Status: "Enabled", Time: { Minutes: 15 } },
        Metrics: { Status: "Enabled", EventThreshold: { Minutes: 15 } },
      },
    });
    const { statements } = role(template, "replication");
    for (const action of ["s3:GetObjectVersionForReplication", "s3:GetObjectRetention", "s3:GetObjectLegalHold"]) {
      expect(allows(statements, action, `${plain(rule.Destination.Bucket).replace(/-replica$/, "-primary")}/replicated/key`)).toBe(true);
    }
    expect(allows(statements, "kms:Decrypt", `arn:aws:kms:${plain(rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID).split(":")[3]}:<account>:key/id`)).toBe(true);
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
  test.each(["AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::KMS::Key", "AWS::KMS::Alias", "AWS::DynamoDB::Table"])("%s outlives its stack", (type) => {
    each(type, ({ DeletionPolicy, UpdateReplacePolicy }) => expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(["Retain", "Retain"]));
  });

  test("stacks are protected against termination", () => {
    const manifest = JSON.parse(readFileSync(join(assemblyDir, "manifest.json"), "utf8")) as { artifacts: Record<string, { properties: { terminationProtection?: boolean } }> };
    for (const [stack] of stacks) expect(manifest.artifacts[stack]!.properties.terminationProtection).toBe(true);
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
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
        GlobalSecondaryIndexes: [
          {
            IndexName: "by-type",
            KeySchema: [{ AttributeName: "type", KeyType: "HASH" }, { AttributeName: "sortKey", KeyType: "RANGE" }],
            Projection: { ProjectionType: "ALL" },
          },
        ],
      });
    });
  });
});

describe("alarms", () => {
  const SENDERS = ["cloudwatch.amazonaws.com", "events.amazonaws.com"];

  test("alarm → topic → key all admit CloudWatch and EventBridge", () => {
    for (const [, template] of primaries) {
      const alarms = resourcesOf(template, "AWS::CloudWatch::Alarm");
      expect(alarms.length).toBeGreaterThanOrEqual(7);
      const [[topicId, topic]] = resourcesOf(template, "AWS::SNS::Topic") as [[string, Resource]];
      for (const [, { Properties }] of alarms) expect(Properties.AlarmActions.map(plain)).toEqual([`<${topicId}>`]);
      const topicPolicy = resourcesOf(template, "AWS::SNS::TopicPolicy").flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument));
      const keyId = /<(.+)\.Arn>/.exec(plain(topic.Properties.KmsMasterKeyId))![1]!;
      const keyPolicy = statementsOf(template.Resources[keyId]!.Properties.KeyPolicy);
      for (const sender of SENDERS) {
        const admits = (policy: readonly Statement[], action: string): boolean =>
          allows(policy.filter(({ principals }) => principals.includes(sender)), action);
        expect([sender, admits(topicPolicy, "sns:Publish"), admits(keyPolicy, "kms:Decrypt"), admits(keyPolicy, "kms:GenerateDataKey")]).toEqual([sender, true, true, true]);
      }
      expect(topicPolicy.filter(({ effect }) => effect === "Deny").map(({ conditions }) => conditions)).toEqual([{ Bool: { "aws:SecureTransport": "false" } }]);
    }
  });

  test("every alarm says its impact and links its article in the runbook", () => {
    each("AWS::CloudWatch::Alarm", ({ Properties }) => {
      const article = plain(Properties.AlarmName).replace(/^backups-<account>-[a-z]+-[a-z]+-\d-/, "");
      expect(Properties.AlarmDescription).toMatch(new RegExp(`^.{40,}\\. Runbook: https://.+/${article}$`));
    });
  });

  test("every workflow but the probe has an alarm, and so has the dead-letter queue", () => {
    for (const [, template] of primaries) {
      const watched = JSON.stringify(resourcesOf(template, "AWS::CloudWatch::Alarm"));
      for (const name of WORKFLOW_NAMES.filter((workflow) => workflow !== "probe")) {
        const [id] = resourcesOf(template, "AWS::StepFunctions::StateMachine").find(([, { Properties }]) => plain(Properties.StateMachineName).endsWith(`-${name}`))!;
        expect([name, watched.includes(id)]).toEqual([name, true]);
      }
      expect(watched).toContain("ApproximateNumberOfMessagesVisible");
    }
  });
});

describe("workflows and the database task", () => {
  const RUNNING = ["backup", "restore", "probe"];

  test("the workflow may run, watch and stop the task, and pass exactly its roles", () => {
    for (const [row, template] of primaries) {
      const base = `${row.region}:<account>`;
      const [, definition] = resourcesOf(template, "AWS::ECS::TaskDefinition")[0]!;
      const cluster = plain(resourcesOf(template, "AWS::ECS::Cluster")[0]![1].Properties.ClusterName);
      const roles = [definition.Properties.TaskRoleArn, definition.Properties.ExecutionRoleArn].map(plain);
      for (const name of RUNNING) {
        const { statements } = role(template, `run-${name}`);
        expect(allows(statements, "ecs:RunTask", `arn:aws:ecs:${base}:task-definition/${plain(definition.Properties.Family)}:7`)).toBe(true);
        for (const action of ["ecs:StopTask", "ecs:DescribeTasks"]) expect(allows(statements, action, `arn:aws:ecs:${base}:task/${cluster}/0123`)).toBe(true);
        for (const action of ["events:PutTargets", "events:PutRule", "events:DescribeRule"]) {
          expect(allows(statements, action, `arn:aws:events:${base}:rule/StepFunctionsGetEventsForECSTaskRule`)).toBe(true);
        }
        const passing = statements.filter(({ actions }) => actions.includes("iam:PassRole"));
        expect(passing.flatMap(({ resources }) => resources).toSorted()).toEqual(roles.toSorted());
        expect(passing.map(({ conditions }) => conditions)).toEqual([{ StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } }]);
      }
      const passers = rolesOf(template).filter(({ statements }) => allows(statements, "iam:PassRole"));
      expect(passers).toHaveLength(RUNNING.length);
    }
  });

  test("every workflow may call its own functions and no others", () => {
    for (const [, template] of primaries) {
      for (const [, machine] of resourcesOf(template, "AWS::StepFunctions::StateMachine")) {
        const name = plain(machine.Properties.StateMachineName).split(/-\d-/)[1]!;
        const functions = Object.entries(machine.Properties.DefinitionSubstitutions).filter(([placeholder]) => placeholder.endsWith("FunctionArn")).map(([, arn]) => plain(arn));
        const callable = role(template, `run-${name}`).statements.filter(({ actions }) => actions.includes("lambda:InvokeFunction")).flatMap(({ resources }) => resources);
        expect([name, callable.toSorted()]).toEqual([name, functions.toSorted()]);
      }
    }
  });

  test("state machines log everything and are traced", () => {
    each("AWS::StepFunctions::StateMachine", ({ Properties }) => {
      expect(Properties.LoggingConfiguration.Level).toBe("ALL");
      expect(Properties.TracingConfiguration).toEqual({ Enabled: true });
    });
  });

  test("names known ahead are the names that resources have", () => {
    for (const [, template] of primaries) {
      const machines = resourcesOf(template, "AWS::StepFunctions::StateMachine").map(([, { Properties }]) => plain(Properties.StateMachineName));
      const starting = rolesOf(template).flatMap(({ statements }) => statements).filter(({ actions }) => actions.includes("states:StartExecution"));
      expect(starting.length).toBeGreaterThan(0);
      for (const { resources } of starting) for (const resource of resources) expect(machines).toContain(resource.split(":").at(-1));
      const [, table] = resourcesOf(template, "AWS::DynamoDB::Table")[0]!;
      const [, cluster] = resourcesOf(template, "AWS::ECS::Cluster")[0]!;
      for (const [, { Properties }] of resourcesOf(template, "AWS::Lambda::Function")) {
        const variables = Properties.Environment.Variables;
        expect(plain(variables.CATALOG_TABLE)).toBe(plain(table.Properties.TableName));
        expect(plain(variables.CLUSTER_ARN).split("/").at(-1)).toBe(plain(cluster.Properties.ClusterName));
      }
    }
  });

  test("a cluster without a network of its own, and not one VPC", () => {
    for (const [, template] of stacks) expect(Object.values(template.Resources).filter(({ Type }) => Type.startsWith("AWS::EC2::"))).toEqual([]);
  });
});

describe("functions", () => {
  test("each has its own role, log group, runtime and limits, and a name that stays", () => {
    for (const [row, template] of primaries) {
      const functions = resourcesOf(template, "AWS::Lambda::Function").map(([, { Properties }]) => Properties);
      expect(functions.map(({ FunctionName }) => plain(FunctionName)).toSorted()).toEqual(FUNCTION_NAMES.map((name) => `backups-<account>-${row.region}-${name}`).toSorted());
      expect(new Set(functions.map(({ Role }) => plain(Role))).size).toBe(FUNCTION_NAMES.length);
      for (const { Runtime, Architectures, Timeout, MemorySize, Handler, LoggingConfig } of functions) {
        expect([Runtime, Architectures, Handler]).toEqual(["nodejs24.x", ["arm64"], "index.handler"]);
        expect(Timeout).toBeGreaterThanOrEqual(60);
        expect(MemorySize).toBeGreaterThanOrEqual(256);
        expect(LoggingConfig.LogGroup).toBeDefined();
      }
    }
  });

  test("each, and the task, has every setting", () => {
    for (const [, template] of primaries) {
      for (const [, { Properties }] of resourcesOf(template, "AWS::Lambda::Function")) expect(Object.keys(Properties.Environment.Variables)).toEqual(expect.arrayContaining(Object.keys(settings.shape)));
      const [, task] = resourcesOf(template, "AWS::ECS::TaskDefinition")[0]!;
      const names = task.Properties.ContainerDefinitions[0].Environment.map(({ Name }: { Name: string }) => Name);
      expect(names.toSorted()).toEqual(Object.keys(taskSettings.shape).toSorted());
    }
  });

  test("all regions share the functions' code", () => {
    const keys = new Set<string>();
    each("AWS::Lambda::Function", ({ Properties }) => keys.add(Properties.Code.S3Key));
    expect(keys.size).toBe(FUNCTION_NAMES.length);
  });

  test("logs are kept for the stage's time", () => {
    each("AWS::Logs::LogGroup", ({ Properties }) => expect(Properties.RetentionInDays).toBe(90));
  });
});

describe("grants", () => {
  test("no role may do everything of a service, and only what knows no resource is granted on everything", () => {
    const WITHOUT_RESOURCES = /^(logs:|xray:|ecr:GetAuthorizationToken)/;
    for (const [, template] of stacks) {
      for (const { name, statements } of rolesOf(template)) {
        for (const { actions, resources } of statements) {
          for (const action of actions) {
            expect([name, action]).toEqual([name, expect.not.stringContaining("*")]);
            if (resources.includes("*")) expect([name, action]).toEqual([name, expect.stringMatching(WITHOUT_RESOURCES)]);
          }
        }
      }
    }
  });

  test("only the database task reads secrets, and only tagged ones", () => {
    for (const [, template] of primaries) {
      for (const { name, statements } of rolesOf(template)) {
        const reading = statements.filter(({ actions }) => actions.includes("secretsmanager:GetSecretValue"));
        expect([name, reading.length]).toEqual([name, name.endsWith("-database-task") ? 1 : 0]);
        for (const { conditions } of reading) expect(conditions).toEqual({ StringEquals: { "aws:ResourceTag/nightly-backups": "allowed" } });
      }
    }
  });

  test("only restore and the database task write to file buckets", () => {
    for (const [row, template] of primaries) {
      const writing = rolesOf(template).filter(({ statements }) => allows(statements, "s3:PutObject", "arn:aws:s3:::app-files/key"));
      expect(writing.map(({ name }) => name).toSorted()).toEqual(["database-task", "restore"].map((name) => functionRole(template, row, name).name));
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
  };
  for (const [type, property] of Object.entries(NAMES)) {
    each(type, ({ Properties }) => expect(plain(Properties[property])).toMatch(/(^|\/)backups-<account>-[a-z]+-[a-z]+-\d-[a-z-]+$/));
  }
  const roles = stacks.flatMap(([, template]) => rolesOf(template).map(({ name }) => name));
  expect(new Set(roles).size).toBe(roles.length);
});
