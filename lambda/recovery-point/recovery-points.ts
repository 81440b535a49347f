/**
 * AWS Backup in one region, as far as the service needs it. Everything can be asked again: a start with the token of
 * an earlier one answers with what that one started. Who calls it decides what a state means; nothing here waits.
 * Nothing stops a job either: AWS Backup can't stop those of RDS.
 */

/** A recovery point is known by its ARN and by the vault that it lies in. */
export interface PointRef {
  readonly vault: string;
  readonly arn: string;
}

export interface BackupJobWish {
  readonly vault: string;
  /** Of the RDS instance. */
  readonly resourceArn: string;
  /** The role that AWS Backup works with. */
  readonly roleArn: string;
  readonly token: string;
  /** AWS Backup gives up by itself: not started within, not completed within. At least 60. */
  readonly startWindowMinutes: number;
  readonly completeWindowMinutes: number;
  readonly deleteAfterDays: number;
  readonly tags: Readonly<Record<string, string>>;
}
export interface BackupJob {
  readonly jobId: string;
  /** AWS Backup's own word: CREATED, PENDING, RUNNING, ABORTING, ABORTED, COMPLETED, FAILED, EXPIRED or PARTIAL. */
  readonly state: string;
  /** AWS Backup's own sentence; may be empty. */
  readonly message: string;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
  readonly recoveryPointArn: string | null;
  readonly bytes: number;
}

export interface CopyWish {
  readonly source: PointRef;
  readonly destinationVaultArn: string;
  readonly roleArn: string;
  readonly token: string;
  readonly deleteAfterDays: number;
}
export interface CopyJob {
  readonly copyJobId: string;
  /** CREATED, RUNNING, COMPLETED, FAILED or PARTIAL. */
  readonly state: string;
  readonly message: string;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
  readonly recoveryPointArn: string | null;
}

export interface RecoveryPoint {
  readonly arn: string;
  /** COMPLETED, AVAILABLE, PARTIAL, CREATING, STOPPED, DELETING or EXPIRED. */
  readonly status: string;
  readonly message: string;
  readonly createdAt: Date;
  readonly encrypted: boolean;
  readonly keyArn: string | null;
  readonly bytes: number;
  /** When its lifecycle ends; null: never. */
  readonly deleteAt: Date | null;
  readonly resourceArn: string;
}

export interface RestoreJobWish {
  readonly recoveryPointArn: string;
  /** From `restoreMetadata`, changed. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly token: string;
}
export interface RestoreJob {
  readonly restoreJobId: string;
  /** PENDING, RUNNING, COMPLETED, ABORTED or FAILED. */
  readonly state: string;
  readonly message: string;
  readonly createdAt: Date;
  /** Of the new RDS instance, once there is one. */
  readonly createdResourceArn: string | null;
}

/**
 * Every method throws ServiceFailure: RecoveryPointsUnavailable (retryable: throttled, or no answer),
 * RecoveryPointsRefused (a permission is missing), RecoveryPointRequestRefused (AWS Backup says what it does not like).
 */
export interface RecoveryPoints {
  /** StartBackupJob; the id of the job that the token stands for. Throws also RecoveryPointLimit (try later). */
  start(wish: BackupJobWish): Promise<string>;
  /** Undefined where AWS Backup knows no such job. */
  describeJob(jobId: string): Promise<BackupJob | undefined>;
  /** StartCopyJob, in the source's region. Throws also RecoveryPointLimit: too many copies are running, try later. */
  startCopy(wish: CopyWish): Promise<string>;
  describeCopy(copyJobId: string): Promise<CopyJob | undefined>;
  describePoint(point: PointRef): Promise<RecoveryPoint | undefined>;
  /**
   * DeleteRecoveryPoint. `asked` promises nothing: describe it again. `locked`: the vault's lock refuses, `why` is AWS
   * Backup's sentence. `busy`: something else is being done with it.
   */
  delete(point: PointRef): Promise<DeleteAnswer>;
  /** GetRecoveryPointRestoreMetadata. */
  restoreMetadata(point: PointRef): Promise<Readonly<Record<string, string>>>;
  startRestoreJob(wish: RestoreJobWish): Promise<string>;
  describeRestoreJob(restoreJobId: string): Promise<RestoreJob | undefined>;
}
export type DeleteAnswer =
  | { readonly outcome: "asked" | "gone" | "busy" }
  | { readonly outcome: "locked"; readonly why: string };
