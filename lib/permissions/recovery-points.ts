/**
 * Permissions on AWS Backup. A recovery point of RDS is known to IAM as RDS's snapshot of that name; jobs are no
 * resources at all. The vaults' own policies say besides who may delete.
 */
import type { ServiceRegion } from "../service-region";
import { recoveryPointsIn } from "../storage/recovery-points";
import { allow, type Grantee } from "./allow";

const NAMED_BY_RDS = "AWS Backup names recovery points when they are made, with a prefix of its own.";
const NO_RESOURCE = "Jobs of AWS Backup are no resources of IAM.";

/** One role, and to nobody else. */
export const grantPassToAwsBackup = (grantee: Grantee, roleArn: string): void =>
  allow(grantee, {
    actions: ["iam:PassRole"],
    resources: [roleArn],
    conditions: { StringEquals: { "iam:PassedToService": "backup.amazonaws.com" } },
  });

export class RecoveryPointAccess {
  constructor(private readonly region: ServiceRegion) {}

  /** On both regions' recovery points, by their names in RDS; a statement a region. */
  private onPoints(grantee: Grantee, action: string): void {
    const { account, row } = this.region;
    const points = (at: string) => ({
      actions: [action],
      resources: [recoveryPointsIn(at, account)],
      wildcard: NAMED_BY_RDS,
    });
    allow(grantee, points(row.region));
    const replica = row.replication.region;
    allow(grantee, { ...points(replica), conditions: { StringEquals: { "aws:RequestedRegion": replica } } });
  }
  /** Before a snapshot is committed, and before it counts as replicated. */
  grantDescribe(grantee: Grantee): void {
    this.onPoints(grantee, "backup:DescribeRecoveryPoint");
  }
  /** A job for a recovery point of any instance, its copy into the replica's vault, and how both are getting on. */
  grantTake(grantee: Grantee): void {
    const { account, names, row } = this.region;
    this.grantDescribe(grantee);
    allow(grantee, { actions: ["backup:StartBackupJob"], resources: [names.vaultArn("primary", row.region)] });
    allow(grantee, {
      actions: ["backup:StartCopyJob", "backup:TagResource"],
      resources: [recoveryPointsIn(row.region, account)],
      wildcard: NAMED_BY_RDS,
    });
    allow(grantee, {
      actions: ["backup:DescribeBackupJob", "backup:DescribeCopyJob"],
      resources: ["*"],
      wildcard: NO_RESOURCE,
    });
    grantPassToAwsBackup(grantee, names.roleArn(names.backupRole()));
    this.grantServiceLinkedRole(grantee);
  }
  /** Once a lock has let go. AWS Backup deletes with its service-linked role: without it the answer is 200 and nothing goes. */
  grantDelete(grantee: Grantee): void {
    this.grantDescribe(grantee);
    this.onPoints(grantee, "backup:DeleteRecoveryPoint");
    this.grantServiceLinkedRole(grantee);
  }
  private grantServiceLinkedRole(grantee: Grantee): void {
    allow(grantee, {
      actions: ["iam:CreateServiceLinkedRole"],
      resources: [
        `arn:aws:iam::${this.region.account}:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup`,
      ],
      conditions: { StringEquals: { "iam:AWSServiceName": "backup.amazonaws.com" } },
    });
  }
}
