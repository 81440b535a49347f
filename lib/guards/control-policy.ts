/**
 * A service control policy for what no resource's policy can hold: the account's root user, roles that are changed or
 * passed to somebody else's code, the service's own functions, CloudFormation's role, leaving the organisation. And
 * once more what the resources' policies hold, so that they needn't be trusted alone.
 *
 * It binds every principal of the account but service-linked roles, and nobody of the organisation's management account
 * (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html). Pure.
 */
import { DefaultStackSynthesizer } from "aws-cdk-lib";
import type { Stage } from "../config/load-configuration";
import { Names } from "../names";
import type { Place } from "../regions/nightly-table";
import {
  ALIAS_CHANGES,
  BUCKET_SETTINGS,
  KEY_DESTRUCTION,
  KEY_SETTINGS,
  TABLE_SETTINGS,
  VAULT_SETTINGS,
} from "./guarded-actions";
import { deploymentRoles } from "./guarding-roles";

/** Of one policy, white space included: https://repost.aws/knowledge-center/organization-scp-size. */
export const LONGEST_POLICY = 5120;

export interface PolicyStatementJson {
  readonly Sid: string;
  readonly Effect: "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}
export interface ControlPolicy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatementJson[];
}

export interface ControlPolicyProps {
  readonly stage: Stage;
  readonly account: string;
  /** Of CDK's bootstrap. @default CDK's own */
  readonly qualifier?: string | undefined;
}

/** Making, changing and removing a role, whatever IAM calls it; not reading or passing it. */
const ROLE_CHANGES = ["iam:Attach*", "iam:Create*", "iam:De*", "iam:Put*", "iam:Tag*", "iam:Untag*", "iam:Update*"];
/**
 * What runs with the service's roles, and what tells of failures. An alarm that is put again under its name is another
 * one, and a function with a concurrency of none never runs.
 */
const SERVICE_CHANGES = [
  "cloudwatch:Delete*",
  "cloudwatch:Disable*",
  "cloudwatch:PutMetricAlarm",
  "lambda:AddPermission",
  "lambda:Delete*",
  "lambda:Put*",
  "lambda:RemovePermission",
  "lambda:Update*",
  "scheduler:Delete*",
  "scheduler:Update*",
  "sns:Delete*",
  "sns:Put*",
  "sns:RemovePermission",
  "sns:Set*",
  "states:Delete*",
  "states:Update*",
];

export const controlPolicies = ({
  stage,
  account,
  qualifier = DefaultStackSynthesizer.DEFAULT_QUALIFIER,
}: ControlPolicyProps): readonly ControlPolicy[] => {
  const names = new Names({ prefix: stage.prefix, account, region: "*" });
  const own = names.everything();
  const breakGlass = names.roleArn(stage.breakGlassRole);
  const deployment = deploymentRoles(stage, { account, region: "*", qualifier }).map((role) => names.roleArn(role));
  const guarding = [...deployment, breakGlass];
  const deploying = names.roleArn(`cdk-${qualifier}-deploy-role-${account}-*`);
  const ownRoles = names.roleArn(own);
  const ofOwnKeys = { "ForAnyValue:StringLike": { "kms:ResourceAliases": [`alias/${own}`] } };
  const keys = [`arn:aws:kms:*:${account}:key/*`];
  return packed([
    deny("Buckets", BUCKET_SETTINGS, [`arn:aws:s3:::${own}`], but(guarding)),
    deny("Bypass", ["s3:BypassGovernanceRetention"], [`arn:aws:s3:::${own}`], but([names.functionRoleArn("deletion")])),
    deny("Keys", [...ALIAS_CHANGES, ...KEY_SETTINGS], keys, { ...ofOwnKeys, ...but(guarding) }),
    deny("Destruction", KEY_DESTRUCTION, keys, { ...ofOwnKeys, ...but([breakGlass]) }),
    deny("Aliases", ALIAS_CHANGES, [`arn:aws:kms:*:${account}:alias/${own}`], but(guarding)),
    deny(
      "Vaults",
      VAULT_SETTINGS,
      (["primary", "replica"] as const).map((kind) => names.vaultArn(kind, "*")),
      but(guarding),
    ),
    deny("Catalog", TABLE_SETTINGS, [`arn:aws:dynamodb:*:${account}:table/${own}`], but(guarding)),
    deny(
      "Service",
      SERVICE_CHANGES,
      [
        `arn:aws:cloudwatch:*:${account}:alarm:${own}`,
        `arn:aws:lambda:*:${account}:function:${own}`,
        `arn:aws:scheduler:*:${account}:schedule/default/${own}`,
        `arn:aws:sns:*:${account}:${own}`,
        `arn:aws:states:*:${account}:stateMachine:${own}`,
      ],
      but(guarding),
    ),
    deny("Roles", ROLE_CHANGES, [ownRoles], but(guarding)),
    /**
     * Workflows pass the task's role, functions that of recovery points. AWS Backup runs nobody's code, and people hand
     * it the restoring role where a region is lost.
     */
    deny("Passing", ["iam:PassRole"], [ownRoles], {
      ...but([...guarding, ownRoles]),
      StringNotEquals: { "iam:PassedToService": ["backup.amazonaws.com"] },
    }),
    /** Nobody at all: it is made before this is attached. */
    deny("BreakGlass", ROLE_CHANGES, [breakGlass]),
    deny("Deployment", ROLE_CHANGES, [...deployment, deploying], but([breakGlass])),
    ...(stage.deploymentRoles === undefined ? ofBootstrap(deployment, [deploying, breakGlass], names) : []),
    deny("Account", ["account:CloseAccount", "organizations:LeaveOrganization"], ["*"]),
    ...regions(stage),
  ]);
};

/**
 * What makes CloudFormation work on a stack: it does so with the role that the stack was given, so a template of one's own
 * needs no role to be passed (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html).
 */
const STACK_CHANGES = [
  "cloudformation:Continue*",
  "cloudformation:Create*",
  "cloudformation:Delete*",
  "cloudformation:Execute*",
  "cloudformation:Rollback*",
  "cloudformation:Set*",
  "cloudformation:Update*",
];

/** Only where CDK's bootstrap deploys is it known who starts deployments. */
const ofBootstrap = (
  deployment: readonly string[],
  starting: readonly string[],
  names: Names,
): readonly PolicyStatementJson[] => [
  deny("Deploying", ["iam:PassRole"], deployment, but(starting)),
  deny(
    "Stacks",
    STACK_CHANGES,
    (["primary", "replica", "replica-*"] as const).map((kind) => names.stackArns(kind)),
    but(starting),
  ),
];

/** Regions that can be switched off are those that had to be asked for. */
const regions = ({ rows }: Stage): readonly PolicyStatementJson[] => {
  const optIn = rows
    .flatMap((row): Place[] => [row, row.replication, ...row.formerReplicationRegions])
    .filter((place) => place.optIn === true)
    .map(({ region }) => region);
  return optIn.length === 0
    ? []
    : [
        deny("Regions", ["account:DisableRegion"], ["*"], {
          StringEquals: { "account:TargetRegion": [...new Set(optIn)].toSorted() },
        }),
      ];
};

const deny = (
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: PolicyStatementJson["Condition"],
): PolicyStatementJson => ({
  Sid,
  Effect: "Deny",
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});

const but = (roles: readonly string[]) => ({ ArnNotLike: { "aws:PrincipalArn": roles } });

/** As few documents as hold them in this order. */
const packed = (statements: readonly PolicyStatementJson[]): readonly ControlPolicy[] => {
  const documents: PolicyStatementJson[][] = [];
  for (const statement of statements) {
    const last = documents.at(-1);
    if (last !== undefined && controlPolicyText(policy([...last, statement])).length <= LONGEST_POLICY)
      last.push(statement);
    else documents.push([statement]);
  }
  return documents.map(policy);
};

const policy = (Statement: readonly PolicyStatementJson[]): ControlPolicy => ({ Version: "2012-10-17", Statement });

/** Without white space, which counts. */
export const controlPolicyText = (document: ControlPolicy): string => JSON.stringify(document);
