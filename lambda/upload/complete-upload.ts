/**
 * Completes an upload: puts its parts together, queues the snapshot and starts the workflow that unpacks it. Safe to
 * repeat from any point: what stands already is left as it is. A failure before the parts are put together changes
 * nothing; one after that leaves a whole object, which a repeated call goes on with and the sweep removes after a day.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { UploadItem } from "../catalog/items";
import type { BackupRequest } from "../backup/contract";
import { queueSnapshot } from "../backup/queue-backup";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { ListedPart, ObjectStore } from "../storage/object-store";
import { ObjectExists, ObjectNotFound, UploadNotFound } from "../storage/storage-errors";
import { uploadExecutionName, type UploadExecutionInput } from "./contract";
import { partCount, sizeOfPart } from "./part-plan";
import { listAllParts } from "./parts";
import { uploadGone, uploadNotOpen } from "./upload-failures";

type CompleteCollaborators = Pick<Collaborators, "catalog" | "store" | "settings" | "workflows" | "clock">;

/**
 * `beforeChange`: once nothing refuses it any more, before anything is made of it.
 * Throws ServiceFailure: UploadIncomplete, UploadNotFound, UploadNotOpen, EnvironmentNotFound.
 */
export async function completeUpload(
  collaborators: CompleteCollaborators,
  upload: UploadItem,
  beforeChange: () => Promise<void> = async () => undefined,
): Promise<UploadItem> {
  if (upload.state === "failed") throw uploadNotOpen(upload);
  if (upload.state === "running" || upload.state === "completed") return upload;
  if (upload.state === "open") await putTogether(collaborators, upload, beforeChange);
  const { catalog, workflows, settings, clock } = collaborators;
  const environment = await catalog.getEnvironment(upload.environmentId);
  if (environment === undefined)
    throw new ServiceFailure(
      "EnvironmentNotFound",
      `The environment ${upload.environmentId} is not registered.`,
      false,
    );
  const request = requestOf(upload, isoSeconds(clock.now()));
  const change = { state: "queued", updatedAt: request.requestedAt } as const;
  try {
    await catalog.updateUpload(upload.uploadId, change, ["open"]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // Completed twice at once, or begun already.
    const standing = await catalog.getUpload(upload.uploadId);
    if (standing === undefined) throw uploadGone(upload.uploadId, error);
    if (standing.state !== "queued") return standing;
  }
  // The model version is the upload's own to say; until it has been read there is none.
  await queueSnapshot(request, { modelVersion: "" }, collaborators);
  await workflows.start(settings.UPLOAD_STATE_MACHINE_ARN, uploadExecutionName(request), {
    request,
    uploadId: upload.uploadId,
  } satisfies UploadExecutionInput);
  return { ...upload, ...change };
}

const requestOf = (upload: UploadItem, requestedAt: string): BackupRequest => ({
  environmentId: upload.environmentId,
  snapshotId: upload.snapshotId,
  trigger: "upload",
  tier: "uploaded",
  night: null,
  attempt: 1,
  createdBy: upload.createdBy,
  comment: upload.comment,
  requestedAt,
});

async function putTogether(
  { store, settings }: CompleteCollaborators,
  upload: UploadItem,
  beforeChange: () => Promise<void>,
): Promise<void> {
  const ref = { bucket: settings.TRANSFER_BUCKET, key: upload.key };
  try {
    const parts = await listAllParts(store, ref.bucket, upload);
    refuseIncomplete(upload, parts);
    await beforeChange();
    await store.completeMultipart(ref, upload.multipartId, parts, { onlyIfAbsent: true });
  } catch (error) {
    if (!(error instanceof UploadNotFound || error instanceof ObjectExists)) throw error;
    // Put together by an earlier call whose answer was lost, or given up: the object tells.
    if (!(await stands(store, ref, upload.size))) throw uploadGone(upload.uploadId, error);
  }
}

function refuseIncomplete(upload: UploadItem, parts: readonly ListedPart[]): void {
  const sizes = new Map(parts.map(({ partNumber, size }) => [partNumber, size]));
  const count = partCount(upload);
  for (let partNumber = 1; partNumber <= count; partNumber++) {
    const size = sizes.get(partNumber);
    const wanted = sizeOfPart(upload, partNumber);
    if (size === undefined)
      throw incomplete(upload, `part ${partNumber} of ${count} has not arrived; upload it, then complete again`);
    if (size !== wanted)
      throw incomplete(
        upload,
        `part ${partNumber} of ${count} has ${size} bytes instead of ${wanted}; upload it again, then complete again`,
      );
  }
  const beyond = parts.find(({ partNumber }) => partNumber > count);
  if (beyond !== undefined)
    throw incomplete(upload, `it has a part ${beyond.partNumber}, beyond its last one, ${count}; begin a new upload`);
}

const incomplete = ({ uploadId, size }: UploadItem, what: string): ServiceFailure =>
  new ServiceFailure(
    "UploadIncomplete",
    `The upload ${uploadId} has not the ${size} bytes that were announced: ${what}.`,
    false,
  );

async function stands(store: ObjectStore, ref: { bucket: string; key: string }, size: number): Promise<boolean> {
  try {
    return (await store.head(ref)).size === size;
  } catch (error) {
    if (error instanceof ObjectNotFound) return false;
    throw error;
  }
}
