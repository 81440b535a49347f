/** The roles that functions hand to AWS Backup, as their own variables name them, and what AWS Backup will ask of them. */
import { BESIDE_PATTERN } from "../../../lambda/instance-swap/instance-names";
import { SWAP_MARK } from "../../../lambda/instance-swap/swap-mark";
import type { SynthesizedApp } from "../../../local/template/app";
import { ACCOUNT } from "../iam";
import {
  FOR_BACKUP,
  FOR_RESTORES,
  needsOfBackup,
  needsOfCopy,
  needsOfExpiry,
  needsOfRestore,
  needsOfTakingBack,
  type MetKey,
} from "./aws-backup";
import { roleName, type ServiceRole } from "./need";

interface FunctionProperties {
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}
const AWS_BACKUP = "backup.amazonaws.com";

const variablesOf = (app: SynthesizedApp, suffix: string) =>
  app
    .all<FunctionProperties>("AWS::Lambda::Function")
    .filter(({ name }) => name.endsWith(`-${suffix}`) && !name.includes("-recover-"))
    .map(({ region, properties }) => ({ region, variables: properties.Environment?.Variables ?? {} }));

/** Of an instance that people have tagged; of one that is encrypted with `aws/rds`. */
const instanceKeys = (region: string): readonly MetKey[] => [
  { arn: `arn:aws:kms:${region}:${ACCOUNT}:key/of-an-instance`, tags: { "nightly-backups": "allowed" } },
  { arn: `arn:aws:kms:${region}:${ACCOUNT}:key/aws-rds`, isOfAws: true },
];
/** Of the vault: with it a copy is encrypted that was brought back from the replica's vault. */
const vaultKey = (app: SynthesizedApp, region: string, vaultName: string | undefined): MetKey => {
  const found = app
    .all<{ readonly BackupVaultName: string; readonly EncryptionKeyArn: string }>("AWS::Backup::BackupVault")
    .find((one) => one.region === region && one.properties.BackupVaultName === vaultName);
  if (found === undefined) throw new Error(`no vault ${vaultName} in ${region}`);
  return { arn: found.properties.EncryptionKeyArn };
};
const point = (region: string, name: string): string => `arn:aws:rds:${region}:${ACCOUNT}:snapshot:awsbackup:${name}`;
const vault = (region: string, name = ""): string => `arn:aws:backup:${region}:${ACCOUNT}:backup-vault:${name}`;

export const backupRoles = (app: SynthesizedApp): readonly ServiceRole[] =>
  variablesOf(app, "recovery-point").map(({ region, variables }) => {
    const replica = variables["REPLICA_REGION"] ?? "";
    const [pointArn, copyArn] = [point(region, "job-1"), point(replica, "copyjob-1")];
    const [vaultArn, intoVaultArn] = [
      vault(region, variables["PRIMARY_VAULT"]),
      vault(replica, variables["REPLICA_VAULT"]),
    ];
    const alias = `alias/${variables["REPLICA_BUCKET"]}`;
    const intoKey = { arn: `arn:aws:kms:${replica}:${ACCOUNT}:key/of-the-replica`, alias };
    return {
      role: roleName(variables["BACKUP_ROLE_ARN"] ?? ""),
      service: AWS_BACKUP,
      source: FOR_BACKUP,
      needs: [
        ...[undefined, ...instanceKeys(region)].flatMap((key) => [
          ...needsOfBackup({
            region,
            vaultArn,
            pointArn,
            key,
            instanceArn: `arn:aws:rds:${region}:${ACCOUNT}:db:shop`,
          }),
          ...needsOfCopy({ fromVaultArn: vaultArn, intoVaultArn, pointArn, copyArn, key, intoKey }),
          ...[pointArn, copyArn].flatMap(needsOfExpiry),
        ]),
        ...needsOfCopy({
          fromVaultArn: vaultArn,
          intoVaultArn,
          pointArn,
          copyArn,
          key: vaultKey(app, region, variables["PRIMARY_VAULT"]),
          intoKey,
        }),
      ],
    };
  });

export const restoreRoles = (app: SynthesizedApp): readonly ServiceRole[] =>
  variablesOf(app, "instance-swap").map(({ region, variables }) => {
    const instance = BESIDE_PATTERN.replace("*", "shop").replaceAll("?", "0");
    return {
      role: roleName(variables["RESTORE_ROLE_ARN"] ?? variables["BACKUP_ROLE_ARN"] ?? ""),
      service: AWS_BACKUP,
      source: FOR_RESTORES,
      needs: [
        ...needsOfRestore({
          region,
          account: ACCOUNT,
          instance,
          pointArn: point(region, "job-1"),
          subnetGroup: "shop-subnets",
          parameterGroup: "default.postgres15",
          optionGroup: "default:postgres-15",
          keys: [...instanceKeys(region), vaultKey(app, region, variables["PRIMARY_VAULT"])],
        }),
        ...needsOfTakingBack(`arn:aws:rds:${region}:${ACCOUNT}:db:${instance}`, SWAP_MARK),
      ],
    };
  });

/** A recovery's, with which people restore copies under names that they choose. */
export const recoveryRestoreRole = (app: SynthesizedApp, lost: string): ServiceRole => {
  const [region = ""] = app.all("AWS::IAM::Role").map((one) => one.region);
  const output = app.outputs().find(({ name }) => name === "RestoreRole");
  return {
    role: roleName(output?.value ?? ""),
    service: AWS_BACKUP,
    source: FOR_RESTORES,
    needs: needsOfRestore({
      region,
      account: ACCOUNT,
      instance: "shop-dublin",
      pointArn: point(region, "copyjob-1"),
      subnetGroup: "dublin-subnets",
      parameterGroup: "default.postgres15",
      optionGroup: "default:postgres-15",
      keys: [
        {
          arn: `arn:aws:kms:${region}:${ACCOUNT}:key/of-the-replica`,
          alias: `alias/backups-${ACCOUNT}-${lost}-replica`,
        },
        ...instanceKeys(region),
      ],
    }),
  };
};
