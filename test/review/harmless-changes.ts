/** Changes that a review tells of and lets pass. */
import type { Json } from "../support/synthesized";
import { ALARM_CHANGES } from "./alarm-changes";
import type { Changed } from "./template-changes";

export interface TemplateChange {
  readonly change: string;
  readonly make: (changed: Changed) => void;
  readonly says: readonly string[];
  /** What is said besides, of a change that is refused. */
  readonly changes?: readonly string[];
}

export const HARMLESS: readonly TemplateChange[] = [
  ...ALARM_CHANGES,
  {
    change: "a region's start moves",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::Scheduler::Schedule", "nightly-window").ScheduleExpression =
        "cron(0 1 * * ? *)";
    },
    says: ["Osaka's start moves from 00:00 to 01:00 UTC."],
  },
  {
    change: "a region's window gets longer",
    make: (changed) => {
      const { Variables } = changed.properties("Primary-Osaka", "AWS::Lambda::Function", "nightly-window").Environment;
      Variables.WINDOW = Variables.WINDOW.replace('"durationMinutes":60', '"durationMinutes":120');
    },
    says: ["Osaka's window lasts 120 minutes instead of 60."],
  },
  {
    change: "a retention gets longer",
    make: (changed) => {
      changed.rules.retention.weekly = { months: 6 };
    },
    says: ["Weekly snapshots taken from now on are kept 6 months instead of 3 months."],
  },
  {
    change: "a bucket is also kept when the deployment that makes it fails",
    make: (changed) => {
      changed.resource("Primary-Osaka", "AWS::S3::Bucket", "primary").DeletionPolicy = "Retain";
    },
    says: [
      'In Osaka, the bucket "primary" is still kept when the stack is deleted; what a deployment has just made, and then fails, stays behind too (DeletionPolicy changes from RetainExceptOnCreate to Retain).',
    ],
  },
  {
    change: "a catalog and a key go with the failed deployment that has just made them",
    make: (changed) => {
      changed.resource("Primary-Osaka", "AWS::DynamoDB::Table", "catalog").DeletionPolicy = "RetainExceptOnCreate";
      changed.resource("Primary-Osaka", "AWS::KMS::Key", "Key").DeletionPolicy = "RetainExceptOnCreate";
    },
    says: [
      'In Osaka, the table "catalog" and the key "Snapshots of <place>" are still kept when the stack is deleted; what a deployment has just made, and then fails, is deleted again (DeletionPolicy changes from Retain to RetainExceptOnCreate).',
    ],
  },
  {
    change: "an alarm's threshold",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::CloudWatch::Alarm", "backup-failed").Threshold = 3;
    },
    says: ['In Osaka, the threshold of the alarm "backup-failed" changes from 1 to 3.'],
  },
  {
    change: "an alarm is removed",
    make: (changed) => {
      delete changed.stack("Primary-Osaka").template.Resources[
        changed.logicalId("Primary-Osaka", "AWS::CloudWatch::Alarm", "upload-failed")
      ];
    },
    says: ['In Osaka, nobody is told any more by the alarm "upload-failed", which is removed.'],
  },
  {
    change: "someone else is told of failures",
    make: (changed) => {
      changed.stack("Primary-Osaka").template.Resources.Somebody = {
        Type: "AWS::SNS::Subscription",
        Properties: { Endpoint: "night@example.com", Protocol: "email", TopicArn: { Ref: "Topic" } },
      };
    },
    says: ["In Osaka, night@example.com is told of failures."],
  },
  {
    change: "a function gets more memory and time",
    make: (changed) => {
      const properties = changed.properties("Primary-Osaka", "AWS::Lambda::Function", "restoreFunction");
      properties.MemorySize = 3008;
      properties.Timeout = 60;
    },
    says: [
      'In Osaka, the function "restore" gets 3008 MB of memory instead of 1769.',
      'In Osaka, the function "restore" may run 60 s instead of 900.',
    ],
  },
  {
    change: "the database task gets more processors",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::ECS::TaskDefinition").Cpu = "4096";
    },
    says: ['In Osaka, the task "database-task" gets 4096 CPU units instead of 2048.'],
  },
  {
    change: "the database task runs another image",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::ECS::TaskDefinition").ContainerDefinitions[0].Image =
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com/backups:2";
    },
    says: [
      'In Osaka, the task "database-task" runs the image 123456789012.dkr.ecr.eu-central-1.amazonaws.com/backups:2 instead of <account>.dkr.ecr.<region>.<AWS::URLSuffix>/cdk-hnb659fds-container-assets-<account>-<region>:<asset>.',
    ],
  },
  {
    change: "states of a workflow",
    make: (changed) => {
      const properties = changed.properties("Primary-Osaka", "AWS::StepFunctions::StateMachine", "deletion");
      const definition = JSON.parse(properties.DefinitionString);
      const [first] = Object.keys(definition.States);
      definition.States[first as string].TimeoutSeconds = 1;
      definition.States["Look once more"] = { Type: "Succeed" };
      properties.DefinitionString = JSON.stringify(definition);
    },
    says: ['In Osaka, the workflow "deletion" changes the step Queue; it gains the step Look once more.'],
  },
  {
    change: "logs are kept shorter",
    make: (changed) => {
      for (const { template } of changed.stacks)
        for (const { Type, Properties } of Object.values<Json>(template.Resources))
          if (Type === "AWS::Logs::LogGroup") Properties.RetentionInDays = 30;
    },
    says: ["In every region, logs are kept 30 days instead of 90."],
  },
  {
    change: "lock mode becomes compliance",
    make: (changed) => {
      for (const { template } of changed.stacks)
        for (const { Type, Properties } of Object.values<Json>(template.Resources))
          if (Type === "AWS::Lambda::Function" && Properties.Environment.Variables.LOCK_MODE !== undefined)
            Properties.Environment.Variables.LOCK_MODE = "COMPLIANCE";
    },
    says: [
      "In every region, new snapshots are locked in compliance mode instead of governance: nobody can delete them before their expiry.",
    ],
  },
  {
    change: "a role loses an action",
    make: (changed) => {
      const statements = changed.statements("Primary-Osaka", "deletion");
      statements.pop();
    },
    says: [
      'In Osaka, the role "deletion" may no longer events:PutEvents on arn:aws:events:<region>:<account>:event-bus/default where events:source is nightly-backups.backups.',
    ],
  },
  {
    change: "a role's resource becomes narrower, and its conditions stricter",
    make: (changed) => {
      const [statement] = changed.statements("Primary-Osaka", "replication");
      statement.Condition = { StringEquals: { "aws:ResourceAccount": { Ref: "AWS::AccountId" } } };
    },
    says: [
      'In Osaka, the role "replication" may s3:GetReplicationConfiguration and s3:ListBucket on arn:aws:s3:::backups-<account>-<region>-primary now only where aws:ResourceAccount is <account>.',
    ],
  },
  {
    change: "the API's addresses become IPv4 only",
    make: (changed) => {
      changed.before = (earlier) =>
        (earlier.properties("Primary-Osaka", "AWS::ApiGateway::RestApi").EndpointConfiguration.IpAddressType =
          "dualstack");
    },
    says: [
      "In Osaka, API and page are reached by IPv4 only, because no IPv6 network is allowed; until now by IPv4 and IPv6.",
    ],
  },
  {
    change: "an IPv6 network is allowed, so the API gets IPv6 addresses",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::ApiGateway::RestApi").EndpointConfiguration.IpAddressType = "dualstack";
    },
    says: ["In Osaka, API and page are reached by IPv4 and IPv6; until now by IPv4 only."],
  },
  {
    change: "the API becomes private",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::ApiGateway::RestApi").EndpointConfiguration = {
        IpAddressType: "dualstack",
        Types: ["PRIVATE"],
        VpcEndpointIds: ["vpce-0123456789abcdef0"],
      };
    },
    says: [
      "In Osaka, API and page are reached by IPv4 and IPv6; until now by IPv4 only.",
      'In Osaka, Types of the API "api" becomes ["PRIVATE"] instead of ["REGIONAL"].',
      'In Osaka, VpcEndpointIds of the API "api" becomes ["vpce-0123456789abcdef0"] instead of nothing.',
    ],
  },
  {
    change: "another throttle",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::ApiGateway::Stage").MethodSettings[0].ThrottlingRateLimit = 50;
    },
    says: ["In Osaka, API and page answer at most 50 requests a second instead of 100."],
  },
  {
    change: "a key refuses more",
    make: (changed) => {
      const { KeyPolicy } = changed.properties("Primary-Osaka", "AWS::KMS::Key", "Key");
      KeyPolicy.Statement.find(({ Sid }: Json) => Sid === "OnlyDeploymentsChangeGuards").Action.push("kms:RevokeGrant");
    },
    says: [
      'In Osaka, the key "Snapshots of <place>" is tighter: it now refuses kms:RevokeGrant to everyone but the roles backups-break-glass and cdk-hnb659fds-cfn-exec-role-<account>-<region>.',
    ],
  },
  {
    change: "the catalog gets a policy that only refuses",
    make: (changed) => {
      changed.before = (earlier) => {
        delete earlier.properties("Primary-Osaka", "AWS::DynamoDB::Table").ResourcePolicy;
      };
    },
    says: [
      'In Osaka, the table "catalog" is tighter: it now refuses dynamodb:DeleteResourcePolicy, dynamodb:DeleteTable, dynamodb:PutResourcePolicy, dynamodb:UpdateContinuousBackups, dynamodb:UpdateTable and dynamodb:UpdateTimeToLive to everyone but the roles backups-break-glass and cdk-hnb659fds-cfn-exec-role-<account>-<region>.',
    ],
  },
  {
    change: "a guard leaves fewer out",
    make: (changed) => {
      const { AccessPolicy } = changed.properties("Primary-Osaka", "AWS::Backup::BackupVault", "RecoveryPoints");
      const statement = AccessPolicy.Statement.find(({ Sid }: Json) => Sid === "OnlyDeploymentsChangeGuards");
      statement.Condition.ArnNotEquals["aws:PrincipalArn"].shift();
    },
    says: [
      'In Osaka, the vault "primary" is tighter: it now refuses backup:DeleteBackupVault, backup:DeleteBackupVaultAccessPolicy, backup:DeleteBackupVaultLockConfiguration, backup:PutBackupVaultAccessPolicy and backup:PutBackupVaultLockConfiguration to everyone but the role backups-break-glass.',
    ],
  },
  {
    change: "a log group outlives its stack no longer",
    make: (changed) => {
      changed.before = (earlier) => {
        earlier.resource("Primary-Osaka", "AWS::Logs::LogGroup", "api").DeletionPolicy = "Retain";
      };
      changed.resource("Primary-Osaka", "AWS::Logs::LogGroup", "api").DeletionPolicy = "Delete";
    },
    says: ['In Osaka, DeletionPolicy of the log group "api" becomes Delete instead of Retain.'],
  },
  {
    change: "room is reserved for a function, another gets less",
    make: (changed) => {
      changed.before = (earlier) => {
        earlier.properties("Primary-Osaka", "AWS::Lambda::Function", "archiveFunction").ReservedConcurrentExecutions =
          50;
      };
      changed.properties("Primary-Osaka", "AWS::Lambda::Function", "apiFunction").ReservedConcurrentExecutions = 20;
      changed.properties("Primary-Osaka", "AWS::Lambda::Function", "archiveFunction").ReservedConcurrentExecutions = 10;
    },
    says: [
      'In Osaka, the function "api" runs at most 20 at once, reserved for it, instead of as many at once as the account has room for.',
      'In Osaka, the function "archive" runs at most 10 at once, reserved for it, instead of at most 50 at once, reserved for it.',
    ],
  },
  {
    change: "the image's digest",
    make: (changed) => {
      const image = (digest: string) => `123456789012.dkr.ecr.ap-northeast-3.amazonaws.com/backups@sha256:${digest}`;
      changed.before = (earlier) => {
        earlier.properties("Primary-Osaka", "AWS::ECS::TaskDefinition").ContainerDefinitions[0].Image = image(
          "0a".repeat(16),
        );
      };
      changed.properties("Primary-Osaka", "AWS::ECS::TaskDefinition").ContainerDefinitions[0].Image = image(
        "1b".repeat(16),
      );
    },
    says: [
      'In Osaka, the task "database-task" runs the image 123456789012.dkr.ecr.<region>.amazonaws.com/backups@sha256:1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b instead of 123456789012.dkr.ecr.<region>.amazonaws.com/backups@sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.',
    ],
  },
  {
    change: "something else of the container",
    make: (changed) => {
      changed.before = (earlier) => {
        earlier.properties("Primary-Osaka", "AWS::ECS::TaskDefinition").ContainerDefinitions = [
          { Name: "task", Image: "i" },
        ];
      };
      changed.properties("Primary-Osaka", "AWS::ECS::TaskDefinition").ContainerDefinitions = [
        { Name: "task", Image: "i", StopTimeout: 120 },
      ];
    },
    says: [
      'In Osaka, the container of the task "database-task" becomes {"Name":"task","StopTimeout":120} instead of {"Name":"task"}.',
    ],
  },
  {
    change: "a map becomes a distributed one",
    make: (changed) => {
      const properties = changed.properties("Primary-Osaka", "AWS::StepFunctions::StateMachine", "retention");
      const definition = JSON.parse(properties.DefinitionString);
      definition.States.ExpireEach.ItemProcessor = {
        ...definition.States.ExpireEach.ItemProcessor,
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      };
      properties.DefinitionString = JSON.stringify(definition);
    },
    says: [
      'In Osaka, the workflow "retention" changes the step ExpireEach.',
      'In Osaka, ExpireEach of the workflow "retention" is a distributed map: each of its batches runs as an execution of its own.',
    ],
  },
  {
    change: "a right only for what is tagged",
    make: (changed) => {
      changed.before = (earlier) => {
        const statement = earlier
          .statements("Primary-Osaka", "instance-swap")
          .find(({ Action }: Json) => Action === "rds:DeleteDBInstance");
        delete statement.Condition;
      };
    },
    says: [
      'In Osaka, the role "instance-swap" may rds:DeleteDBInstance on arn:aws:rds:<region>:<account>:db:*-nightly-backups-new-???????? and arn:aws:rds:<region>:<account>:db:*-nightly-backups-old-???????? now only where aws:ResourceTag/nightly-backups:restore isn\'t empty.',
    ],
  },
  {
    change: "a role's trust is narrower",
    make: (changed) => {
      changed.properties(
        "Primary-Osaka",
        "AWS::IAM::Role",
        "replication",
      ).AssumeRolePolicyDocument.Statement[0].Condition = {
        StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } },
      };
    },
    says: [
      'In Osaka, the role "replication" may be taken on by s3.amazonaws.com now only where aws:SourceAccount is <account>.',
    ],
  },
  {
    change: "one more lifecycle rule, that ends nothing",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::S3::Bucket", "transfer").LifecycleConfiguration.Rules.push({
        Id: "idle",
        Status: "Enabled",
      });
    },
    says: ['In Osaka, LifecycleConfiguration.Rules of the bucket "transfer" gains {"Id":"idle","Status":"Enabled"}.'],
  },
  {
    change: "the same of many functions, and new ones",
    make: (changed) => {
      for (const { Type, Properties } of Object.values<Json>(changed.stack("Primary-Osaka").template.Resources))
        if (Type === "AWS::Lambda::Function") Properties.TracingConfig = { Mode: "PassThrough" };
    },
    says: [
      'In Osaka, TracingConfig.Mode of the functions "access", "api", "archive", "backup-begin", "backup-fail", "backup-pack", "backup-plan", "backup-seal", "console", "deletion", "drill", "gauges", "instance-swap", "keep", "nightly-window", "recovery-point", "registration", "replication-check", "requests", "restore" and "retention" becomes PassThrough instead of Active.',
    ],
  },
  {
    change: "what no rule knows",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::SQS::Queue").VisibilityTimeout = 60;
    },
    says: ['In Osaka, VisibilityTimeout of the queue "undelivered-events" becomes 60 instead of nothing.'],
  },
];
