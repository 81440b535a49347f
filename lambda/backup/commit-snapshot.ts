/**
 * The commit: every object of the snapshot locked until the expiry and checked, then the manifest, then the catalog.
 * Safe to repeat from any point. Before the first lock is extended the attempt is marked as sealing; from then on
 * whoever finds it unfinished goes forward, because its objects can't be freed before the expiry any more.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { Attempt, EnvironmentItem, SnapshotItem } from "../catalog/items";
import { isExpired } from "../rules/retention-calendar";
import { objectionToPoints } from "../recovery-point/check-points";
import { unusable } from "../recovery-point/point-facts";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { placesOf } from "../snapshot/sealed-facts";
import type { Lock } from "../storage/object-store";
import { AccessRefused } from "../storage/storage-errors";
import { atOnce } from "../runtime/at-once";
import { unpinBase } from "./attempt-items";
import { giveUpBase } from "./base-manifest";
import { findManifest, type CommittedManifest } from "./committed-manifest";
import { durationOf } from "./finish-attempt";
import { manifestOf } from "./manifest-of";
import { DamagedObject, lockAndCheck, lockCarriedOver } from "./object-locks";
import { putManifest } from "./put-manifest";
import { recordCompletion } from "./record-completion";
import { leaseLost } from "./running-attempt";
import { snapshotContents, type SnapshotContents } from "./snapshot-contents";

export type CommitCollaborators = Pick<
  Collaborators,
  "catalog" | "clock" | "log" | "metrics" | "recoveryPoints" | "replicaRecoveryPoints" | "settings" | "store"
>;

export interface Commit {
  readonly attempt: Attempt;
  readonly snapshot: SnapshotItem;
  readonly environment: EnvironmentItem;
  /** Of whoever commits: the attempt's own, or that of the operation which found it unfinished. */
  readonly leaseToken: string;
}

/** Lock requests at once: ten thousand packs take about half a minute. */
const LOCKS_AT_ONCE = 16;

export async function commitSnapshot(commit: Commit, collaborators: CommitCollaborators): Promise<void> {
  const { attempt, snapshot, environment, leaseToken } = commit;
  const standing =
    attempt.sealing === true ? await findManifest(environment, attempt.snapshotId, collaborators) : undefined;
  const committed = standing ?? (await writeManifest(commit, collaborators));
  const durationSeconds = durationOf(attempt, committed.manifest.completedAt);
  // From the manifest on the base is no longer needed: what is carried over is named by our own manifest.
  await unpinBase(attempt, collaborators);
  try {
    await recordCompletion({ committed, snapshot, environment, leaseToken, durationSeconds }, collaborators);
  } catch (error) {
    throw error instanceof ConditionFailed ? leaseLost(attempt.environmentId, error) : error;
  }
}

/**
 * Completes what had reached its seal. False when there is nothing to complete, or when it can't be: then the snapshot
 * is to be recorded as failed. A store that does not answer is an exception: another try may complete it.
 */
export async function rollForward(commit: Commit, collaborators: CommitCollaborators): Promise<boolean> {
  const { attempt, snapshot } = commit;
  if (attempt.sealing !== true) return false;
  const isTooLate = isExpired(snapshot.expiresAt, collaborators.clock.now());
  if (isTooLate && (await findManifest(commit.environment, attempt.snapshotId, collaborators)) === undefined)
    return false;
  try {
    await commitSnapshot(commit, collaborators);
    return true;
  } catch (error) {
    if (!(error instanceof ServiceFailure || error instanceof AccessRefused)) throw error;
    collaborators.log.warn("A seal that had begun can't be completed.", {
      snapshotId: attempt.snapshotId,
      reason: error.message,
    });
    return false;
  }
}

async function writeManifest(commit: Commit, collaborators: CommitCollaborators): Promise<CommittedManifest> {
  const { attempt, snapshot, environment, leaseToken } = commit;
  const { catalog, settings, clock } = collaborators;
  const contents = await snapshotContents(attempt, environment, collaborators);
  const lock: Lock = { mode: settings.LOCK_MODE, until: new Date(snapshot.expiresAt) };
  if (contents.recoveryPoint !== null) {
    const places = placesOf(contents.recoveryPoint);
    const objection = await objectionToPoints(places, snapshot.expiresAt, collaborators);
    if (objection !== undefined) throw unusable(objection);
  }
  await catalog.updateAttempt(attempt.attemptId, { sealing: true });
  await lockEverything(attempt, contents, lock, collaborators);
  if (!(await catalog.holdsLease(attempt.environmentId, leaseToken))) throw leaseLost(attempt.environmentId);
  const completedAt = isoSeconds(clock.now());
  const manifest = manifestOf({ attempt, snapshot, environment, contents, completedAt, settings });
  return putManifest(manifest, environment, lock, collaborators);
}

/** Packs carried over first: should one of them be damaged, nothing new has been locked for long. */
async function lockEverything(
  attempt: Attempt,
  { dump, files }: SnapshotContents,
  lock: Lock,
  { store, settings, catalog, log }: CommitCollaborators,
): Promise<void> {
  const bucket = settings.PRIMARY_BUCKET;
  const carriedOver = files.packs.filter((pack) => pack.carriedOver === true);
  try {
    await atOnce(LOCKS_AT_ONCE, carriedOver, (pack) =>
      lockCarriedOver(store, bucket, pack, lock, attempt.sealing === true),
    );
  } catch (error) {
    if (error instanceof DamagedObject) await giveUpBase(attempt, error, { catalog, log });
    throw error;
  }
  const stored = dump.database === null ? [] : [dump.database];
  const ours = [...stored, ...files.index, ...files.packs.filter((pack) => pack.carriedOver !== true)];
  await atOnce(LOCKS_AT_ONCE, ours, (entry) => lockAndCheck(store, bucket, entry, lock));
}
