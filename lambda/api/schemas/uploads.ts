/** Uploads, as the API describes them. */
import { z } from "@hono/zod-openapi";
import { givenComment, message, time } from "./common";

export const newUpload = z
  .object({
    file_name: z.string().min(1).max(255),
    size: z.int().min(0).openapi({ description: "Bytes of the whole file." }),
    comment: givenComment.default(""),
  })
  .openapi("NewUpload");

const part = z
  .strictObject({ part_number: z.int().min(1), size: z.int().openapi({ description: "Bytes." }) })
  .openapi("UploadedPart");

export const upload = z
  .strictObject({
    upload_id: z.string(),
    snapshot_id: z
      .string()
      .openapi({ description: "The snapshot that it becomes; there is none before it is complete." }),
    file_name: z.string(),
    comment: z.string(),
    size: z.int(),
    part_size: z.int().openapi({ description: "Bytes of every part but the last." }),
    part_count: z.int(),
    state: z.enum(["open", "queued", "running", "failed", "completed"]),
    status_message: message,
    created_by: z.string(),
    created_at: time,
    updated_at: time.nullable(),
    expires_at: time.openapi({ description: "An upload that is still open then is given up." }),
  })
  .openapi("Upload");
export type UploadView = z.infer<typeof upload>;

export const uploadWithParts = upload
  .extend({ parts: z.array(part).openapi({ description: "What has arrived; empty once it is complete." }) })
  .openapi("UploadWithParts");
export const uploadList = z.strictObject({ uploads: z.array(upload) }).openapi("UploadList");

export const wantedParts = z
  .object({ part_numbers: z.array(z.int().min(1).max(10_000)).min(1).max(100) })
  .openapi("WantedParts");
export const partAddresses = z
  .strictObject({
    parts: z.array(
      z.strictObject({
        part_number: z.int(),
        url: z
          .url()
          .openapi({ description: "PUT that part's bytes there, within the hour; no other header is needed." }),
      }),
    ),
  })
  .openapi("PartAddresses");
