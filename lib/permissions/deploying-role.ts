/**
 * CloudFormation's own role: CDK's bootstrap makes it in each region, and every stack there is deployed with it.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
import { DefaultStackSynthesizer, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { ServiceRegion } from "../service-region";

export const deployingRoleArn = (scope: Construct, { account, names }: ServiceRegion): string => {
  const { region, synthesizer } = Stack.of(scope);
  const qualifier = synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  return names.roleArn(`cdk-${qualifier}-cfn-exec-role-${account}-${region}`);
};
