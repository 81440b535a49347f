/**
 * Brings a known list up to date with its newest page, so that following a running backup doesn't fetch thousands of
 * others every few seconds. Undefined where that isn't enough and the whole list has to be fetched. Pure.
 */
import type { SnapshotPage, SnapshotView } from "../api/types";

export const mergeNewest = (
  known: readonly SnapshotView[],
  newest: SnapshotPage,
): readonly SnapshotView[] | undefined => {
  const oldest = newest.snapshots.at(-1);
  if (oldest === undefined || newest.snapshots.length >= newest.total) return newest.snapshots;
  const fetched = new Set(newest.snapshots.map(({ snapshot_id }) => snapshot_id));
  const older = known.filter(
    ({ snapshot_id, created_at }) => !fetched.has(snapshot_id) && created_at <= oldest.created_at,
  );
  const merged = [...newest.snapshots, ...older];
  return merged.length === newest.total ? merged : undefined;
};

/** Whether something among these will change by itself soon. */
export const isMoving = (snapshots: readonly SnapshotView[]): boolean =>
  snapshots.some(({ state }) => state === "queued" || state === "running");
/** The newest ones are followed while something moves there; where an older one moves, all are. */
export const isMovingBelow = (snapshots: readonly SnapshotView[], from: number): boolean =>
  isMoving(snapshots.slice(from));
