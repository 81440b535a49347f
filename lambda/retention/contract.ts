/** Retention: every few minutes, expired snapshots and what failed attempts left behind are removed on both sides. */
import { z } from "zod";

/** Select: `{ executionArn }` → environments with work to do (ids only; at most 300 a run, the rest next time). */
export const selectInput = z.object({ step: z.literal("select"), executionArn: z.string() });
/** Expire one environment under its lease; `busy` leaves it for the next run. */
export const expireInput = z.object({
  step: z.literal("expire"),
  executionArn: z.string(),
  environmentId: z.string(),
  /** Only say what would be deleted and why, in `reasons`: no lease, no change. */
  dryRun: z.boolean().optional(),
});
export const retentionInput = z.discriminatedUnion("step", [selectInput, expireInput]);
export const selectOutput = z.object({ environments: z.array(z.string()) });
export const expireOutput = z.object({
  outcome: z.enum(["done", "more", "busy", "refused"]),
  /** Reasons, one sentence each, when nothing was deleted because sources disagree. */
  reasons: z.array(z.string()),
  deleted: z.number().int(),
});
export type SelectInput = z.infer<typeof selectInput>;
export type ExpireInput = z.infer<typeof expireInput>;
export type RetentionInput = z.infer<typeof retentionInput>;
export type SelectOutput = z.infer<typeof selectOutput>;
export type ExpireOutput = z.infer<typeof expireOutput>;
