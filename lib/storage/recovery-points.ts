/** How IAM knows AWS Backup and its recovery points of RDS: as RDS's snapshots of a name that AWS Backup gives. */
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";

/** All of a region. */
export const recoveryPointsIn = (region: string, account: string): string =>
  `arn:aws:rds:${region}:${account}:snapshot:awsbackup:*`;

/** Who assumes its roles; for this account only, or another account's AWS Backup might be handed them. */
export const awsBackup = (account: string): ServicePrincipal =>
  new ServicePrincipal("backup.amazonaws.com", { conditions: { StringEquals: { "aws:SourceAccount": account } } });
