/**
 * The recovery point of an attempt: its job is started once, by the attempt's own token, and looked at until it has
 * ended. Repeatable at every request. A failure leaves a job that AWS Backup carries on, because it can't stop jobs of
 * RDS, and a recovery point that the vault's lock holds to the end of its lifecycle: two weeks at least (decision 17).
 */
import { runningAttempt } from "../backup/running-attempt";
import type { Attempt, EnvironmentItem, RecoveryProgress } from "../catalog/items";
import { deleteAfterDays } from "../rules/recovery-point-days";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { FOUND_AFTER_MS, isGone } from "../runtime/gone";
import type { AttemptRef } from "../backup/contract";
import type { RecoveryPointOutput } from "./contract";
import { objectionToPoint, unusable } from "./point-facts";
import type { BackupJob } from "./recovery-points";
import { COMPLETE_WINDOW_MINUTES, DONE, GRACE_MS, MINUTE_MS, START_WINDOW_MINUTES, waiting } from "./waiting";

export type TakeCollaborators = Pick<
  Collaborators,
  "catalog" | "settings" | "store" | "clock" | "recoveryPoints" | "replicaRecoveryPoints" | "log"
>;

export async function takeRecoveryPoint(
  ref: AttemptRef,
  collaborators: TakeCollaborators,
): Promise<RecoveryPointOutput> {
  const { clock, recoveryPoints, settings } = collaborators;
  const { attempt, environment } = await runningAttempt(ref, collaborators);
  const recovery = listedBefore(attempt);
  if (recovery.point !== null) return DONE;
  const { expiresAt } = await snapshotOf(ref, collaborators);
  const jobId = recovery.jobId ?? (await startJob(attempt, environment, expiresAt, collaborators));
  if (recovery.jobId === null) await record(attempt, { ...recovery, jobId }, collaborators);

  const job = await recoveryPoints.describeJob(jobId);
  const instance = instanceOf(environment);
  if (job === undefined) return unknownYet(attempt, jobId, clock.now());
  const sinceMs = clock.now().getTime() - job.createdAt.getTime();
  if (job.state !== "COMPLETED" || job.recoveryPointArn === null) {
    const failure = failureOf(job, instance, sinceMs);
    if (failure !== undefined) throw failure;
    return waiting(sinceMs);
  }
  const point = await recoveryPoints.describePoint({ vault: settings.PRIMARY_VAULT, arn: job.recoveryPointArn });
  if (point === undefined && !isGone(job.completedAt ?? job.createdAt, clock.now())) return waiting(0);
  const objection = objectionToPoint(point, `in ${settings.REGION}`, expiresAt);
  if (point === undefined || objection !== undefined) throw unusable(objection ?? "");
  await record(
    attempt,
    {
      ...recovery,
      jobId,
      point: {
        arn: point.arn,
        createdAt: point.createdAt.toISOString(),
        completedAt: (job.completedAt ?? clock.now()).toISOString(),
        deleteAt: (point.deleteAt ?? new Date(expiresAt)).toISOString(),
        bytes: point.bytes,
      },
    },
    collaborators,
  );
  return DONE;
}

const startJob = (
  attempt: Attempt,
  environment: EnvironmentItem,
  expiresAt: string,
  { recoveryPoints, settings }: TakeCollaborators,
): Promise<string> => {
  const { attemptId, environmentId, snapshotId, startedAt } = attempt;
  const account = settings.BACKUP_ROLE_ARN.split(":")[4] ?? "";
  return recoveryPoints.start({
    vault: settings.PRIMARY_VAULT,
    resourceArn: `arn:aws:rds:${settings.REGION}:${account}:db:${instanceOf(environment)}`,
    roleArn: settings.BACKUP_ROLE_ARN,
    token: attemptId,
    startWindowMinutes: START_WINDOW_MINUTES,
    completeWindowMinutes: COMPLETE_WINDOW_MINUTES,
    deleteAfterDays: deleteAfterDays(startedAt, expiresAt),
    tags: { "nightly-backups:environment": environmentId, "nightly-backups:snapshot": snapshotId },
  });
};

/** What each end of a job means to a person; undefined while it may still come to a good one. */
function failureOf(job: BackupJob, instance: string, sinceMs: number): ServiceFailure | undefined {
  const said = job.message === "" ? "" : ` AWS Backup says: ${job.message.replace(/\.?$/, ".")}`;
  const fail = (code: string, sentence: string): ServiceFailure => new ServiceFailure(code, sentence + said, true);
  const hours = (minutes: number): string => `${minutes / 60} hours`;
  switch (job.state) {
    case "EXPIRED":
      return fail(
        "RecoveryPointWindowExpired",
        `AWS Backup could not begin the recovery point of ${instance} within its start window of ${hours(START_WINDOW_MINUTES)}; it begins none during the instance's maintenance or backup window, or an hour before, so move those away from the nightly window.`,
      );
    case "ABORTED":
    case "ABORTING":
      return fail(
        "RecoveryPointAborted",
        `AWS Backup gave up the recovery point of ${instance}: it was not complete after ${hours(COMPLETE_WINDOW_MINUTES)}, or somebody stopped it.`,
      );
    case "FAILED":
      return fail(
        "RecoveryPointFailed",
        `AWS Backup failed to make the recovery point of ${instance}; it does so during the instance's maintenance or backup window, and while the instance is not available.`,
      );
    case "PARTIAL":
      return fail("RecoveryPointPartial", `AWS Backup made only a part of the recovery point of ${instance}.`);
    case "CREATED":
    case "PENDING":
      return sinceMs <= START_WINDOW_MINUTES * MINUTE_MS + GRACE_MS
        ? undefined
        : fail(
            "RecoveryPointNotStarted",
            `The backup job ${job.jobId} of ${instance} was created and has not begun for ${Math.floor(sinceMs / 3_600_000)} hours, longer than its start window; look at it in AWS Backup.`,
          );
    default:
      return sinceMs <= COMPLETE_WINDOW_MINUTES * MINUTE_MS + GRACE_MS
        ? undefined
        : fail(
            "RecoveryPointTooSlow",
            `The backup job ${job.jobId} of ${instance} is ${job.state} for longer than ${hours(COMPLETE_WINDOW_MINUTES)}; look at it in AWS Backup.`,
          );
  }
}

function unknownYet({ startedAt }: Attempt, jobId: string, now: Date): RecoveryPointOutput {
  // The attempt is older than its job: a job that is not known this long after the attempt began may still be young.
  if (now.getTime() - Date.parse(startedAt) < COMPLETE_WINDOW_MINUTES * MINUTE_MS + FOUND_AFTER_MS) return waiting(0);
  throw new ServiceFailure(
    "RecoveryPointJobUnknown",
    `AWS Backup does not know the backup job ${jobId} any more.`,
    true,
  );
}

export function listedBefore({ recovery, snapshotId }: Attempt): RecoveryProgress {
  if (recovery?.before !== undefined) return recovery;
  throw new ServiceFailure(
    "ListMissing",
    `The list of files before the recovery point of snapshot ${snapshotId} is not recorded; the backup is to be taken again.`,
    true,
  );
}

export const record = (
  { attemptId }: Attempt,
  recovery: RecoveryProgress,
  { catalog }: Pick<Collaborators, "catalog">,
): Promise<void> => catalog.updateAttempt(attemptId, { recovery });

export async function snapshotOf(
  { environmentId, snapshotId }: AttemptRef,
  { catalog }: Pick<Collaborators, "catalog">,
): Promise<{ readonly expiresAt: string }> {
  const snapshot = await catalog.getSnapshot(environmentId, snapshotId);
  if (snapshot !== undefined) return snapshot;
  throw new ServiceFailure("SnapshotGone", `The snapshot ${snapshotId} has been deleted while it was taken.`, false);
}

export const instanceOf = ({ environmentId, registration }: EnvironmentItem): string => {
  const { instance } = registration.database;
  if (instance !== null) return instance;
  throw new ServiceFailure(
    "InstanceMissing",
    `The registration of ${environmentId} names no RDS instance, of which alone there are recovery points; register it again.`,
    false,
  );
};
