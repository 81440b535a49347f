/**
 * Completes an archive's upload. A repeated request whose first reply was lost is told that there is no such upload:
 * then the object stands, and its size says so. A failure leaves the upload as it was.
 */
import type { CompleteOptions, ObjectRef, ObjectStore, PartResult } from "../storage/object-store";
import { ObjectNotFound, UploadNotFound } from "../storage/storage-errors";

/** Throws UploadNotFound where the upload is gone and its object does not stand. */
export const commitUpload = async (
  store: ObjectStore,
  target: ObjectRef,
  upload: { readonly uploadId: string; readonly parts: readonly PartResult[]; readonly size: number },
  options: CompleteOptions,
): Promise<void> => {
  try {
    await store.completeMultipart(target, upload.uploadId, upload.parts, options);
  } catch (error) {
    if (!(error instanceof UploadNotFound) || (await sizeOf(store, target)) !== upload.size) throw error;
  }
};

/** Bytes of the finished object; undefined before there is one. */
export const sizeOf = async (store: ObjectStore, target: ObjectRef): Promise<number | undefined> => {
  try {
    return (await store.head(target)).size;
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined;
    throw error;
  }
};
