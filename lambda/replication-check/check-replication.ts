/**
 * The replication check: a snapshot shows `replicated` only after every object of its manifest has been seen at the
 * replica, whole and locked until the expiry. It never undoes a sealed snapshot: a failure is a sentence at the
 * snapshot and a word to someone. It keeps no state between rounds but the snapshot's own item.
 */
import { readManifest } from "../backup/committed-manifest";
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import { putReplicationRecord } from "../catalog/outcome-records";
import type { EnvironmentItem, SnapshotItem } from "../catalog/items";
import { isExpired } from "../rules/retention-calendar";
import type { Collaborators } from "../runtime/collaborators";
import { objectionToPoints } from "../recovery-point/check-points";
import { isRecoveryPoint, type StoredObjectEntry } from "../snapshot/manifest";
import { placesOf } from "../snapshot/sealed-facts";
import { objectsOf } from "../snapshot/manifest-objects";
import { type Replica, type ReplicaCollaborators, replicaOf } from "../storage/replicas";
import { StorageError, StoreUnavailable } from "../storage/storage-errors";
import { checkObjects, readBack, type CheckCollaborators, type Round, type RoundResult } from "./check-objects";
import type { ReplicationCheckInput, ReplicationCheckOutput } from "./contract";
import { GIVE_UP_AFTER_HOURS, patience } from "./limits";

type AllCollaborators = CheckCollaborators &
  ReplicaCollaborators &
  Pick<Collaborators, "catalog" | "clock" | "metrics" | "notifier" | "recoveryPoints" | "replicaRecoveryPoints">;

/** Reading a pack of 512 MiB back takes about half a minute. */
const READING_NEEDS_MS = 120_000;

export async function checkReplication(
  input: ReplicationCheckInput,
  collaborators: AllCollaborators,
): Promise<ReplicationCheckOutput> {
  const { waitSeconds, ...rest } = await checkOnce(input, collaborators);
  return { ...rest, waitSeconds, waitedSeconds: input.waitedSeconds + waitSeconds };
}

type RoundOutput = Omit<ReplicationCheckOutput, "waitedSeconds">;
type RoundCollaborators = AllCollaborators & { readonly waitedSeconds: number };

async function checkOnce(input: ReplicationCheckInput, given: AllCollaborators): Promise<RoundOutput> {
  const collaborators: RoundCollaborators = { ...given, waitedSeconds: input.waitedSeconds };
  const { catalog, clock } = collaborators;
  const environment = await catalog.getEnvironment(input.environmentId);
  const snapshot = await catalog.getSnapshot(input.environmentId, input.snapshotId);
  const needless = reasonNotToCheck(environment, snapshot, clock.now());
  if (needless !== undefined) return { outcome: "replicated", waitSeconds: 0, message: needless };
  if (environment === undefined || snapshot === undefined || snapshot.manifest === null) {
    return {
      outcome: "failed",
      waitSeconds: 0,
      message: `The snapshot ${input.snapshotId} is not complete, so its replica can't be checked.`,
    };
  }
  try {
    return await judge(environment, snapshot, snapshot.manifest, collaborators);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    // A region that does not answer is waited for; a refusal or a damaged manifest does not mend itself.
    const problem = `The replica of snapshot ${snapshot.snapshotId} can't be checked: ${error.message}`;
    return error instanceof StoreUnavailable
      ? stillWaiting(snapshot, problem, collaborators)
      : failed(snapshot, problem, collaborators);
  }
}

function reasonNotToCheck(
  environment: EnvironmentItem | undefined,
  snapshot: SnapshotItem | undefined,
  now: Date,
): string | undefined {
  if (environment === undefined || snapshot === undefined || snapshot.deleting || isExpired(snapshot.expiresAt, now)) {
    return "The snapshot has been deleted; there is nothing left to check.";
  }
  if (environment.replication !== "replicated") return "The environment is not replicated, by its registration.";
  return snapshot.replicatedAt === null
    ? undefined
    : `Every object has stood at the replica since ${snapshot.replicatedAt}.`;
}

async function judge(
  environment: EnvironmentItem,
  snapshot: SnapshotItem,
  manifestEntry: StoredObjectEntry,
  collaborators: RoundCollaborators,
): Promise<RoundOutput> {
  const { store, settings, clock } = collaborators;
  const manifest = await readManifest(manifestEntry, settings.PRIMARY_BUCKET, store);
  const replica = replicaOf(manifest, collaborators);
  if (replica === undefined) {
    const where = manifest.replicationRegion ?? "no region";
    return failed(
      snapshot,
      `Its replica should be in ${where}, which is no longer one of this region's.`,
      collaborators,
    );
  }
  const round: Omit<Round, "objects"> = {
    place: environment,
    replica,
    snapshotId: snapshot.snapshotId,
    lock: { mode: settings.LOCK_MODE, until: new Date(snapshot.expiresAt) },
    copyAgain: patience(snapshot, clock.now(), collaborators.waitedSeconds).copyAgain,
  };
  const objects = [manifestEntry, ...objectsOf(manifest)];
  if (isRecoveryPoint(manifest.database)) {
    const objection = await objectionToPoints(placesOf(manifest.database), manifest.expiresAt, collaborators);
    if (objection !== undefined) return failed(snapshot, objection, collaborators);
  }
  const result = await checkObjects({ ...round, objects }, collaborators);
  if (result.damaged.length > 0) return failed(snapshot, several(result.damaged), collaborators);
  if (result.waiting.length > 0) {
    return stillWaiting(
      snapshot,
      `${result.waiting.length} of ${objects.length} objects are not yet at the replica as they should be, ${result.waiting[0]} among them.`,
      collaborators,
    );
  }
  return readBackAll(snapshot, replica, result.unverified, collaborators);
}

/** What has no checksum at the server is read, as far as the time goes; the snapshot remembers how far it came. */
async function readBackAll(
  snapshot: SnapshotItem,
  replica: Replica,
  unverified: RoundResult["unverified"],
  collaborators: RoundCollaborators,
): Promise<RoundOutput> {
  const { clock, metrics, remainingMs } = collaborators;
  const inOrder = unverified.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const rest = inOrder.filter((entry) => entry.key > (snapshot.replicaReadTo ?? ""));
  for (const entry of rest) {
    if (remainingMs() < READING_NEEDS_MS)
      return stillWaiting(snapshot, "The replica's objects are being read back.", collaborators);
    const problem = await readBack(entry, replica);
    if (problem !== undefined) return failed(snapshot, problem, collaborators);
    await record(snapshot, { replicaReadTo: entry.key }, collaborators);
  }
  const now = isoSeconds(clock.now());
  await recordOutcome(snapshot, { replicatedAt: now, replicationMessage: "", updatedAt: now }, collaborators);
  metrics.add("ReplicationLag", (Date.parse(now) - Date.parse(snapshot.finishedAt ?? snapshot.createdAt)) / 1000);
  return { outcome: "replicated", waitSeconds: 0, message: `Every object stands at the replica since ${now}.` };
}

async function stillWaiting(
  snapshot: SnapshotItem,
  message: string,
  collaborators: RoundCollaborators,
): Promise<RoundOutput> {
  const { giveUp, waitSeconds } = patience(snapshot, collaborators.clock.now(), collaborators.waitedSeconds);
  if (giveUp) return failed(snapshot, `After ${GIVE_UP_AFTER_HOURS} hours: ${message}`, collaborators);
  if (message !== snapshot.replicationMessage) await record(snapshot, { replicationMessage: message }, collaborators);
  return { outcome: "waiting", waitSeconds, message };
}

async function failed(
  snapshot: SnapshotItem,
  message: string,
  collaborators: RoundCollaborators,
): Promise<RoundOutput> {
  const { environmentId, snapshotId } = snapshot;
  const updatedAt = isoSeconds(collaborators.clock.now());
  await recordOutcome(snapshot, { replicatedAt: null, replicationMessage: message, updatedAt }, collaborators);
  await collaborators.notifier.tell(
    `Snapshot of ${environmentId} is not replicated`.slice(0, 100),
    `Snapshot ${snapshotId} of environment ${environmentId} is complete in its region but not replicated. ${message}`,
  );
  return { outcome: "failed", waitSeconds: 0, message };
}

/** What rounds end with: in the bucket first, so that a lost catalog does not forget it. */
async function recordOutcome(
  snapshot: SnapshotItem,
  change: Pick<SnapshotItem, "replicatedAt" | "replicationMessage" | "updatedAt">,
  collaborators: RoundCollaborators,
): Promise<void> {
  const environment = await collaborators.catalog.getEnvironment(snapshot.environmentId);
  if (environment !== undefined) await putReplicationRecord(environment, { ...snapshot, ...change }, collaborators);
  await record(snapshot, change, collaborators);
}

async function record(
  snapshot: SnapshotItem,
  change: Partial<SnapshotItem>,
  { catalog }: Pick<Collaborators, "catalog">,
): Promise<void> {
  try {
    await catalog.updateSnapshot(snapshot.environmentId, snapshot.snapshotId, change, ["completed"]);
  } catch (error) {
    // Deleted meanwhile: the next round finds nothing left to check.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

const several = (sentences: readonly string[]): string =>
  sentences.length <= 3 ? sentences.join(" ") : `${sentences.slice(0, 3).join(" ")} And ${sentences.length - 3} more.`;
