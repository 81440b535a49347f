/**
 * Until when nobody may delete a snapshot: compliance mode, by the setting or by what it was sealed with; and in either
 * mode the lock of AWS Backup on its recovery points, around which nobody can go.
 */
import { isoSeconds } from "../catalog/catalog";
import type { SnapshotItem } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import type { Lock, ObjectStore, VersionRef } from "../storage/object-store";
import { ObjectNotFound } from "../storage/storage-errors";

/** ISO 8601 in UTC; undefined when it may be deleted now. At most one request. */
export async function lockedUntil(
  { manifest, expiresAt, recoveryPoint }: Pick<SnapshotItem, "manifest" | "expiresAt" | "recoveryPoint">,
  { settings, store, clock }: Pick<Collaborators, "settings" | "store" | "clock">,
): Promise<string | undefined> {
  if (recoveryPoint !== undefined && Date.parse(recoveryPoint.deleteAt) > clock.now().getTime())
    return recoveryPoint.deleteAt;
  if (settings.LOCK_MODE === "COMPLIANCE") return expiresAt;
  // The mode is a setting: snapshots from before it was changed keep the mode they were sealed with.
  const lock = manifest === null ? undefined : await lockOf({ ...manifest, bucket: settings.PRIMARY_BUCKET }, store);
  return lock?.mode === "COMPLIANCE" && lock.until > clock.now() ? isoSeconds(lock.until) : undefined;
}

export const lockedSentence = (
  { snapshotId, recoveryPoint, expiresAt }: Pick<SnapshotItem, "snapshotId" | "recoveryPoint" | "expiresAt">,
  until: string,
): string =>
  recoveryPoint !== undefined
    ? `Snapshot ${snapshotId} can't be deleted before ${until}: its database is a recovery point of AWS Backup, in a vault whose lock nobody can go around; from ${expiresAt} on it is no longer offered, and it goes by itself then.`
    : `Snapshot ${snapshotId} can't be deleted before ${until}: it is locked in compliance mode, where nobody can; it goes by itself then.`;

async function lockOf({ bucket, key, versionId }: VersionRef, store: ObjectStore): Promise<Lock | undefined> {
  try {
    return (await store.head({ bucket, key, versionId })).lock;
  } catch (error) {
    // Deleted by an earlier run of this deletion, or missing: then the evidence says so.
    if (error instanceof ObjectNotFound) return undefined;
    throw error;
  }
}
