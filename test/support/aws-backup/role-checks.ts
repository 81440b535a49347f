/**
 * What AWS Backup's double refuses, by the synthesized roles: the caller its requests, and jobs what they would do with
 * the role that was handed over. As on AWS, the former is an exception at once, the latter a job that fails.
 */
import { iamOfDefaultStage, ACCOUNT } from "../iam";
import { needsOfBackup, needsOfCopy, needsOfRestore, type MetKey } from "../service-needs/aws-backup";
import { requestsOf, roleName, type Need } from "../service-needs/need";
import { vaultArn, type Point } from "./jobs";

/** As IAM knows a request. */
export interface Request {
  readonly region: string;
  readonly action: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Of a recovery point that the path names. */
  readonly pointArn: string;
}

const firstRefusal = (role: string, needs: readonly Need[]): string | undefined => {
  for (const request of requestsOf(role, needs)) {
    const refusal = iamOfDefaultStage().refusal(request);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};

/** Undefined where the caller may; `caller`: its role's name. */
export const refusalOfCaller = (caller: string, { region, action, body, pointArn }: Request): string | undefined => {
  const { IamRoleArn } = body;
  const context = { "aws:RequestedRegion": region };
  const needs: Need[] = [{ actions: [`backup:${action}`], on: [resourceOf(action, region, body, pointArn)], context }];
  if (typeof IamRoleArn === "string")
    needs.push({
      actions: ["iam:PassRole"],
      on: [IamRoleArn],
      context: { "iam:PassedToService": "backup.amazonaws.com" },
    });
  if (body["RecoveryPointTags"] !== undefined)
    needs.push({ actions: ["backup:TagResource"], on: [`arn:aws:rds:${region}:${ACCOUNT}:snapshot:awsbackup:job-1`] });
  return firstRefusal(caller, needs);
};

const resourceOf = (action: string, region: string, body: Request["body"], pointArn: string): string => {
  if (action === "StartBackupJob") return vaultArn(region, String(body["BackupVaultName"]));
  if (/^Describe\w+Job$/.test(action)) return "*";
  return action.startsWith("Start") ? String(body["RecoveryPointArn"]) : pointArn;
};

/** Why AWS Backup can't work with the role, in its words; undefined where it can. */
const withRole = (roleArn: string, needs: readonly Need[]): string | undefined => {
  const role = roleName(roleArn);
  if (!iamOfDefaultStage().admits(role, "backup.amazonaws.com"))
    return `AWS Backup is unable to assume the role ${roleArn}`;
  const refusal = firstRefusal(role, needs);
  return refusal === undefined ? undefined : `Access Denied (AccessDenied): ${refusal}`;
};

export const objectionToBackup = (
  roleArn: string,
  facts: {
    readonly region: string;
    readonly vault: string;
    readonly instanceArn: string;
    readonly pointArn: string;
    readonly key: MetKey | undefined;
  },
): string | undefined => withRole(roleArn, needsOfBackup({ ...facts, vaultArn: vaultArn(facts.region, facts.vault) }));

export const objectionToCopy = (
  roleArn: string,
  source: Point,
  into: { readonly region: string; readonly vault: string; readonly copyArn: string },
  key: MetKey | undefined,
): string | undefined =>
  withRole(
    roleArn,
    needsOfCopy({
      fromVaultArn: vaultArn(source.region, source.vault),
      intoVaultArn: vaultArn(into.region, into.vault),
      pointArn: source.arn,
      copyArn: into.copyArn,
      key,
      intoKey: {
        arn: `arn:aws:kms:${into.region}:${ACCOUNT}:key/of-the-vault`,
        alias: `alias/${into.vault.replace("backups-", `backups-${ACCOUNT}-`)}`,
      },
    }),
  );

export const objectionToRestore = (
  roleArn: string,
  pointArn: string,
  metadata: Readonly<Record<string, string>>,
  key: MetKey | undefined,
): string | undefined =>
  withRole(
    roleArn,
    needsOfRestore({
      region: pointArn.split(":")[3] ?? "",
      account: ACCOUNT,
      pointArn,
      instance: metadata["DBInstanceIdentifier"] ?? "",
      subnetGroup: metadata["DBSubnetGroupName"] ?? "default",
      parameterGroup: metadata["DBParameterGroupName"] ?? "default.postgres15",
      optionGroup: metadata["OptionGroupName"] ?? "default:postgres-15",
      keys: key === undefined ? [] : [key],
    }),
  );
