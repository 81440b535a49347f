/**
 * The end of an attempt that failed before its commit: the reason in one sentence, the lease back, then the next
 * attempt or the word to someone (rule 5). An attempt that had begun to seal goes forward instead, if it can.
 * Safe to repeat: the attempt's item goes last, and the snapshot says whether the next attempt has been decided.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import { putFailureRecord } from "../catalog/outcome-records";
import type { Attempt, SnapshotItem } from "../catalog/items";
import { afterFailure, ATTEMPTS } from "../rules/retry";
import { releasePlaces } from "../places/places";
import type { Collaborators } from "../runtime/collaborators";
import { deleteAttemptItems, unpinBase } from "./attempt-items";
import { rollForward } from "./commit-snapshot";
import type { BackupRequest, FailInput, FailOutput } from "./contract";
import { failureReason, type FailureReason } from "./failure-reason";
import { finishAttempt } from "./finish-attempt";
import { startBackup } from "./queue-backup";
import { attemptIdOf } from "./snapshot-ids";
import { discardPoints } from "../recovery-point/discard-points";
import { settleUpload } from "../upload/current-upload";
import { failedUploadExpiry } from "../upload/failed-expiry";

type FailCollaborators = Pick<
  Collaborators,
  | "catalog"
  | "clock"
  | "log"
  | "metrics"
  | "notifier"
  | "recoveryPoints"
  | "replicaRecoveryPoints"
  | "settings"
  | "store"
  | "workflows"
>;

export async function failBackup(input: FailInput, collaborators: FailCollaborators): Promise<FailOutput> {
  const { request, executionArn } = input;
  const { catalog } = collaborators;
  const attempt = await catalog.getAttempt(attemptIdOf(executionArn));
  const snapshot = await catalog.getSnapshot(request.environmentId, request.snapshotId);
  const reason = failureReason(input.error, attempt?.failure);

  if (await isCommitted(attempt, snapshot, collaborators)) {
    return { reason: `The snapshot is complete; after its commit: ${reason.message}`, nextAttempt: null, sealed: true };
  }
  if (attempt !== undefined) await unpinBase(attempt, collaborators);
  const next = await recordFailure(input, { snapshot, attempt, reason }, collaborators);
  if (request.trigger === "upload")
    await settleUpload(collaborators, { ...request, state: "failed", statusMessage: reason.message });
  await giveLeaseBack(input, collaborators);
  await releasePlaces(executionArn, collaborators);
  if (next !== null) {
    await startBackup({ ...request, attempt: next, requestedAt: isoSeconds(collaborators.clock.now()) }, collaborators);
  } else {
    // An upload has an alarm of its own; a backup that was deleted meanwhile is missed by nobody.
    if (request.trigger !== "upload" && snapshot?.deleting !== true) collaborators.metrics.add("BackupsFailed", 1);
    if (request.trigger === "nightly" && snapshot !== undefined) {
      collaborators.metrics.add("NightlyFailed", 1);
      await tell(request, reason, collaborators);
    }
  }
  if (attempt !== undefined) await discardPoints(attempt, collaborators);
  await deleteAttemptItems(attemptIdOf(executionArn), collaborators);
  return { reason: reason.message, nextAttempt: next, sealed: false };
}

/** Whether the snapshot is committed; a seal that was interrupted is finished here. */
async function isCommitted(
  attempt: Attempt | undefined,
  snapshot: SnapshotItem | undefined,
  collaborators: FailCollaborators,
): Promise<boolean> {
  if (snapshot?.state === "completed") {
    if (attempt !== undefined) await finishAttempt(attempt, collaborators);
    return true;
  }
  if (attempt === undefined || snapshot === undefined) return false;
  const environment = await collaborators.catalog.getEnvironment(attempt.environmentId);
  if (environment === undefined) return false;
  if (!(await rollForward({ attempt, snapshot, environment, leaseToken: attempt.leaseToken }, collaborators)))
    return false;
  await finishAttempt(attempt, collaborators);
  return true;
}

/** The number of the next attempt, or null. */
async function recordFailure(
  { request }: FailInput,
  {
    snapshot,
    attempt,
    reason,
  }: { snapshot: SnapshotItem | undefined; attempt: Attempt | undefined; reason: FailureReason },
  collaborators: FailCollaborators,
): Promise<number | null> {
  const { catalog, clock, log } = collaborators;
  if (snapshot === undefined || snapshot.deleting || snapshot.state === "failed") return null;
  // Decided before: this is a repeated call, and the next attempt may be running already.
  if (snapshot.attempt > request.attempt) return snapshot.attempt;
  const decision = afterFailure({ trigger: request.trigger, attempt: request.attempt, retryable: reason.retryable });
  const now = isoSeconds(clock.now());
  log.warn("A backup attempt failed.", {
    environmentId: request.environmentId,
    snapshotId: request.snapshotId,
    attempt: request.attempt,
    reason: reason.message,
    next: decision.next,
  });
  const goes = request.trigger === "upload" ? failedUploadExpiry(attempt, clock.now()) : undefined;
  const expiry = goes === undefined ? {} : { expiresAt: isoSeconds(goes) };
  const change: Partial<SnapshotItem> =
    decision.next === null
      ? { state: "failed", statusMessage: reason.message, finishedAt: now, ...expiry }
      : {
          state: "queued",
          attempt: decision.next,
          statusMessage: `Attempt ${request.attempt} of ${ATTEMPTS} failed: ${reason.message}`,
        };
  await recordIfFailed({ ...snapshot, ...change, updatedAt: now }, collaborators);
  try {
    await catalog.updateSnapshot(request.environmentId, request.snapshotId, { ...change, updatedAt: now }, [
      "queued",
      "running",
    ]);
  } catch (error) {
    // Deleted at this very moment: nothing is left to try again.
    if (error instanceof ConditionFailed) return null;
    throw error;
  }
  return decision.next;
}

/** Before the catalog says so. A crash in between leaves a record that the snapshot's manifest, or a later failure, overrules. */
async function recordIfFailed(snapshot: SnapshotItem, collaborators: FailCollaborators): Promise<void> {
  if (snapshot.state !== "failed") return;
  const environment = await collaborators.catalog.getEnvironment(snapshot.environmentId);
  if (environment !== undefined) await putFailureRecord(environment, snapshot, collaborators);
}

async function giveLeaseBack({ request, executionArn }: FailInput, { catalog }: FailCollaborators): Promise<void> {
  const lease = await catalog.getLease(request.environmentId);
  if (lease?.executionArn === executionArn) await catalog.releaseLease(request.environmentId, lease.token);
}

async function tell(request: BackupRequest, reason: FailureReason, { notifier }: FailCollaborators): Promise<void> {
  await notifier.tell(
    `Nightly backup of ${request.environmentId} failed`.slice(0, 100),
    `The nightly backup of environment ${request.environmentId} for ${request.night ?? "this night"} (snapshot ${request.snapshotId}) ` +
      `failed for good at attempt ${request.attempt} of ${ATTEMPTS}: ${reason.message}`,
  );
}
