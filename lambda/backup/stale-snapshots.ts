/**
 * Snapshots that are `running` although nobody works on them: their execution ended without its Fail state. Whoever
 * holds the environment's lease knows that every running snapshot but its own is one of these, because each had to
 * hold the lease. Safe to repeat; a failure in the middle leaves the rest for the next caller.
 */
import { allPages, isoSeconds } from "../catalog/catalog";
import type { Attempt, Lease, SnapshotItem } from "../catalog/items";
import { putFailureRecord } from "../catalog/outcome-records";
import { releasePlaces } from "../places/places";
import type { Collaborators } from "../runtime/collaborators";
import { failedUploadExpiry } from "../upload/failed-expiry";
import { deleteAttemptItems, unpinBase } from "./attempt-items";
import { rollForward, type CommitCollaborators } from "./commit-snapshot";

/** A backup that waits for the lease says so every minute: one silent for this long has no execution. */
const ABANDONED_AFTER_HOURS = 24;
const ENDED =
  "The backup's workflow ended unexpectedly before the snapshot was complete; the next backup takes its place.";
const NEVER_BEGUN = "The backup was queued and its workflow ended before it began; start it again.";

export type StaleCollaborators = Pick<Collaborators, "catalog" | "store" | "settings" | "clock" | "log">;

/**
 * Marks the environment's stale snapshots as failed, and returns their ids. One that had reached its seal is left
 * alone: only those who may look into the bucket can tell how far it came (`settleStaleSnapshots`).
 */
export async function failStaleSnapshots(
  collaborators: StaleCollaborators,
  environmentId: string,
  ownSnapshotId: string | null,
): Promise<readonly string[]> {
  const failed: string[] = [];
  for await (const { snapshot, attempt } of staleSnapshots(collaborators, environmentId, ownSnapshotId)) {
    if (attempt?.sealing === true) continue;
    await failSnapshot(snapshot, attempt, collaborators);
    failed.push(snapshot.snapshotId);
  }
  return failed;
}

/** As `failStaleSnapshots`, but what had reached its seal is completed, where that can be done. */
export async function settleStaleSnapshots(
  collaborators: CommitCollaborators,
  lease: Pick<Lease, "environmentId" | "token">,
): Promise<{ readonly failed: readonly string[]; readonly completed: readonly string[] }> {
  const settled = { failed: [] as string[], completed: [] as string[] };
  const environment = await collaborators.catalog.getEnvironment(lease.environmentId);
  if (environment === undefined) return settled;
  for await (const { snapshot, attempt } of staleSnapshots(collaborators, lease.environmentId, null)) {
    const isCompleted =
      attempt !== undefined &&
      (await rollForward({ attempt, snapshot, environment, leaseToken: lease.token }, collaborators));
    if (isCompleted) await discardAttempt(snapshot, collaborators);
    else await failSnapshot(snapshot, attempt, collaborators);
    settled[isCompleted ? "completed" : "failed"].push(snapshot.snapshotId);
  }
  return settled;
}

async function* staleSnapshots(
  { catalog, clock }: StaleCollaborators,
  environmentId: string,
  ownSnapshotId: string | null,
): AsyncGenerator<{ snapshot: SnapshotItem; attempt: Attempt | undefined }> {
  const abandonedBefore = clock.now().getTime() - ABANDONED_AFTER_HOURS * 3_600_000;
  for await (const snapshot of allPages((cursor) => catalog.listSnapshots(environmentId, cursor))) {
    if (snapshot.snapshotId === ownSnapshotId || snapshot.deleting) continue;
    const abandoned = snapshot.state === "queued" && Date.parse(snapshot.updatedAt) < abandonedBefore;
    if (snapshot.state !== "running" && !abandoned) continue;
    const attempt = snapshot.attemptId === null ? undefined : await catalog.getAttempt(snapshot.attemptId);
    yield { snapshot, attempt };
  }
}

async function failSnapshot(
  snapshot: SnapshotItem,
  attempt: Attempt | undefined,
  collaborators: StaleCollaborators,
): Promise<void> {
  const now = isoSeconds(collaborators.clock.now());
  const statusMessage = snapshot.state === "queued" ? NEVER_BEGUN : ENDED;
  collaborators.log.warn("A stale snapshot is recorded as failed.", {
    environmentId: snapshot.environmentId,
    snapshotId: snapshot.snapshotId,
  });
  const goes = snapshot.tier === "uploaded" ? failedUploadExpiry(attempt, collaborators.clock.now()) : undefined;
  const expiry = goes === undefined ? {} : { expiresAt: isoSeconds(goes) };
  // The attempt first: while the snapshot is running, its attempt is still found.
  await discardAttempt(snapshot, collaborators);
  const change = {
    state: "failed",
    statusMessage,
    attemptId: null,
    updatedAt: now,
    finishedAt: now,
    ...expiry,
  } as const;
  const environment = await collaborators.catalog.getEnvironment(snapshot.environmentId);
  if (environment !== undefined) await putFailureRecord(environment, { ...snapshot, ...change }, collaborators);
  await collaborators.catalog.updateSnapshot(snapshot.environmentId, snapshot.snapshotId, change, [snapshot.state]);
}

/** Removes pin, places and items of the attempt that a snapshot names. */
export async function discardAttempt(
  snapshot: Pick<SnapshotItem, "attemptId">,
  collaborators: Pick<Collaborators, "catalog" | "log">,
): Promise<void> {
  if (snapshot.attemptId === null) return;
  const attempt = await collaborators.catalog.getAttempt(snapshot.attemptId);
  if (attempt !== undefined) {
    await unpinBase(attempt, collaborators);
    await releasePlaces(attempt.executionArn, collaborators);
  }
  await deleteAttemptItems(snapshot.attemptId, collaborators);
}
