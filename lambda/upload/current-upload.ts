/**
 * An upload as it is now. Once its parts are complete its snapshot's state is the upload's: the item follows at the end
 * of the workflow, and where that never came, whoever looks sees the snapshot's word. Reads only, but for `settleUpload`.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { SnapshotItem, UploadItem } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";

export async function currentUpload(
  { catalog }: Pick<Collaborators, "catalog">,
  upload: UploadItem,
): Promise<UploadItem> {
  if (upload.state === "open" || upload.state === "failed") return upload;
  const snapshot = await catalog.getSnapshot(upload.environmentId, upload.snapshotId);
  if (snapshot === undefined) return upload;
  const { state, statusMessage, updatedAt } = snapshot;
  return { ...upload, state, statusMessage, updatedAt };
}

/** Called with the snapshot's last word. An upload that has been swept meanwhile stays gone. */
export async function settleUpload(
  { catalog, clock }: Pick<Collaborators, "catalog" | "clock">,
  { snapshotId, state, statusMessage }: Pick<SnapshotItem, "snapshotId" | "state" | "statusMessage">,
): Promise<void> {
  try {
    // The upload and its snapshot have the same id.
    await catalog.updateUpload(snapshotId, { state, statusMessage, updatedAt: isoSeconds(clock.now()) });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
