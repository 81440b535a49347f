/**
 * Restoring a recovery point as an instance, and swapping it in. Instances come and go without a deployment, so what may
 * be deleted is told by its name: only names that the service itself gives, never an environment's own.
 */
import type { ServiceRegion } from "../service-region";
import { allow, type Grantee } from "./allow";
import { grantReadSecrets } from "./secret-access";

const INSTANCES = "Environments' instances come and go without a deployment, and the registration names them.";

/** What a plan looks at. */
export const grantPlanInstances = (grantee: Grantee, { account, row }: ServiceRegion): void => {
  allow(grantee, {
    actions: ["rds:DescribeAccountAttributes"],
    resources: ["*"],
    wildcard: "The account's quotas are no resource.",
  });
  allow(grantee, {
    actions: ["backup:DescribeRecoveryPoint"],
    resources: [recoveryPoints(account, row.region)],
    wildcard: "Recovery points are named by AWS Backup as it makes them.",
  });
};

export const grantSwapInstances = (grantee: Grantee, region: ServiceRegion): void => {
  const { account, row, names } = region;
  const db = (name: string): string => `arn:aws:rds:${row.region}:${account}:db:${name}`;
  allow(grantee, {
    actions: ["rds:DescribeDBInstances", "rds:ModifyDBInstance", "rds:AddTagsToResource"],
    resources: [db("*")],
    wildcard: INSTANCES,
  });
  allow(grantee, {
    actions: ["rds:DeleteDBInstance"],
    resources: [db("*-new-????????"), db("*-old-????????")],
    wildcard: "Names that only a restore gives: eight hexadecimal digits of its id.",
  });
  allow(grantee, {
    actions: ["backup:GetRecoveryPointRestoreMetadata", "backup:StartRestoreJob"],
    resources: [recoveryPoints(account, row.region)],
    wildcard: "Recovery points are named by AWS Backup as it makes them.",
  });
  allow(grantee, {
    actions: ["backup:DescribeRestoreJob"],
    resources: ["*"],
    wildcard: "AWS Backup knows no resources for its restore jobs.",
  });
  allow(grantee, {
    actions: ["iam:PassRole"],
    resources: [names.roleArn(names.backupRole())],
    conditions: { StringEquals: { "iam:PassedToService": "backup.amazonaws.com" } },
  });
  grantReadSecrets(grantee, region);
};

const recoveryPoints = (account: string, region: string): string =>
  `arn:aws:rds:${region}:${account}:snapshot:awsbackup:*`;
