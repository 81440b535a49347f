/**
 * A locked vault of AWS Backup for recovery points. Its lock admits lifecycles of two weeks to a year, and lets nobody
 * delete a recovery point or change its lifecycle before that ends, whatever an identity's policy says. In governance
 * mode the lock itself could be taken off: the vault's policy leaves that, and changes of itself, to deployments and the
 * break-glass role. Its key encrypts what is copied into it; what RDS makes in its own region is encrypted as its
 * instance is.
 */
import { CfnBackupVault } from "aws-cdk-lib/aws-backup";
import { PolicyDocument } from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { LONGEST_DAYS, SHORTEST_DAYS } from "../../lambda/rules/recovery-point-days";
import { RECOVERY_POINT_SETTINGS, VAULT_SETTINGS } from "../guards/guarded-actions";
import { breakGlassArn, denyToOthers, guardingRoles } from "../guards/guarding-roles";
import type { VaultKind } from "../names";
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
      accessPolicy: new PolicyDocument({
        statements: [
          denyToOthers(
            "OnlyTheServiceDeletes",
            ["backup:DeleteRecoveryPoint"],
            (["retention", "deletion", "backup-fail"] as const).map((name) => names.functionRoleArn(name)),
          ),
          denyToOthers("OnlyBreakGlassChangesRecoveryPoints", RECOVERY_POINT_SETTINGS, [breakGlassArn(region)]),
          /** AWS Backup deletes no vault that holds a recovery point: what a failed deployment made can go again. */
          denyToOthers("OnlyDeploymentsChangeGuards", VAULT_SETTINGS, guardingRoles(this, region)),
        ],
      }),
    });
    vault.applyRemovalPolicy(removalOf(region));
  }
}
