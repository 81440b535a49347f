/** What a snapshot holds, as the API describes it. */
import { z } from "@hono/zod-openapi";
import { fileKey, keyText, wholeNumber } from "./common";

export const fileQuery = z.object({
  prefix: keyText.default("").openapi({ description: "What the keys begin with, letters as they stand." }),
  after: fileKey.optional().openapi({ description: "`next` of the page before." }),
  limit: wholeNumber({ minimum: 1, maximum: 1000, fallback: 100 }),
});

const headers = z.record(z.string(), z.string());
export const snapshotFile = z
  .strictObject({
    key: z.string(),
    missing: z.boolean().openapi({ description: "The database named it, and storage did not have it." }),
    size: z.int().nullable().openapi({ description: "Bytes; null of missing files." }),
    sha256: z.string().nullable().openapi({ description: "In hex; null of missing files." }),
    etag: z.string().nullable().openapi({
      description: "Of the source object when it was read; null of missing files, and where it isn't known.",
    }),
    last_modified: z.iso.datetime().nullable().openapi({
      description: "When the source object was last written, to the second; null where the backup wasn't told.",
    }),
    content_type: z.string().nullable(),
    metadata: headers.openapi({ description: "The object's own metadata (`x-amz-meta-`)." }),
    tags: headers,
  })
  .openapi("SnapshotFile");
export type SnapshotFileView = z.infer<typeof snapshotFile>;

export const snapshotFilePage = z
  .strictObject({
    files: z.array(snapshotFile),
    next: z.string().nullable().openapi({ description: "For `after`; null: there are no more." }),
    limit: z.int(),
  })
  .openapi("SnapshotFilePage");
