/**
 * The KMS keys that AWS Backup's roles use: those of RDS instances, known by the stage's tag, and the service's own.
 * RDS works with a key through grants. An instance may also be encrypted with `aws/rds`, which can't carry a tag: its
 * own policy admits whoever works through RDS, and AWS Backup itself only has to look at it.
 */
import type { IKey } from "aws-cdk-lib/aws-kms";
import { allow, type Grantee, type Permission } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";
import { keyByAlias } from "./snapshot-access";

const USE = [
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
] as const;
const GRANT = ["kms:CreateGrant"] as const;
const FOR_AWS = { Bool: { "kms:GrantIsForAWSResource": "true" } };

/** Of instances in the region. */
export const grantInstanceKeys = (grantee: Grantee, { account, row, stage }: ServiceRegion): void => {
  const { key, value } = stage.resourceTag;
  useOf(grantee, {
    resources: [keysIn(row.region, account)],
    conditions: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
    wildcard: "The keys of RDS instances are known by a tag, which the condition demands.",
  });
  grantLookAtKeys(grantee, row.region, account);
};

/** Of the service, in the same stack. */
export const grantOwnKey = (grantee: Grantee, { keyArn }: IKey): void => useOf(grantee, { resources: [keyArn] });

/** Of the replica, in its own region. */
export const grantReplicaKey = (grantee: Grantee, region: ServiceRegion, at: string): void => {
  const { resources, conditions = {}, wildcard = "" } = keyByAlias(region, at, region.names.keyAlias("replica"), []);
  useOf(grantee, { resources, conditions, wildcard });
  grantLookAtKeys(grantee, at, region.account);
};

const useOf = (grantee: Grantee, on: Omit<Permission, "actions">): void => {
  allow(grantee, { ...on, actions: USE });
  allow(grantee, { ...on, actions: GRANT, conditions: { ...on.conditions, ...FOR_AWS } });
};

const grantLookAtKeys = (grantee: Grantee, at: string, account: string): void =>
  allow(grantee, {
    actions: ["kms:DescribeKey"],
    resources: [keysIn(at, account)],
    conditions: { StringEquals: { "aws:RequestedRegion": at } },
    wildcard: "AWS's own keys, such as aws/rds, can't carry a tag; the call tells what a key is, and uses none.",
  });

const keysIn = (at: string, account: string): string => `arn:aws:kms:${at}:${account}:key/*`;
