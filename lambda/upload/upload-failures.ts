/** What may be wrong with a request about an upload, one sentence each. */
import type { UploadItem } from "../catalog/items";
import { ServiceFailure } from "../runtime/collaborators";

export const invalidInput = (message: string): ServiceFailure => new ServiceFailure("InvalidInput", message, false);

export const uploadGone = (uploadId: string, cause?: unknown): ServiceFailure =>
  new ServiceFailure(
    "UploadNotFound",
    `There is no open upload ${uploadId}; it was given up, or it is older than a day: begin a new one.`,
    false,
    { cause },
  );

export const uploadNotOpen = ({ uploadId, state }: Pick<UploadItem, "uploadId" | "state">): ServiceFailure =>
  new ServiceFailure(
    "UploadNotOpen",
    `The upload ${uploadId} takes no more parts, because it is ${state}; begin a new one.`,
    false,
  );
