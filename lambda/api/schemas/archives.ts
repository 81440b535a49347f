/** Archives, as the API describes them. */
import { z } from "@hono/zod-openapi";
import { fileKey, message, state, time } from "./common";

export const dataType = z.enum(["files_and_database", "database_only", "files_only", "one_file", "one_table"]);

const tableName = z.string().min(1).max(300);
export const archiveQuery = z
  .object({
    // Any text, so that the routes answer with the published code to one that is none.
    data_type: z
      .string()
      .default("files_and_database")
      .openapi({ enum: [...dataType.options], default: "files_and_database" }),
    key: fileKey.optional().openapi({ description: "With `one_file`: the file's key, as `listFiles` shows it." }),
    table: tableName.optional().openapi({
      description:
        "With `one_table`: `table` or `schema.table`, letters as they stand; either may be quoted as in SQL. A name that the dump doesn't have fails the archive with a sentence that names those it has.",
    }),
  })
  .superRefine(({ data_type: type, key, table }, context) => {
    if (!dataType.safeParse(type).success) return;
    for (const [name, value, needs] of [
      ["key", key, "one_file"],
      ["table", table, "one_table"],
    ] as const) {
      if ((value !== undefined) === (type === needs)) continue;
      const problem = type === needs ? `is needed with data_type=${needs}` : `goes only with data_type=${needs}`;
      context.addIssue({ code: "custom", path: [name], message: problem });
    }
  });

export const archive = z
  .strictObject({
    archive_id: z.string(),
    snapshot_id: z.string(),
    data_type: dataType,
    key: z.string().optional().openapi({ description: "Of `one_file` only." }),
    table: z.string().optional().openapi({ description: "Of `one_table` only." }),
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
    size: z
      .int()
      .nullable()
      .openapi({ description: "Bytes, roughly; null for one table, whose size nobody knows before." }),
    estimated_seconds: z.int(),
  })
  .openapi("ArchiveEstimate");
