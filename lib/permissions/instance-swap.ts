/**
 * Restoring a recovery point as an instance, and swapping it in. Instances come and go without a deployment, so what may
 * be touched is told by tags: only what people have given the stage's tag is changed, and only what a restore has marked
 * is deleted. An instance gets the mark where people's tag stands already, or under a name that only a restore gives.
 */
import { BESIDE_PATTERN, REPLACED_PATTERN } from "../../lambda/instance-swap/instance-names";
import { SWAP_MARK } from "../../lambda/instance-swap/swap-mark";
import type { ServiceRegion } from "../service-region";
import { recoveryPointsIn } from "../storage/recovery-points";
import { allow, type Grantee } from "./allow";
import { grantPassToAwsBackup } from "./recovery-points";
import { grantReadSecrets } from "./secret-access";

const INSTANCES = "Environments' instances come and go without a deployment, and the registration names them.";
const NAMED = "Names that only a restore gives: the service's own words and eight hexadecimal digits of its id.";

/** What a plan looks at. */
export const grantPlanInstances = (grantee: Grantee, { account, row }: ServiceRegion): void => {
  allow(grantee, {
    actions: ["rds:DescribeAccountAttributes"],
    resources: ["*"],
    wildcard: "The account's quotas are no resource.",
  });
  allow(grantee, {
    actions: ["backup:DescribeRecoveryPoint"],
    resources: [recoveryPointsIn(row.region, account)],
    wildcard: "Recovery points are named by AWS Backup as it makes them.",
  });
};

export const grantSwapInstances = (grantee: Grantee, region: ServiceRegion): void => {
  const { account, row, names } = region;
  grantChangeInstances(grantee, region);
  allow(grantee, {
    actions: ["backup:GetRecoveryPointRestoreMetadata", "backup:StartRestoreJob"],
    resources: [recoveryPointsIn(row.region, account)],
    wildcard: "Recovery points are named by AWS Backup as it makes them.",
  });
  allow(grantee, {
    actions: ["backup:DescribeRestoreJob"],
    resources: ["*"],
    wildcard: "AWS Backup knows no resources for its restore jobs.",
  });
  grantPassToAwsBackup(grantee, names.roleArn(names.restoreRole()));
  grantReadSecrets(grantee, region);
};

const grantChangeInstances = (grantee: Grantee, { account, row, stage }: ServiceRegion): void => {
  const db = (name: string): string => `arn:aws:rds:${row.region}:${account}:db:${name}`;
  const allowed = { [`aws:ResourceTag/${stage.resourceTag.key}`]: stage.resourceTag.value };
  allow(grantee, { actions: ["rds:DescribeDBInstances"], resources: [db("*")], wildcard: INSTANCES });
  allow(grantee, {
    actions: ["rds:ModifyDBInstance"],
    resources: [db("*")],
    conditions: { StringEquals: allowed },
    wildcard: INSTANCES,
  });
  /** The mark on and off; no other tag, or the role could give itself the rest. */
  allow(grantee, {
    actions: ["rds:AddTagsToResource", "rds:RemoveTagsFromResource"],
    resources: [db("*")],
    conditions: { StringEquals: allowed, "ForAllValues:StringEquals": { "aws:TagKeys": [SWAP_MARK] } },
    wildcard: INSTANCES,
  });
  /** The new instance takes over every tag of the old one. */
  allow(grantee, { actions: ["rds:AddTagsToResource"], resources: [db(BESIDE_PATTERN)], wildcard: NAMED });
  allow(grantee, {
    actions: ["rds:DeleteDBInstance"],
    resources: [db(BESIDE_PATTERN), db(REPLACED_PATTERN)],
    conditions: { StringLike: { [`aws:ResourceTag/${SWAP_MARK}`]: "?*" } },
    wildcard: NAMED,
  });
};
