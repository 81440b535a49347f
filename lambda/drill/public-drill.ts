/** What users see of a drill: no leases, no progress of ours. Pure. */
import { z } from "zod";
import { type DrillItem, DRILL_OUTCOMES, drillResult } from "../catalog/drills";

/** Times are ISO 8601 in UTC, sizes bytes. */
export const publicDrill = drillResult.extend({
  state: z.enum(["queued", "running", "completed"]),
  /** Null until it has ended. */
  outcome: z.enum(DRILL_OUTCOMES).nullable(),
  finishedAt: z.string().nullable(),
  snapshotCreatedAt: z.string().nullable(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
});
export type PublicDrill = z.infer<typeof publicDrill>;

/** Strips what is not named above. */
export const publicDrillOf = (drill: DrillItem): PublicDrill => publicDrill.parse(drill);
