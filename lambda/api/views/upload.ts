/** An upload as the API shows it. Pure. */
import type { UploadItem } from "../../catalog/items";
import { partCount } from "../../upload/part-plan";
import type { UploadView } from "../schemas/uploads";
import { textOrNull, timeOf, updatedAtOf } from "./values";

export const uploadView = (upload: UploadItem): UploadView => ({
  upload_id: upload.uploadId,
  snapshot_id: upload.snapshotId,
  file_name: upload.fileName,
  comment: upload.comment,
  size: upload.size,
  part_size: upload.partSize,
  part_count: partCount(upload),
  state: upload.state,
  status_message: textOrNull(upload.statusMessage),
  created_by: upload.createdBy,
  created_at: timeOf(upload.createdAt),
  updated_at: updatedAtOf(upload),
  expires_at: timeOf(upload.expiresAt),
});
