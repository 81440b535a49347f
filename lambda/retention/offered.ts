/**
 * Rule 3 and invariant I4: until its expiry second a snapshot is offered, from that second on it is gone for every
 * user, whether or not its data has been removed yet. Pure.
 */
import type { SnapshotItem } from "../catalog/items";
import { isExpired } from "../rules/retention-calendar";

/** Whether users see the snapshot at all, in whatever state it is. */
export const isVisible = (snapshot: Pick<SnapshotItem, "expiresAt" | "deleting">, now: Date): boolean =>
  !snapshot.deleting && !isExpired(snapshot.expiresAt, now);

/** Whether the snapshot may be restored, downloaded or verified. */
export const isOffered = (snapshot: Pick<SnapshotItem, "state" | "expiresAt" | "deleting">, now: Date): boolean =>
  snapshot.state === "completed" && isVisible(snapshot, now);
