/** Changes that would let somebody do more: a review refuses them. */
import type { Json } from "../support/synthesized";
import type { TemplateChange } from "./harmless-changes";
import type { Changed } from "./template-changes";

const PRIMARY = "Primary-Osaka";
const addStatement = (changed: Changed, statement: Json): void => {
  changed.statements(PRIMARY, "deletion").push({ Effect: "Allow", ...statement });
};

export const WIDENING: readonly TemplateChange[] = [
  {
    change: "a role is no longer bounded",
    make: (changed) => {
      changed.before = (earlier) => {
        earlier.properties(PRIMARY, "AWS::IAM::Role", "api").PermissionsBoundary = "arn:aws:iam::aws:policy/boundary";
      };
    },
    says: ['In Osaka, the role "api" is bounded by nothing instead of arn:aws:iam::aws:policy/boundary.'],
  },
  {
    change: "a role may do one more thing",
    make: (changed) => {
      changed.statements(PRIMARY, "retention").push({
        Effect: "Allow",
        Action: "s3:BypassGovernanceRetention",
        Resource: {
          "Fn::Join": ["", ["arn:aws:s3:::backups-", { Ref: "AWS::AccountId" }, "-ap-northeast-3-primary/*"]],
        },
      });
    },
    says: [
      'In Osaka, the role "retention" may now s3:BypassGovernanceRetention on arn:aws:s3:::backups-<account>-<region>-primary/*.',
    ],
  },
  {
    change: "a role's resource becomes everything",
    make: (changed) => {
      changed.before = (earlier) =>
        addStatement(earlier, { Action: "s3:PutObject", Resource: "arn:aws:s3:::own/uploads/*" });
      addStatement(changed, { Action: "s3:PutObject", Resource: "arn:aws:s3:::own/*" });
    },
    says: ['In Osaka, the role "deletion" may now s3:PutObject on arn:aws:s3:::own/*.'],
  },
  {
    change: "a role's action becomes a wildcard",
    make: (changed) => {
      changed.before = (earlier) => addStatement(earlier, { Action: "sns:Publish", Resource: "arn:aws:sns:::own" });
      addStatement(changed, { Action: "sns:*", Resource: "arn:aws:sns:::own" });
    },
    says: ['In Osaka, the role "deletion" may now sns:* on arn:aws:sns:::own.'],
  },
  {
    change: "a condition is dropped",
    make: (changed) => {
      const statement = { Action: "sns:Publish", Resource: "arn:aws:sns:::own" };
      changed.before = (earlier) =>
        addStatement(earlier, { ...statement, Condition: { StringEquals: { "aws:ResourceAccount": "123456789012" } } });
      addStatement(changed, statement);
    },
    says: [
      'In Osaka, the role "deletion" may now sns:Publish on arn:aws:sns:::own, and no longer only where aws:ResourceAccount is 123456789012.',
    ],
  },
  {
    change: "someone else may take on a role",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::IAM::Role", "deletion").AssumeRolePolicyDocument.Statement.push({
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { AWS: "arn:aws:iam::999999999999:root" },
      });
    },
    says: ['In Osaka, the role "deletion" may now be taken on by arn:aws:iam::999999999999:root.'],
  },
  {
    change: "a managed policy is attached",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::IAM::Role", "api").ManagedPolicyArns = [
        "arn:aws:iam::aws:policy/AdministratorAccess",
      ];
    },
    says: [
      'In Osaka, the role "api" may now do all that the managed policy arn:aws:iam::aws:policy/AdministratorAccess allows.',
    ],
  },
  {
    change: "a new role",
    make: (changed) => {
      changed.stack(PRIMARY).template.Resources.Helper = {
        Type: "AWS::IAM::Role",
        Properties: {
          RoleName: "helper",
          AssumeRolePolicyDocument: { Statement: [] },
          Policies: [{ PolicyDocument: { Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] } }],
        },
      };
    },
    says: [
      'In Osaka, the role "helper" is new and may be taken on by nobody; it may:\n  - s3:GetObject on everything.',
    ],
  },
  {
    change: "someone else may call a function",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::Lambda::Permission").Principal = "*";
    },
    says: [
      "In Osaka, the function apiFunction may now be called by anyone from arn:aws:execute-api:<region>:<account>:<Api>/<ApiDeploymentStagebackups>/*/api/*, instead of by apigateway.amazonaws.com from arn:aws:execute-api:<region>:<account>:<Api>/<ApiDeploymentStagebackups>/*/api/*.",
    ],
  },
  {
    change: "a network may reach the API",
    make: (changed) => {
      const statement = changed
        .properties(PRIMARY, "AWS::ApiGateway::RestApi")
        .Policy.Statement.find(({ Effect }: Json) => Effect === "Deny");
      statement.Condition = { NotIpAddress: { "aws:SourceIp": ["203.0.113.0/24"] } };
    },
    says: ["In Osaka, API and page may now be reached from 203.0.113.0/24 too."],
  },
  {
    change: "a private API becomes public",
    make: (changed) => {
      changed.before = (earlier) =>
        (earlier.properties(PRIMARY, "AWS::ApiGateway::RestApi").EndpointConfiguration = {
          IpAddressType: "dualstack",
          Types: ["PRIVATE"],
        });
    },
    says: [
      "In Osaka, the deployment fails as long as API and page are private, because API Gateway makes a private API public only as dualstack.",
    ],
    changes: [
      "In Osaka, API and page are reached by IPv4 only, because no IPv6 network is allowed; until now by IPv4 and IPv6.",
      'In Osaka, Types of the API "api" becomes ["REGIONAL"] instead of ["PRIVATE"].',
    ],
  },
  {
    change: "everyone may reach the API",
    make: (changed) => {
      const { Policy } = changed.properties(PRIMARY, "AWS::ApiGateway::RestApi");
      Policy.Statement = Policy.Statement.filter(({ Effect }: Json) => Effect === "Allow");
    },
    says: ["In Osaka, API and page can be reached from everywhere, and the API can delete backups."],
  },
  {
    change: "a key's guard is gone",
    make: (changed) => {
      const { KeyPolicy } = changed.properties(PRIMARY, "AWS::KMS::Key", "Key");
      KeyPolicy.Statement = KeyPolicy.Statement.filter(({ Sid }: Json) => Sid !== "OnlyDeploymentsChangeGuards");
    },
    says: [
      'In Osaka, the key "Snapshots of <place>" no longer refuses kms:DeleteAlias, kms:DisableKeyRotation, kms:PutKeyPolicy and kms:UpdateAlias; it did to everyone but the roles backups-break-glass and cdk-hnb659fds-cfn-exec-role-<account>-<region>.',
    ],
  },
  {
    change: "guards leave somebody else out",
    make: (changed) => {
      const admin = { "Fn::Join": ["", ["arn:aws:iam::", { Ref: "AWS::AccountId" }, ":role/admin"]] };
      const leaveOut = (document: Json): void => {
        const { Condition } = document.Statement.find(({ Sid }: Json) => Sid === "OnlyDeploymentsChangeGuards");
        Condition.ArnNotEquals["aws:PrincipalArn"].push(admin);
      };
      leaveOut(changed.properties(PRIMARY, "AWS::S3::BucketPolicy", "Snapshots").PolicyDocument);
      leaveOut(changed.properties(PRIMARY, "AWS::DynamoDB::Table").ResourcePolicy.PolicyDocument);
    },
    says: [
      'In Osaka, the table "catalog" no longer refuses dynamodb:DeleteResourcePolicy, dynamodb:DeleteTable, dynamodb:PutResourcePolicy, dynamodb:UpdateContinuousBackups, dynamodb:UpdateTable and dynamodb:UpdateTimeToLive to the role admin; it did to everyone but the roles backups-break-glass and cdk-hnb659fds-cfn-exec-role-<account>-<region>.',
      "In Osaka, the policy of the bucket SnapshotsBucket no longer refuses s3:DeleteBucket*, s3:PauseReplication, s3:PutBucket*, s3:PutEncryptionConfiguration, s3:PutIntelligentTieringConfiguration, s3:PutLifecycleConfiguration, s3:PutReplicationConfiguration and s3:Update* to the role admin; it did to everyone but the roles backups-break-glass and cdk-hnb659fds-cfn-exec-role-<account>-<region>.",
    ],
  },
  {
    change: "a guard forgets one action, in one place of a bucket",
    make: (changed) => {
      const { Statement } = changed.properties(PRIMARY, "AWS::S3::BucketPolicy", "Transfer").PolicyDocument;
      const statement = Statement.find(({ Sid }: Json) => Sid === "OnlyDeploymentsChangeGuards");
      statement.Action = statement.Action.filter((action: string) => action !== "s3:PutLifecycleConfiguration");
    },
    says: [
      "In Osaka, the policy of the bucket TransferBucket no longer refuses s3:PutLifecycleConfiguration; it did to everyone but the roles backups-break-glass and cdk-hnb659fds-cfn-exec-role-<account>-<region>.",
    ],
  },
  {
    change: "a guard holds only at times",
    make: (changed) => {
      const { AccessPolicy } = changed.properties(PRIMARY, "AWS::Backup::BackupVault", "RecoveryPoints");
      const statement = AccessPolicy.Statement.find(({ Sid }: Json) => Sid === "OnlyTheServiceDeletes");
      statement.Condition.Bool = { "aws:MultiFactorAuthPresent": "false" };
    },
    says: [
      'In Osaka, the vault "primary" now refuses backup:DeleteRecoveryPoint only to everyone but the roles backups-<account>-<region>-backup-fail, backups-<account>-<region>-deletion and backups-<account>-<region>-retention where aws:MultiFactorAuthPresent is false; it did to everyone but the roles backups-<account>-<region>-backup-fail, backups-<account>-<region>-deletion and backups-<account>-<region>-retention.',
    ],
  },
  {
    change: "the catalog's policy is gone",
    make: (changed) => {
      delete changed.properties(PRIMARY, "AWS::DynamoDB::Table").ResourcePolicy;
    },
    says: [
      'In Osaka, the table "catalog" no longer refuses dynamodb:DeleteResourcePolicy, dynamodb:DeleteTable, dynamodb:PutResourcePolicy, dynamodb:UpdateContinuousBackups, dynamodb:UpdateTable and dynamodb:UpdateTimeToLive; it did to everyone but the roles backups-break-glass and cdk-hnb659fds-cfn-exec-role-<account>-<region>.',
    ],
  },
  {
    change: "a condition by tag is gone from what may be deleted",
    make: (changed) => {
      const deleting = (of: Changed): Json =>
        of.statements(PRIMARY, "instance-swap").find(({ Action }: Json) => Action === "rds:DeleteDBInstance");
      delete deleting(changed).Condition;
    },
    says: [
      'In Osaka, the role "instance-swap" may now rds:DeleteDBInstance on arn:aws:rds:<region>:<account>:db:*-nightly-backups-new-???????? and arn:aws:rds:<region>:<account>:db:*-nightly-backups-old-????????, and no longer only where aws:ResourceTag/nightly-backups:restore isn\'t empty.',
    ],
  },
  {
    change: "two roles get the same right, and one another",
    make: (changed) => {
      for (const role of ["deletion", "retention"])
        changed.statements(PRIMARY, role).push({ Effect: "Allow", Action: ["sqs:SendMessage"], Resource: "*" });
      addStatement(changed, { Action: "sqs:DeleteQueue", Resource: "*" });
    },
    says: [
      'In Osaka, the roles "deletion" and "retention" may now sqs:SendMessage on everything.',
      'In Osaka, the role "deletion" may now sqs:DeleteQueue on everything.',
    ],
  },
  {
    change: "a new role with many rights, each named",
    make: (changed) => {
      changed.stack(PRIMARY).template.Resources.Restorer = {
        Type: "AWS::IAM::Role",
        Properties: {
          RoleName: { "Fn::Join": ["", ["backups-", { Ref: "AWS::AccountId" }, "-ap-northeast-3-restores"]] },
          AssumeRolePolicyDocument: {
            Statement: [
              {
                Effect: "Allow",
                Action: "sts:AssumeRole",
                Principal: { Service: "backup.amazonaws.com" },
                Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
              },
            ],
          },
          ManagedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
          Policies: [
            {
              PolicyDocument: {
                Statement: [
                  {
                    Effect: "Allow",
                    Action: ["a", "b", "c", "d", "e", "f"].map((one) => `rds:${one}`),
                    Resource: ["arn:1", "arn:2", "arn:3", "arn:4", "arn:5"],
                  },
                  {
                    Effect: "Allow",
                    Action: "kms:CreateGrant",
                    Resource: "*",
                    Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
                  },
                ],
              },
            },
          ],
        },
      };
    },
    says: [
      'In Osaka, the role "restores" is new and may be taken on by backup.amazonaws.com where aws:SourceAccount is <account>; it may:\n  - rds:a, rds:b, rds:c, rds:d, rds:e and rds:f on arn:1, arn:2, arn:3, arn:4 and arn:5\n  - kms:CreateGrant on everything where kms:GrantIsForAWSResource is true\n  - all of the managed policy arn:aws:iam::aws:policy/ReadOnlyAccess.',
    ],
  },
  {
    change: "nothing is left for a function",
    make: (changed) => {
      changed.properties(PRIMARY, "AWS::Lambda::Function", "retentionFunction").ReservedConcurrentExecutions = 0;
    },
    says: ['In Osaka, the function "retention" no longer runs, because nothing is reserved for it.'],
  },
];
