/**
 * A locked vault of AWS Backup for recovery points. Its lock admits lifecycles of two weeks to a year, and lets nobody
 * delete a recovery point or change its lifecycle before that ends, whatever an identity's policy says. In governance
 * mode the lock itself could be taken off: the vault's policy leaves that to the break-glass role. Its key encrypts
 * what is copied into it; what RDS makes in its own region is encrypted as its instance is.
 */
import { CfnBackupVault } from "aws-cdk-lib/aws-backup";
import type { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { LONGEST_DAYS, SHORTEST_DAYS } from "../../lambda/rules/recovery-point-days";
import type { VaultKind } from "../names";
import { deployingRoleArn } from "../permissions/deploying-role";
import { removalOf, type ServiceRegion } from "../service-region";

/** Compliance mode only: until then the lock can still be taken off; AWS Backup's shortest. */
const CHANGEABLE_DAYS = 3;

export interface RecoveryVaultProps {
  readonly region: ServiceRegion;
  readonly kind: VaultKind;
  readonly key: Key;
}

export class RecoveryVault extends Construct {
  constructor(scope: Construct, id: string, { region, kind, key }: RecoveryVaultProps) {
    super(scope, id);
    const { names, stage } = region;
    const vault = new CfnBackupVault(this, "Vault", {
      backupVaultName: names.vault(kind),
      encryptionKeyArn: key.keyArn,
      lockConfiguration: {
        minRetentionDays: SHORTEST_DAYS,
        maxRetentionDays: LONGEST_DAYS,
        ...(stage.lockMode === "compliance" ? { changeableForDays: CHANGEABLE_DAYS } : {}),
      },
      accessPolicy: {
        Version: "2012-10-17",
        Statement: [
          deny(
            "OnlyTheServiceDeletes",
            ["backup:DeleteRecoveryPoint"],
            (["retention", "deletion", "backup-fail"] as const).map((name) => names.functionRoleArn(name)),
          ),
          /** AWS Backup deletes no vault that holds a recovery point: what a failed deployment made can go again. */
          deny(
            "OnlyBreakGlassAndCloudFormationDeleteTheVault",
            ["backup:DeleteBackupVault"],
            [names.roleArn(stage.breakGlassRole), deployingRoleArn(this, region)],
          ),
          deny(
            "OnlyBreakGlassUnlocks",
            [
              "backup:DeleteBackupVaultAccessPolicy",
              "backup:DeleteBackupVaultLockConfiguration",
              "backup:UpdateRecoveryPointLifecycle",
            ],
            [names.roleArn(stage.breakGlassRole)],
          ),
        ],
      },
    });
    vault.applyRemovalPolicy(removalOf(region));
  }
}

const deny = (sid: string, actions: readonly string[], butRoles: readonly string[]) => ({
  Sid: sid,
  Effect: "Deny",
  Principal: "*",
  Action: actions,
  Resource: "*",
  Condition: { ArnNotEquals: { "aws:PrincipalArn": butRoles } },
});
