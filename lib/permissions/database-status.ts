/** What RDS tells about the environments' databases. */
import type { ServiceRegion } from "../service-region";
import { allow, type Grantee } from "./allow";

export const grantReadDatabaseStatus = (grantee: Grantee, { account, row }: ServiceRegion): void =>
  allow(grantee, {
    actions: ["rds:DescribeDBInstances"],
    resources: [`arn:aws:rds:${row.region}:${account}:db:*`],
    wildcard: "Environments come and go without a deployment; the call reads what an instance is, never what is in it.",
  });

/** How much of an instance's storage is free. */
export const grantReadStorage = (grantee: Grantee): void =>
  allow(grantee, {
    actions: ["cloudwatch:GetMetricStatistics"],
    resources: ["*"],
    wildcard: "CloudWatch knows no resources for reading metrics.",
  });
