/** How AWS Backup's double describes jobs and recovery points: bodies of answers, dates in seconds. */
import { ACCOUNT } from "../iam";
import { keyArn } from "./ids";
import {
  completedAt,
  copiedAt,
  copyArn,
  deleteAt,
  MINUTE_MS,
  pointArn,
  vaultArn,
  type Copy,
  type Fate,
  type Job,
  type Point,
  type RestoreJob,
} from "./jobs";

type Description = Readonly<Record<string, unknown>>;
const SIZE = 107_374_182_400;
const EXPIRED_MESSAGE = "Backup job expired before completion.";

export const describedJob = (job: Job, state: string): Description => ({
  AccountId: ACCOUNT,
  BackupJobId: job.id,
  BackupVaultName: job.vault,
  BackupVaultArn: vaultArn(job.region, job.vault),
  ...(state === "COMPLETED" || state === "RUNNING" ? { RecoveryPointArn: pointArn(job.region, job.id) } : {}),
  ResourceArn: job.resourceArn,
  CreationDate: job.createdAt / 1000,
  ...(state === "COMPLETED" ? { CompletionDate: completedAt(job) / 1000 } : {}),
  State: state,
  ...messageOf(state, job.fate, EXPIRED_MESSAGE),
  PercentDone: state === "COMPLETED" ? "100.0" : "0.0",
  BackupSizeInBytes: state === "COMPLETED" ? SIZE : 0,
  IamRoleArn: job.roleArn,
  ResourceType: "RDS",
  IsParent: false,
  StartBy: (job.createdAt + job.startWindowMinutes * MINUTE_MS) / 1000,
});

export const describedCopy = (copy: Copy, state: string): Description => ({
  CopyJob: {
    AccountId: ACCOUNT,
    CopyJobId: copy.id,
    SourceBackupVaultArn: vaultArn(copy.source.region, copy.source.vault),
    SourceRecoveryPointArn: copy.source.arn,
    DestinationBackupVaultArn: vaultArn(copy.destination.region, copy.destination.vault),
    ...(state === "COMPLETED" ? { DestinationRecoveryPointArn: copyArn(copy) } : {}),
    ResourceArn: copy.source.resourceArn,
    CreationDate: copy.createdAt / 1000,
    ...(state === "COMPLETED" ? { CompletionDate: copiedAt(copy) / 1000 } : {}),
    State: state,
    ...messageOf(state, copy.fate, ""),
    BackupSizeInBytes: SIZE,
    ResourceType: "RDS",
    IsParent: false,
  },
});

export const describedPoint = (point: Point, encrypted: boolean): Description => ({
  RecoveryPointArn: point.arn,
  BackupVaultName: point.vault,
  BackupVaultArn: vaultArn(point.region, point.vault),
  ResourceArn: point.resourceArn,
  ResourceType: "RDS",
  Status: point.status,
  ...(point.message === undefined ? {} : { StatusMessage: point.message }),
  CreationDate: point.createdAt / 1000,
  CompletionDate: (point.createdAt + 11 * MINUTE_MS) / 1000,
  BackupSizeInBytes: SIZE,
  CalculatedLifecycle: { DeleteAt: deleteAt(point) / 1000 },
  Lifecycle: { DeleteAfterDays: point.days },
  ...(encrypted ? { EncryptionKeyArn: keyArn(point.region) } : {}),
  IsEncrypted: encrypted,
  StorageClass: "WARM",
});

export const describedRestore = (job: RestoreJob, state: string): Description => {
  const isDone = state === "COMPLETED";
  const instance = `arn:aws:rds:${job.pointArn.split(":")[3]}:${ACCOUNT}:db:${job.metadata["DBInstanceIdentifier"]}`;
  return {
    AccountId: ACCOUNT,
    RestoreJobId: job.id,
    RecoveryPointArn: job.pointArn,
    CreationDate: job.createdAt / 1000,
    Status: state,
    ...messageOf(state, job.fate, ""),
    PercentDone: isDone ? "100.00%" : "0.00%",
    ...(isDone ? { CreatedResourceArn: instance } : {}),
    ResourceType: "RDS",
  };
};

const messageOf = (state: string, fate: Fate, expired: string): Description => {
  const message = state === "EXPIRED" ? expired : state === fate.ends ? fate.message : undefined;
  return message === undefined || message === "" ? {} : { StatusMessage: message };
};

export const restoreMetadata = (point: Point): Description => ({
  BackupVaultArn: vaultArn(point.region, point.vault),
  RecoveryPointArn: point.arn,
  RestoreMetadata: {
    AllocatedStorage: "100",
    AutoMinorVersionUpgrade: "true",
    AvailabilityZone: `${point.region}a`,
    CopyTagsToSnapshot: "false",
    DBInstanceClass: "db.r6g.xlarge",
    DBInstanceIdentifier: point.resourceArn.split(":").at(-1),
    DBName: "",
    DBSubnetGroupName: "default",
    Engine: "postgres",
    LicenseModel: "postgresql-license",
    MultiAZ: "false",
    OptionGroupName: "default:postgres-15",
    Port: "5432",
    PubliclyAccessible: "false",
    StorageType: "gp3",
    VpcSecurityGroupIds: '["sg-0123456789abcdef0"]',
  },
});
