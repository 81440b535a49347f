/** AWS Backup in one region. Its exceptions become ServiceFailures with a sentence, which keep them as `cause`. */
import {
  BackupClient,
  type BackupClientConfig,
  DeleteRecoveryPointCommand,
  DescribeBackupJobCommand,
  DescribeCopyJobCommand,
  DescribeRecoveryPointCommand,
  DescribeRestoreJobCommand,
  GetRecoveryPointRestoreMetadataCommand,
  StartBackupJobCommand,
  StartCopyJobCommand,
  StartRestoreJobCommand,
} from "@aws-sdk/client-backup";
import { smallRequests, type AwsOptions } from "../runtime/aws-options";
import { ServiceFailure } from "../runtime/collaborators";
import { isError } from "../runtime/is-error";
import type {
  BackupJob,
  BackupJobWish,
  CopyJob,
  CopyWish,
  DeleteAnswer,
  PointRef,
  RecoveryPoint,
  RecoveryPoints,
  RestoreJob,
  RestoreJobWish,
} from "./recovery-points";

export class AwsBackup implements RecoveryPoints {
  private readonly client: BackupClient;
  /** Without tries of its own: the client takes a full queue for throttling, and whoever copies waits minutes for it. */
  private readonly once: BackupClient;
  /** `requestHandler` stands in for the network. */
  constructor(options: AwsOptions, requestHandler?: BackupClientConfig["requestHandler"]) {
    const configuration = { ...smallRequests(options), ...(requestHandler === undefined ? {} : { requestHandler }) };
    this.client = new BackupClient(configuration);
    this.once = new BackupClient({ ...configuration, maxAttempts: 1 });
  }

  async start(wish: BackupJobWish): Promise<string> {
    const action = `Starting a recovery point of ${wish.resourceArn}`;
    const { BackupJobId } = await answered(
      action,
      this.client.send(
        new StartBackupJobCommand({
          BackupVaultName: wish.vault,
          ResourceArn: wish.resourceArn,
          IamRoleArn: wish.roleArn,
          IdempotencyToken: wish.token,
          StartWindowMinutes: wish.startWindowMinutes,
          CompleteWindowMinutes: wish.completeWindowMinutes,
          Lifecycle: { DeleteAfterDays: wish.deleteAfterDays },
          RecoveryPointTags: wish.tags,
        }),
      ),
    );
    return named(action, BackupJobId);
  }

  async describeJob(jobId: string): Promise<BackupJob | undefined> {
    const job = await known(
      `Looking at the backup job ${jobId}`,
      this.client.send(new DescribeBackupJobCommand({ BackupJobId: jobId })),
    );
    return (
      job && {
        jobId,
        state: job.State ?? "CREATED",
        message: job.StatusMessage ?? "",
        createdAt: job.CreationDate ?? new Date(0),
        completedAt: job.CompletionDate ?? null,
        recoveryPointArn: job.RecoveryPointArn ?? null,
        bytes: job.BackupSizeInBytes ?? 0,
      }
    );
  }

  async startCopy({ source, ...wish }: CopyWish): Promise<string> {
    const action = `Copying the recovery point ${source.arn}`;
    const { CopyJobId } = await answered(
      action,
      this.once.send(
        new StartCopyJobCommand({
          RecoveryPointArn: source.arn,
          SourceBackupVaultName: source.vault,
          DestinationBackupVaultArn: wish.destinationVaultArn,
          IamRoleArn: wish.roleArn,
          IdempotencyToken: wish.token,
          Lifecycle: { DeleteAfterDays: wish.deleteAfterDays },
        }),
      ),
    );
    return named(action, CopyJobId);
  }

  async describeCopy(copyJobId: string): Promise<CopyJob | undefined> {
    const answer = await known(
      `Looking at the copy job ${copyJobId}`,
      this.client.send(new DescribeCopyJobCommand({ CopyJobId: copyJobId })),
    );
    const job = answer?.CopyJob;
    return (
      job && {
        copyJobId,
        state: job.State ?? "CREATED",
        message: job.StatusMessage ?? "",
        createdAt: job.CreationDate ?? new Date(0),
        completedAt: job.CompletionDate ?? null,
        recoveryPointArn: job.DestinationRecoveryPointArn ?? null,
      }
    );
  }

  async describePoint({ vault, arn }: PointRef): Promise<RecoveryPoint | undefined> {
    const point = await known(
      `Looking at the recovery point ${arn}`,
      this.client.send(new DescribeRecoveryPointCommand({ BackupVaultName: vault, RecoveryPointArn: arn })),
    );
    return (
      point && {
        arn,
        status: point.Status ?? "",
        message: point.StatusMessage ?? "",
        createdAt: point.CreationDate ?? new Date(0),
        encrypted: point.IsEncrypted ?? false,
        keyArn: point.EncryptionKeyArn ?? null,
        bytes: point.BackupSizeInBytes ?? 0,
        deleteAt: point.CalculatedLifecycle?.DeleteAt ?? null,
        resourceArn: point.ResourceArn ?? "",
      }
    );
  }

  async delete({ vault, arn }: PointRef): Promise<DeleteAnswer> {
    try {
      await this.client.send(new DeleteRecoveryPointCommand({ BackupVaultName: vault, RecoveryPointArn: arn }));
      return { outcome: "asked" };
    } catch (error) {
      if (isNamed(error, "ResourceNotFoundException")) return { outcome: "gone" };
      if (isNamed(error, "InvalidResourceStateException")) return { outcome: "busy" };
      if (isNamed(error, "InvalidRequestException")) return { outcome: "locked", why: messageOf(error) };
      throw failureOf(`Deleting the recovery point ${arn}`, error);
    }
  }

  async restoreMetadata({ vault, arn }: PointRef): Promise<Readonly<Record<string, string>>> {
    const { RestoreMetadata } = await answered(
      `Reading how to restore the recovery point ${arn}`,
      this.client.send(new GetRecoveryPointRestoreMetadataCommand({ BackupVaultName: vault, RecoveryPointArn: arn })),
    );
    return RestoreMetadata ?? {};
  }

  async startRestoreJob(wish: RestoreJobWish): Promise<string> {
    const action = `Restoring the recovery point ${wish.recoveryPointArn}`;
    const { RestoreJobId } = await answered(
      action,
      this.client.send(
        new StartRestoreJobCommand({
          RecoveryPointArn: wish.recoveryPointArn,
          Metadata: wish.metadata,
          IamRoleArn: wish.roleArn,
          IdempotencyToken: wish.token,
          ResourceType: "RDS",
        }),
      ),
    );
    return named(action, RestoreJobId);
  }

  async describeRestoreJob(restoreJobId: string): Promise<RestoreJob | undefined> {
    const job = await known(
      `Looking at the restore job ${restoreJobId}`,
      this.client.send(new DescribeRestoreJobCommand({ RestoreJobId: restoreJobId })),
    );
    return (
      job && {
        restoreJobId,
        state: job.Status ?? "PENDING",
        message: job.StatusMessage ?? "",
        createdAt: job.CreationDate ?? new Date(0),
        createdResourceArn: job.CreatedResourceArn ?? null,
      }
    );
  }
}

const answered = async <T>(action: string, answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (error) {
    throw failureOf(action, error);
  }
};
/** Undefined where AWS Backup does not know it. */
const known = async <T>(action: string, answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (isNamed(error, "ResourceNotFoundException")) return undefined;
    throw failureOf(action, error);
  }
};
const named = (action: string, id: string | undefined): string => {
  if (id !== undefined && id !== "") return id;
  throw failureOf(action, new Error("AWS Backup answered without naming the job"));
};

const isNamed = (error: unknown, ...names: readonly string[]): boolean => isError(error) && names.includes(error.name);
const messageOf = (error: unknown): string => (isError(error) ? error.message : String(error)).replace(/\.$/, "");

/** What AWS Backup does not like about a request; trying the same again gets the same answer. */
const REFUSALS = [
  "InvalidParameterValueException",
  "InvalidRequestException",
  "MissingParameterValueException",
  "ResourceNotFoundException",
  "ConflictException",
];

const failureOf = (action: string, error: unknown): ServiceFailure => {
  const options = { cause: error };
  const name = isError(error) ? error.name : "no reason given";
  if (isNamed(error, "LimitExceededException"))
    return new ServiceFailure(
      "RecoveryPointLimit",
      `${action} has to wait: AWS Backup has as many jobs of this kind as the account may run at once (${messageOf(error)}).`,
      true,
      options,
    );
  if (isNamed(error, "AccessDeniedException", "AccessDenied"))
    return new ServiceFailure(
      "RecoveryPointsRefused",
      `${action} was refused (${messageOf(error)}): check the role's permissions, the vault's access policy and the database's KMS key.`,
      false,
      options,
    );
  if (isNamed(error, ...REFUSALS))
    return new ServiceFailure(
      "RecoveryPointRequestRefused",
      `${action} was refused by AWS Backup: ${messageOf(error)}.`,
      false,
      options,
    );
  return new ServiceFailure(
    "RecoveryPointsUnavailable",
    `${action}: AWS Backup gives no answer for now (${name}); it is tried again.`,
    true,
    options,
  );
};
