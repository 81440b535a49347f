/**
 * What has to be done once in an account before the first deployment: asking for regions, CDK's bootstrap, and the role
 * with which API Gateway writes logs. That role is a setting of an account's region, not of an API, so no stack owns it.
 */
import type { Stage } from "../config/load-configuration";
import type { Place } from "./nightly-table";

const LOG_ROLE = "apigateway-logs";
const TRUST = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

/** A role that a region has already is left as it is: other APIs use it too. */
const logRoleLines = (target: string, rows: readonly Place[]): readonly string[] => [
  "# API Gateway's role for logs, once an account (an error that says it exists is fine)",
  `aws iam create-role --role-name ${LOG_ROLE} --assume-role-policy-document '${JSON.stringify(TRUST)}'`,
  `aws iam attach-role-policy --role-name ${LOG_ROLE} --policy-arn arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs`,
  "# and where a region has none yet",
  ...rows.map(
    ({ region }) =>
      `aws apigateway get-account --region ${region} --query cloudwatchRoleArn --output text | grep -q '^arn:' || ` +
      `aws apigateway update-account --region ${region} --patch-operations "op=replace,path=/cloudwatchRoleArn,value=arn:aws:iam::${target}:role/${LOG_ROLE}"`,
  ),
];

/** Shell lines, in an order that works. Every region once, though several replicate into some. */
export const bootstrapLines = ({ account, rows }: Pick<Stage, "account" | "rows">): readonly string[] => {
  const places = new Map<string, Place>(
    rows
      .flatMap((row): Place[] => [row, row.replication, ...row.formerReplicationRegions])
      .map((place) => [place.region, place]),
  );
  const regions = [...places.values()].toSorted((a, b) => a.region.localeCompare(b.region));
  const target = account ?? "$(aws sts get-caller-identity --query Account --output text)";
  const optIn = regions.filter((place) => place.optIn === true);
  return [
    ...optIn.flatMap(({ name, region }) => [`# ${name}`, `aws account enable-region --region-name ${region}`]),
    ...(optIn.length === 0 ? [] : ["# Enabling takes minutes to hours. Ask until each says ENABLED:"]),
    ...optIn.map(
      ({ region }) => `aws account get-region-opt-status --region-name ${region} --query RegionOptStatus --output text`,
    ),
    ...regions.flatMap(({ name, region }) => [`# ${name}`, `npx cdk bootstrap "aws://${target}/${region}"`]),
    ...logRoleLines(
      target,
      rows.toSorted((a, b) => a.region.localeCompare(b.region)),
    ),
  ];
};
