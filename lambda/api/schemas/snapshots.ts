/** Snapshots, as the API describes them. */
import { z } from "@hono/zod-openapi";
import { finding, givenComment, message, paged, state, time } from "./common";

const size = z.int().nullable().openapi({ description: "Bytes, uncompressed; null until it is completed." });

export const snapshot = z
  .strictObject({
    snapshot_id: z.string(),
    model_version: z.string().nullable().openapi({ description: "Null while it is queued, and where nobody told it." }),
    comment: z.string(),
    expires_at: time.openapi({ description: "From this second on it is gone." }),
    state,
    status_message: message,
    created_at: time,
    finished_at: time.nullable(),
    updated_at: time.nullable(),
    type: z.string().openapi({ description: "The name of who made it; automatic ones are named Nightly." }),
    tier: z.enum(["nightly", "weekly", "monthly", "on-demand", "uploaded"]),
    database_backup: z.enum(["dump", "recovery-point"]).openapi({
      description: "A recovery point of AWS Backup can be restored, and not downloaded; it has no database_size.",
    }),
    database_size: size,
    files_size: size,
    size,
    file_count: z.int().nullable(),
    missing_count: z
      .int()
      .nullable()
      .openapi({ description: "Files that the database names and storage doesn't have." }),
    replicated_at: time.nullable().openapi({
      description: "Proven whole in the replication region; null until then, and where it isn't replicated.",
    }),
    replication_message: message,
    warnings: z.array(finding).openapi({
      description: "What it can't keep, or what a restore of it will meet, each with its code; fifty at most.",
    }),
    warning: message.openapi({
      description: "Where it is the environment's last and expires within a week: what is lost then, and what to do.",
    }),
  })
  .openapi("Snapshot");
export type SnapshotView = z.infer<typeof snapshot>;

export const snapshotPage = z.strictObject({ snapshots: z.array(snapshot), ...paged }).openapi("SnapshotPage");
export const newSnapshot = z.object({ comment: givenComment.default("") }).openapi("NewSnapshot");
export const keepUntil = z
  .object({ until: time.openapi({ description: "Later than its expiry; ten years from now at most." }) })
  .openapi("KeepUntil");
export const snapshotChange = z.object({ comment: givenComment }).openapi("SnapshotChange");
