/** Archives, as the API describes them. */
import { z } from "@hono/zod-openapi";
import { message, state, time } from "./common";

export const dataType = z.enum(["files_and_database", "database_only", "files_only"]);
/** Any text, so that the routes answer with the published code to one that is none. */
export const archiveQuery = z.object({
  data_type: z
    .string()
    .default("files_and_database")
    .openapi({ enum: [...dataType.options], default: "files_and_database" }),
});

export const archive = z
  .strictObject({
    archive_id: z.string(),
    snapshot_id: z.string(),
    data_type: dataType,
    state,
    status_message: message,
    url: z
      .url()
      .nullable()
      .openapi({
        description:
          "The file itself, for GET and without signing in: no redirect, ranges as well. Ends at expires_at; every look " +
          "gives a new one. Null until it is completed, and eight hours after that.",
      }),
    link: z.url().nullable().openapi({
      description:
        "Leads to the file by a redirect, for GET and HEAD and without signing in, until link_expires_at; null as url.",
    }),
    created_at: time,
    finished_at: time.nullable(),
    updated_at: time.nullable(),
    size: z.int().nullable().openapi({ description: "Bytes of the finished file; null until it has been planned." }),
    bytes_done: z.int(),
    estimated_seconds: z.int(),
    expires_at: time.nullable().openapi({
      description: "When url ends, with the credentials that signed it: an hour at most. Null until it is completed.",
    }),
    link_expires_at: time.nullable().openapi({
      description: "Eight hours after it was completed, or when its snapshot expires; null until it is completed.",
    }),
  })
  .openapi("Archive");
export type ArchiveView = z.infer<typeof archive>;

export const archiveEstimate = z
  .strictObject({
    data_type: dataType,
    size: z.int().openapi({ description: "Bytes, roughly." }),
    estimated_seconds: z.int(),
  })
  .openapi("ArchiveEstimate");
