/**
 * The copy of an attempt's recovery point in the replication region. AWS Backup copies five at a time in an account:
 * what has no place yet waits. Copies have the creation date of their source, and so the same end. Repeatable at every
 * request; a failure may leave a copy that its vault holds to the end of its lifecycle, as with the point itself.
 */
import type { AttemptRef } from "../backup/contract";
import { renewLocks } from "../backup/renew-locks";
import { runningAttempt } from "../backup/running-attempt";
import type { Attempt, RecoveryProgress } from "../catalog/items";
import { releasePlaces } from "../places/places";
import { deleteAfterDays } from "../rules/recovery-point-days";
import { ServiceFailure } from "../runtime/collaborators";
import { isGone } from "../runtime/gone";
import type { RecoveryPointOutput } from "./contract";
import { objectionToPoint, unusable } from "./point-facts";
import type { CopyJob } from "./recovery-points";
import { listedBefore, record, snapshotOf, type TakeCollaborators } from "./take-recovery-point";
import { COPY_HOURS, DONE, HOUR_MS, waiting } from "./waiting";

/** Tries of one copy for other reasons than a full queue. */
const MOST_TRIES = 3;
/** A job may be created and then fail because the account's copies are all taken. */
const NO_PLACE = /limit|concurren|quota|throttl|too many/i;

export async function copyRecoveryPoint(
  ref: AttemptRef,
  collaborators: TakeCollaborators,
): Promise<RecoveryPointOutput> {
  const { clock, recoveryPoints, replicaRecoveryPoints, settings } = collaborators;
  const { attempt, environment } = await runningAttempt(ref, collaborators);
  // Once the files are packed, the copy is awaited without places.
  if (attempt.plan !== null) await releasePlaces(attempt.executionArn, collaborators);
  const recovery = listedBefore(attempt);
  if (environment.replication !== "replicated" || recovery.copyArn !== null) return DONE;
  if (recovery.point === null) throw unusable(`The snapshot ${ref.snapshotId} has no recovery point to copy.`);
  // Hours may pass here, in which nobody else renews what has been packed.
  await renewLocks(attempt, collaborators);
  const sinceMs = clock.now().getTime() - Date.parse(recovery.point.completedAt);
  const { expiresAt } = await snapshotOf(ref, collaborators);
  const copyJobId = recovery.copyJobId ?? (await startCopy(attempt, recovery, expiresAt, collaborators));
  if (copyJobId === undefined) return stillWaiting(sinceMs, "no place among the account's copies was free");
  if (recovery.copyJobId === null) await record(attempt, { ...recovery, copyJobId }, collaborators);

  const job = await recoveryPoints.describeCopy(copyJobId);
  if (job === undefined) return stillWaiting(sinceMs, `AWS Backup does not know the copy job ${copyJobId}`);
  if (job.state === "FAILED" || job.state === "PARTIAL") {
    const tries = NO_PLACE.test(job.message) ? recovery.copyTries : recovery.copyTries + 1;
    if (tries >= MOST_TRIES) throw copyFailed(job, settings.REPLICA_REGION);
    collaborators.log.warn("A copy of a recovery point failed and is started again.", { copyJobId, said: job.message });
    const copyStarts = recovery.copyStarts + 1;
    await record(attempt, { ...recovery, copyJobId: null, copyTries: tries, copyStarts }, collaborators);
    return stillWaiting(sinceMs, `its copy job ${copyJobId} failed`);
  }
  if (job.state !== "COMPLETED" || job.recoveryPointArn === null)
    return stillWaiting(sinceMs, `its copy job ${copyJobId} is ${job.state}`);
  const copy = await replicaRecoveryPoints.describePoint({ vault: settings.REPLICA_VAULT, arn: job.recoveryPointArn });
  if (copy === undefined && !isGone(job.completedAt ?? job.createdAt, clock.now())) return waiting(0);
  const objection = objectionToPoint(copy, `in ${settings.REPLICA_REGION}`, expiresAt);
  if (objection !== undefined) throw unusable(objection);
  await record(attempt, { ...recovery, copyJobId, copyArn: job.recoveryPointArn }, collaborators);
  return DONE;
}

/** Undefined when there is no place for it yet. */
async function startCopy(
  { attemptId, startedAt }: Attempt,
  { point, copyStarts }: RecoveryProgress,
  expiresAt: string,
  { recoveryPoints, settings }: TakeCollaborators,
): Promise<string | undefined> {
  const account = settings.BACKUP_ROLE_ARN.split(":")[4] ?? "";
  try {
    return await recoveryPoints.startCopy({
      source: { vault: settings.PRIMARY_VAULT, arn: point?.arn ?? "" },
      destinationVaultArn: `arn:aws:backup:${settings.REPLICA_REGION}:${account}:backup-vault:${settings.REPLICA_VAULT}`,
      roleArn: settings.BACKUP_ROLE_ARN,
      token: `${attemptId}-${copyStarts + 1}`,
      deleteAfterDays: deleteAfterDays(startedAt, expiresAt),
    });
  } catch (error) {
    if (error instanceof ServiceFailure && error.code === "RecoveryPointLimit") return undefined;
    throw error;
  }
}

function stillWaiting(sinceMs: number, why: string): RecoveryPointOutput {
  if (sinceMs <= COPY_HOURS * HOUR_MS) return waiting(sinceMs);
  throw new ServiceFailure(
    "RecoveryPointNotCopied",
    `The recovery point was not copied to the replication region within ${COPY_HOURS} hours: ${why}; AWS Backup makes five copies at a time in an account, so look what else is being copied.`,
    true,
  );
}

const copyFailed = ({ copyJobId, message }: CopyJob, region: string): ServiceFailure =>
  new ServiceFailure(
    "RecoveryPointCopyFailed",
    `AWS Backup failed ${MOST_TRIES} times to copy the recovery point to ${region}, last in job ${copyJobId}: ${message === "" ? "it does not say why" : message}`,
    true,
  );
