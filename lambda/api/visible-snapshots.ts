/** Rule 3: what has expired or is being deleted is gone, whether or not its data is still there. */
import { allPages } from "../catalog/catalog";
import type { SnapshotItem } from "../catalog/items";
import { isOffered, isVisible } from "../retention/offered";
import { type LastSnapshot, lastSnapshot } from "../rules/last-snapshot";
import { ApiError } from "./api-error";
import type { ApiCollaborators } from "./api-context";

type Looking = Pick<ApiCollaborators, "catalog" | "clock">;

export async function visibleSnapshot(
  { catalog, clock }: Looking,
  environmentId: string,
  snapshotId: string,
): Promise<SnapshotItem> {
  const found = await catalog.getSnapshot(environmentId, snapshotId);
  if (found !== undefined && isVisible(found, clock.now())) return found;
  throw noSnapshot(environmentId, snapshotId);
}

/** The one that has no newer one to take its place. */
export const lastOf = (visible: readonly SnapshotItem[], now: Date): LastSnapshot | undefined =>
  lastSnapshot(
    visible.filter((one) => isOffered(one, now)),
    now,
  );

export const noSnapshot = (environmentId: string, snapshotId: string): ApiError =>
  new ApiError(
    "NOT_FOUND",
    `Environment ${environmentId} has no snapshot ${snapshotId}; it may have expired or been deleted: choose one from its list.`,
  );

/** All of them: an environment has a few hundred at most, and the table's order is none that anybody asks for. */
export async function visibleSnapshots({ catalog, clock }: Looking, environmentId: string): Promise<SnapshotItem[]> {
  const now = clock.now();
  const found: SnapshotItem[] = [];
  for await (const snapshot of allPages((cursor) => catalog.listSnapshots(environmentId, cursor))) {
    if (isVisible(snapshot, now)) found.push(snapshot);
  }
  return found;
}
