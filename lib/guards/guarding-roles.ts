/**
 * Who may change what guards data: the roles that CloudFormation deploys with, and the break-glass role. Known by
 * `aws:PrincipalArn`, which is the role's ARN, path included, for every session of it
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn).
 *
 * KMS refuses a key policy that whoever writes it could not write again, so a deployment with a role that is not among
 * these ends at its first key: `deploymentRoles` of the stage names it.
 */
import { Stack } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { Stage } from "../config/load-configuration";
import type { ServiceRegion } from "../service-region";

export interface Deployment {
  readonly account: string;
  /** Where the stack stands; `*` for everywhere. */
  readonly region: string;
  /** Of CDK's bootstrap. */
  readonly qualifier: string;
}

/** Names, with their paths. Left out of the stage: the role that CDK's bootstrap makes for CloudFormation in each region. */
export const deploymentRoles = (
  { deploymentRoles: named }: Pick<Stage, "deploymentRoles">,
  { account, region, qualifier }: Deployment,
): readonly string[] =>
  (named ?? [`cdk-${qualifier}-cfn-exec-role-{account}-{region}`]).map((role) =>
    role.replaceAll("{account}", account).replaceAll("{region}", region),
  );

export const breakGlassArn = ({ names, stage }: ServiceRegion): string => names.roleArn(stage.breakGlassRole);

/** ARNs of those who may change guards of a stack's resources. */
export const guardingRoles = (scope: Construct, region: ServiceRegion): readonly string[] => {
  const stack = Stack.of(scope);
  const qualifier = stack.synthesizer.bootstrapQualifier;
  if (qualifier === undefined && region.stage.deploymentRoles === undefined)
    throw new Error(`${stack.node.path} has no bootstrap qualifier: name the stage's deploymentRoles.`);
  const place = { account: region.account, region: stack.region, qualifier: qualifier ?? "" };
  return [...deploymentRoles(region.stage, place).map((role) => region.names.roleArn(role)), breakGlassArn(region)];
};

/** A statement of a resource's own policy: nobody but `roles`, whatever an identity's policy says. */
export const denyToOthers = (
  sid: string,
  actions: readonly string[],
  roles: readonly string[],
  resources: readonly string[] = ["*"],
): PolicyStatement =>
  new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [...actions],
    resources: [...resources],
    conditions: { ArnNotEquals: { "aws:PrincipalArn": roles.length === 1 ? roles[0] : roles } },
  });
