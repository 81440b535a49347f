/**
 * Begins an attempt: the environment's lease, the snapshot `running`, the attempt's item, the base pinned. Each step
 * can be repeated by the same execution. A failure in the middle leaves what the Fail state takes back, and if that
 * never runs, what the next holder of the lease does (see `stale-snapshots.ts`).
 */
import { allPages, isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { Attempt, EnvironmentItem, Lease, SnapshotItem } from "../catalog/items";
import { expiryOf, isExpired } from "../rules/retention-calendar";
import { ServiceFailure, type Collaborators, type DatabaseStatuses } from "../runtime/collaborators";
import { takeLease } from "../runtime/lease";
import { messageOfAttempt } from "./attempt-message";
import type { BackupRequest, BeginInput, BeginOutput, TaskNetwork } from "./contract";
import { reasonToWait } from "./instance-readiness";
import { attemptIdOf } from "./snapshot-ids";
import { discardAttempt, failStaleSnapshots } from "./stale-snapshots";

type BeginCollaborators = Pick<
  Collaborators,
  "catalog" | "store" | "settings" | "workflows" | "tasks" | "clock" | "random" | "log"
> & {
  /** Absent where RDS can't be asked; nothing then depends on it. */
  readonly databases?: DatabaseStatuses;
};

export async function beginBackup(input: BeginInput, collaborators: BeginCollaborators): Promise<BeginOutput> {
  const { request, executionArn } = input;
  const { environmentId } = request;
  const { catalog } = collaborators;
  const environment = await catalog.getEnvironment(environmentId);
  if (environment === undefined) {
    throw new ServiceFailure(
      "EnvironmentNotFound",
      `The environment ${environmentId} is not registered; register it, then start the backup again.`,
      false,
    );
  }
  const early = await reasonToSkip(input, collaborators);
  if (early !== undefined) return { outcome: "skip", reason: early };
  // Before the lease, so that a restart of the instance keeps no other operation waiting.
  const wait = await reasonToWait(collaborators, environment, request);
  if (wait !== undefined) return queued(request, wait, collaborators);

  const purpose = request.trigger === "upload" ? "upload" : "backup";
  const taken = await takeLease(collaborators, { environmentId, executionArn, purpose });
  if (taken.outcome === "busy") return queued(request, busyWith(taken.by), collaborators);
  // Read again: what was true before the lease may have changed until it was ours.
  const late = await reasonToSkip(input, collaborators);
  if (late !== undefined) {
    await catalog.releaseLease(environmentId, taken.lease.token);
    return { outcome: "skip", reason: late };
  }
  await failStaleSnapshots(collaborators, environmentId, request.snapshotId);
  const current = (await catalog.getEnvironment(environmentId)) ?? environment;
  await discardLeftovers(current, collaborators);
  return begin(input, current, taken.lease, collaborators);
}

/** Why there is nothing to do, or undefined. */
async function reasonToSkip(
  { request, executionArn }: BeginInput,
  { catalog }: BeginCollaborators,
): Promise<string | undefined> {
  const snapshot = await catalog.getSnapshot(request.environmentId, request.snapshotId);
  if (snapshot === undefined || snapshot.deleting) return `The snapshot ${request.snapshotId} has been deleted.`;
  if (snapshot.state === "completed") return `The snapshot ${request.snapshotId} is completed already.`;
  const isOver = snapshot.state === "failed" && snapshot.attempt >= request.attempt;
  if (isOver)
    return `Attempt ${request.attempt} at snapshot ${request.snapshotId} has been recorded as failed already.`;
  const isReplaced = snapshot.attempt > request.attempt && snapshot.attemptId !== attemptIdOf(executionArn);
  return isReplaced ? `A later attempt at snapshot ${request.snapshotId} has begun already.` : undefined;
}

const busyWith = ({ purpose, takenAt }: Lease): string => {
  const holder = purpose === "expiry" ? "an expiry" : purpose === "upload" ? "an upload" : `a ${purpose}`;
  return `Queued: ${holder} of this environment is running since ${takenAt}.`;
};

/** The snapshot stays queued and says why; how long it may wait is the workflow's to know. */
async function queued(
  request: BackupRequest,
  reason: string,
  { catalog, clock }: BeginCollaborators,
): Promise<BeginOutput> {
  try {
    await catalog.updateSnapshot(
      request.environmentId,
      request.snapshotId,
      { statusMessage: reason, updatedAt: isoSeconds(clock.now()) },
      ["queued"],
    );
  } catch (error) {
    // Deleted meanwhile, or another attempt's: the next call of Begin finds out.
    if (!(error instanceof ConditionFailed)) throw error;
  }
  return { outcome: "busy", reason };
}

async function begin(
  { request, executionArn }: BeginInput,
  environment: EnvironmentItem,
  lease: Lease,
  collaborators: BeginCollaborators,
): Promise<BeginOutput> {
  const { catalog, clock } = collaborators;
  const { environmentId, snapshotId } = request;
  const attemptId = attemptIdOf(executionArn);
  const earlier = await discardEarlier();
  // The snapshot names the attempt before the attempt exists, so that no attempt is ever out of sight.
  await catalog.updateSnapshot(
    environmentId,
    snapshotId,
    running(request, environment, attemptId, lease, clock.now()),
    ["queued", "running", "failed"],
  );
  const attempt = (await catalog.getAttempt(attemptId)) ?? (await putAttempt());
  if (attempt.baseSnapshotId !== null) {
    await catalog.pin({
      environmentId,
      snapshotId: attempt.baseSnapshotId,
      holder: attemptId,
      executionArn,
      since: lease.takenAt,
    });
  }
  return {
    outcome: "begun",
    attempt: { environmentId, snapshotId, attemptId },
    network: networkOf(environment),
    database: environment.registration.database.backup ?? "dump",
  };

  async function putAttempt(): Promise<Attempt> {
    const created: Attempt = {
      attemptId,
      environmentId,
      snapshotId,
      attempt: request.attempt,
      executionArn,
      leaseToken: lease.token,
      startedAt: lease.takenAt,
      // What was uploaded has nothing in common with what was there before.
      baseSnapshotId: request.trigger === "upload" ? null : await baseOf(environment, collaborators),
      dump: null,
      plan: null,
      failure: null,
      // An earlier attempt may have been committed: Seal and Fail then look at the bucket first.
      ...(earlier?.sealing === true ? { sealing: true } : {}),
    };
    await catalog.putAttempt(created);
    return created;
  }
  async function discardEarlier(): Promise<Attempt | undefined> {
    const snapshot = await catalog.getSnapshot(environmentId, snapshotId);
    if (snapshot === undefined || snapshot.attemptId === null || snapshot.attemptId === attemptId) return undefined;
    const found = await catalog.getAttempt(snapshot.attemptId);
    await discardAttempt(snapshot, collaborators);
    return found;
  }
}

/** The creation time is the second in which this attempt took the lease, and the expiry follows from it (rule 3). */
const running = (
  request: BackupRequest,
  environment: EnvironmentItem,
  attemptId: string,
  lease: Lease,
  now: Date,
): Partial<SnapshotItem> => ({
  state: "running",
  statusMessage: messageOfAttempt(request.attempt),
  attempt: request.attempt,
  attemptId,
  // Whoever made the archive may have had another model: only the archive can say.
  modelVersion: request.trigger === "upload" ? "" : environment.modelVersion,
  createdAt: lease.takenAt,
  expiresAt: isoSeconds(expiryOf(request.tier, new Date(lease.takenAt))),
  updatedAt: isoSeconds(now),
  finishedAt: null,
});

/** A seal that ended right after its commit has left its attempt behind: the newest backup's, or an upload's. */
async function discardLeftovers(
  { environmentId, lastSnapshotId }: EnvironmentItem,
  collaborators: BeginCollaborators,
): Promise<void> {
  const { catalog } = collaborators;
  const snapshots = allPages((cursor) => catalog.listSnapshots(environmentId, cursor));
  for await (const snapshot of snapshots) {
    const isCandidate = snapshot.snapshotId === lastSnapshotId || snapshot.tier === "uploaded";
    if (!isCandidate || snapshot.state !== "completed" || snapshot.attemptId === null) continue;
    if ((await catalog.getAttempt(snapshot.attemptId)) !== undefined) await discardAttempt(snapshot, collaborators);
  }
}

/** The newest sealed snapshot, if it is still one that a reader could get. */
async function baseOf(environment: EnvironmentItem, { catalog, clock }: BeginCollaborators): Promise<string | null> {
  if (environment.lastSnapshotId === null) return null;
  const base = await catalog.getSnapshot(environment.environmentId, environment.lastSnapshotId);
  const isUsable =
    base !== undefined && base.state === "completed" && !base.deleting && !isExpired(base.expiresAt, clock.now());
  return isUsable ? base.snapshotId : null;
}

const networkOf = ({ registration: { network } }: EnvironmentItem): TaskNetwork => ({
  subnets: network.subnets,
  securityGroups: network.securityGroups,
  assignPublicIp: network.publicAddress ? "ENABLED" : "DISABLED",
});
