/**
 * Keeps one snapshot until a later date, under the environment's lease, so that neither its expiry nor a deletion runs
 * in between. In this order: every object locked and checked, in both regions; then the snapshot's record, which is the
 * promise; then the catalog. A crash before the record leaves the old expiry and some longer locks; after it, whoever
 * has the lease next (this workflow again, or retention) brings the catalog after it. Repeatable at every point.
 */
import { readManifest } from "../backup/committed-manifest";
import { isoSeconds } from "../catalog/catalog";
import type { EnvironmentItem, Lease, SnapshotItem } from "../catalog/items";
import { putSnapshotRecord, readSnapshotRecord, RECORD_FORMAT, type SnapshotRecord } from "../catalog/records";
import { replicaVersions } from "../replication-check/replica-versions";
import { laterOf } from "../rules/effective-expiry";
import { objectionToKeeping } from "../rules/keep-until";
import type { Collaborators } from "../runtime/collaborators";
import { takeLease } from "../runtime/lease";
import { isRecoveryPoint, type Manifest, type StoredObjectEntry } from "../snapshot/manifest";
import { replicaOf } from "../storage/replicas";
import { ObjectDamaged, ObjectNotFound } from "../storage/storage-errors";
import { KEEP_START, type KeepInput, type KeepOutput, type KeepProgress } from "./contract";
import { lockObjects, type Locking, NotKept, notForRecoveryPoints } from "./lock-objects";

export async function keepSnapshot(input: KeepInput, collaborators: Collaborators): Promise<KeepOutput> {
  const { catalog } = collaborators;
  const { environmentId, executionArn } = input;
  const environment = await catalog.getEnvironment(environmentId);
  if (environment === undefined) return refused(`There is no environment ${environmentId}; check its name and region.`);
  const taken = await takeLease(collaborators, { environmentId, executionArn, purpose: "keep" });
  if (taken.outcome === "busy") {
    const message = `Environment ${environmentId} is busy: ${taken.by.purpose} since ${taken.by.takenAt}.`;
    return { outcome: "busy", message, progress: input.progress };
  }
  let output: KeepOutput;
  try {
    output = await keepUnderLease(input, environment, taken.lease, collaborators);
  } catch (error) {
    if (error instanceof NotKept) output = refused(error.message);
    else {
      // The first failure is the one to be seen; an ended execution's lease is taken over.
      await catalog.releaseLease(environmentId, taken.lease.token).catch(() => undefined);
      throw error;
    }
  }
  // Between two invocations the lease stays: nothing else may begin while the locks are being moved.
  if (output.outcome !== "more") await catalog.releaseLease(environmentId, taken.lease.token);
  return output;
}

async function keepUnderLease(
  input: KeepInput,
  environment: EnvironmentItem,
  lease: Lease,
  collaborators: Collaborators,
): Promise<KeepOutput> {
  const { catalog, clock } = collaborators;
  const { snapshotId } = input;
  const until = new Date(input.until);
  const listed = await catalog.getSnapshot(environment.environmentId, snapshotId);
  if (listed === undefined) return refused(`There is no snapshot ${snapshotId} any more.`);
  const record = await readSnapshotRecord(environment, snapshotId, collaborators);
  // The record is the promise: where it is ahead of the catalog, something broke in between.
  const snapshot = { ...listed, expiresAt: laterOf(listed.expiresAt, record?.keepUntil ?? null) };
  if (!snapshot.deleting && Date.parse(snapshot.expiresAt) >= until.getTime() && record?.keepUntil)
    return promise({ ...snapshot, updatedAt: isoSeconds(clock.now()) }, listed, collaborators);
  const objection = objectionToKeeping(snapshot, until, clock.now());
  if (objection !== undefined) return refused(objection);

  const progress = await lockBothSides(input, environment, snapshot, collaborators);
  if (progress !== null)
    return { outcome: "more", message: `The objects of snapshot ${snapshotId} are being locked.`, progress };

  // It took its time: the old expiry may have come, or the snapshot may have been deleted.
  const now = clock.now();
  const standing = await catalog.getSnapshot(environment.environmentId, snapshotId);
  const late =
    standing === undefined
      ? `There is no snapshot ${snapshotId} any more.`
      : objectionToKeeping({ ...standing, expiresAt: snapshot.expiresAt }, until, now);
  if (late !== undefined) return refused(late);
  if (!(await catalog.holdsLease(environment.environmentId, lease.token)))
    return { outcome: "busy", message: "The lease went to another operation.", progress: KEEP_START };
  const updatedAt = isoSeconds(clock.now());
  await writeRecord(input, environment, updatedAt, collaborators);
  return promise({ ...snapshot, expiresAt: isoSeconds(until), updatedAt }, listed, collaborators);
}

/** Where to go on; null when every object is locked on both sides. */
async function lockBothSides(
  { progress: { side, after }, until }: KeepInput,
  environment: EnvironmentItem,
  snapshot: SnapshotItem,
  collaborators: Collaborators,
): Promise<KeepProgress | null> {
  const { store, settings } = collaborators;
  const objects = await objectsOf(snapshot, collaborators);
  const wish = { mode: settings.LOCK_MODE, until: new Date(until) };
  if (side === "primary") {
    const here: Locking = {
      ...wish,
      store,
      bucket: settings.PRIMARY_BUCKET,
      objects: objects.entries.map((entry) => ({ entry, versionId: entry.versionId })),
      mayBeAbsent: false,
    };
    const stopped = await lockObjects(here, after, collaborators);
    if (stopped !== null) return { side, after: stopped };
  }
  if (objects.manifest.replication !== "replicated") return null;
  const replica = replicaOf(objects.manifest, collaborators);
  if (replica === undefined) {
    throw new NotKept(
      `The replica bucket of snapshot ${snapshot.snapshotId} in ${objects.manifest.replicationRegion ?? "no region"} is no longer this service's`,
    );
  }
  const wanted = new Set(objects.entries.map(({ key }) => key));
  const versions = await replicaVersions(replica.store, replica.bucket, environment, snapshot.snapshotId, wanted);
  const there: Locking = {
    ...wish,
    ...replica,
    objects: objects.entries.map((entry) => ({ entry, versionId: versions.get(entry.key) })),
    // Not promised there yet: the replication check will lock what comes until the new expiry.
    mayBeAbsent: snapshot.replicatedAt === null,
  };
  const stopped = await lockObjects(there, side === "replica" ? after : "", collaborators);
  return stopped === null ? null : { side: "replica", after: stopped };
}

interface Objects {
  readonly manifest: Manifest;
  /** Everything that the snapshot needs, its manifest too, by key. */
  readonly entries: readonly StoredObjectEntry[];
}

async function objectsOf(
  { snapshotId, manifest: entry }: SnapshotItem,
  { store, settings }: Pick<Collaborators, "store" | "settings">,
): Promise<Objects> {
  if (entry === null) throw new NotKept(`Snapshot ${snapshotId} has no manifest`);
  try {
    const manifest = await readManifest(entry, settings.PRIMARY_BUCKET, store);
    if (isRecoveryPoint(manifest.database)) throw new NotKept(notForRecoveryPoints(snapshotId));
    const entries = [entry, manifest.database, ...manifest.files.index, ...manifest.files.packs];
    return { manifest, entries: entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
  } catch (error) {
    if (error instanceof ObjectDamaged || error instanceof ObjectNotFound)
      throw new NotKept(`The manifest of snapshot ${snapshotId} can't be read (${error.message.replace(/\.$/, "")})`);
    throw error;
  }
}

/** Read again, so that a comment that was written meanwhile stays. */
async function writeRecord(
  { environmentId, snapshotId, until }: KeepInput,
  environment: EnvironmentItem,
  updatedAt: string,
  collaborators: Collaborators,
): Promise<void> {
  const standing = await readSnapshotRecord(environment, snapshotId, collaborators);
  await putSnapshotRecord(
    environment,
    {
      format: RECORD_FORMAT,
      environmentId,
      snapshotId,
      comment: standing?.comment ?? null,
      deletion: standing?.deletion ?? null,
      keepUntil: isoSeconds(new Date(until)),
      updatedAt,
    } satisfies SnapshotRecord,
    collaborators,
  );
}

/** The catalog follows the record; then those who listen are told. */
async function promise(
  { environmentId, snapshotId, expiresAt, tier, updatedAt }: SnapshotItem,
  listed: SnapshotItem,
  { catalog, events, log }: Collaborators,
): Promise<KeepOutput> {
  if (listed.expiresAt !== expiresAt) {
    await catalog.updateSnapshot(environmentId, snapshotId, { expiresAt, updatedAt }, ["completed"]);
  }
  await events.publish("Snapshot State Change", { environmentId, snapshotId, state: "kept", tier, expiresAt });
  log.info("A snapshot is kept longer.", { environmentId, snapshotId, expiresAt });
  const message = `Snapshot ${snapshotId} is kept until ${expiresAt}.`;
  return { outcome: "done", message, progress: KEEP_START };
}

const refused = (message: string): KeepOutput => ({ outcome: "refused", message, progress: KEEP_START });
