/** Gives an open upload up: its parts go, then its item. Safe to repeat; a failure leaves what the sweep removes. */
import { ConditionFailed } from "../catalog/catalog-table";
import type { UploadItem } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import { isoSeconds } from "../catalog/catalog";
import { uploadNotOpen } from "./upload-failures";

const GIVEN_UP = "The upload was given up before it was complete.";

/** Throws ServiceFailure UploadNotOpen when the parts have been put together already. */
export async function abortUpload(
  { catalog, store, settings, clock }: Pick<Collaborators, "catalog" | "store" | "settings" | "clock">,
  upload: UploadItem,
): Promise<void> {
  const { uploadId } = upload;
  try {
    // Failed first: nobody completes it while its parts go.
    const change = { state: "failed", statusMessage: GIVEN_UP, updatedAt: isoSeconds(clock.now()) } as const;
    await catalog.updateUpload(uploadId, change, ["open"]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const standing = await catalog.getUpload(uploadId);
    if (standing === undefined) return;
    if (standing.state !== "failed" || standing.statusMessage !== GIVEN_UP) throw uploadNotOpen(standing);
  }
  const ref = { bucket: settings.TRANSFER_BUCKET, key: upload.key };
  await store.abortMultipart(ref, upload.multipartId);
  // A call that completed it at this very moment may have put it together.
  await store.deleteBatch(ref.bucket, [{ key: upload.key }]);
  await catalog.deleteUpload(uploadId);
}
