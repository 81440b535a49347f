/**
 * Begins an upload: a multipart upload in the transfer bucket, then its item. Safe to repeat with the same id. A
 * failure between the two leaves an unfinished multipart upload, which is swept after a day.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { UploadItem } from "../catalog/items";
import { newSnapshotId } from "../backup/snapshot-ids";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { uploadKey } from "../storage/object-keys";
import { fileSizeProblem } from "./file-size";
import { partSizeFor } from "./part-plan";
import { invalidInput } from "./upload-failures";

export interface UploadWish {
  readonly environmentId: string;
  /** As the person's computer calls it; shown again, and nothing else. */
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
  readonly comment: string;
  readonly createdBy: string;
  /** For asking again after a lost answer; the snapshot gets the same id. @default a new random id */
  readonly uploadId?: string;
}
type CreateCollaborators = Pick<Collaborators, "catalog" | "store" | "settings" | "clock" | "random">;

/** An upload that is not complete within this time is swept. */
const OPEN_HOURS = 24;
const LONGEST_FILE_NAME = 255;

/**
 * `beforeChange`: once nothing refuses it any more, before anything is made of it.
 * Throws ServiceFailure: InvalidInput, EnvironmentNotFound.
 */
export async function createUpload(
  collaborators: CreateCollaborators,
  wish: UploadWish,
  beforeChange: () => Promise<void> = async () => undefined,
): Promise<UploadItem> {
  const { catalog, store, settings, clock, random } = collaborators;
  const { environmentId, fileName, size, comment, createdBy } = wish;
  refuseImpossible(wish);
  if ((await catalog.getEnvironment(environmentId)) === undefined) {
    throw new ServiceFailure(
      "EnvironmentNotFound",
      `There is no environment ${environmentId} in ${settings.REGION}; register it first, or check its name and region.`,
      false,
    );
  }
  await beforeChange();
  const uploadId = wish.uploadId ?? newSnapshotId(random);
  const standing = await catalog.getUpload(uploadId);
  if (standing !== undefined) return standing;
  const now = clock.now();
  const key = uploadKey(uploadId);
  const ref = { bucket: settings.TRANSFER_BUCKET, key };
  const upload: UploadItem = {
    uploadId,
    environmentId,
    snapshotId: uploadId,
    fileName,
    comment,
    createdBy,
    size,
    partSize: partSizeFor(size),
    key,
    multipartId: await store.createMultipart({ ...ref, partsWithoutChecksums: true }),
    state: "open",
    statusMessage: "",
    createdAt: isoSeconds(now),
    updatedAt: isoSeconds(now),
    expiresAt: isoSeconds(new Date(now.getTime() + OPEN_HOURS * 3_600_000)),
  };
  try {
    await catalog.createUpload(upload);
    return upload;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // Asked twice at once: the other's parts count; ours go now, or with the sweep.
    await store.abortMultipart(ref, upload.multipartId).catch(() => undefined);
    return (await catalog.getUpload(uploadId)) ?? upload;
  }
}

function refuseImpossible({ fileName, size }: UploadWish): void {
  if (!Number.isSafeInteger(size) || size < 0) throw invalidInput("The upload's size must be a whole number of bytes.");
  const problem = fileSizeProblem(fileName, size);
  if (problem !== undefined) throw invalidInput(problem);
  if (fileName === "" || fileName.length > LONGEST_FILE_NAME)
    throw invalidInput(`The upload's file name must have 1 to ${LONGEST_FILE_NAME} characters.`);
}
