/** Restore drills, as the API describes them. */
import { z } from "@hono/zod-openapi";
import { finding, givenId, message, time } from "./common";

const seconds = z.int().nullable();
const shape = z.strictObject({
  drill_id: z.string(),
  snapshot_id: z.string().nullable().openapi({ description: "Null until one is chosen." }),
  snapshot_created_at: time.nullable(),
  requested_by: z.string().openapi({ description: "Who asked for it; `schedule` for those of each week." }),
  state: z.enum(["queued", "running", "completed"]),
  outcome: z.enum(["passed", "failed", "not-drilled"]).nullable().openapi({
    description: "`not-drilled`: the snapshot is none for drills, and the message says why; that is no pass.",
  }),
  status_message: message,
  slow_message: message.openapi({ description: "Why its time is too long; null where it is not." }),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
  seconds: z
    .strictObject({ total: seconds, database: seconds, tables: seconds, closure: seconds, files: seconds })
    .openapi({ description: "Measured; `total` from its beginning until all was restored and verified." }),
  problems: z.array(z.string()).openapi({ description: "The first twenty, one sentence each." }),
  problem_count: z.int(),
  notes: z.array(finding).openapi({
    description: "What the restored database could not be given as it was; it passed all the same.",
  }),
  database: z
    .strictObject({ tables: z.int(), rows: z.int(), bytes: z.int(), large_objects: z.int() })
    .nullable()
    .openapi({ description: "What was read of the restored database." }),
  files: z
    .strictObject({ checked: z.int(), bytes: z.int() })
    .openapi({ description: "Restored, read back, and found right by their SHA-256." }),
  closure: z
    .strictObject({ proven: z.boolean(), reason: message, named: z.int() })
    .nullable()
    .openapi({ description: "Whether the restored database names exactly the snapshot's files." }),
});
export const drill = shape.openapi("Drill");
/** A name of its own: the description's names are null everywhere or nowhere. */
export const lastDrill = shape.openapi("LastDrill").nullable();
export type DrillView = z.infer<typeof drill>;

export const drillList = z
  .strictObject({
    drills: z.array(drill).openapi({ description: "Newest first, at most 20." }),
    message: message.openapi({ description: "Why no drills are held; null where they are." }),
  })
  .openapi("DrillList");
export const newDrillBody = z
  .object({ snapshot_id: givenId.nullish() })
  .openapi("NewDrill", { description: "Without a snapshot a random one of the last 30 days is drilled." });
