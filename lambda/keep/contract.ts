/** Keeping a snapshot longer than it was sealed for, because an administrator said so. */
import { z } from "zod";

/** Where the work goes on: the side, and the last key that is locked there. */
export const keepProgress = z.object({ side: z.enum(["primary", "replica"]), after: z.string() });

export const keepInput = z.object({
  executionArn: z.string(),
  environmentId: z.string(),
  snapshotId: z.string(),
  /** ISO 8601 in UTC, whole seconds. */
  until: z.iso.datetime(),
  requestedBy: z.string(),
  progress: keepProgress,
});
export const keepOutput = z.object({
  /** `more`: call again with `progress`. `refused` with the reason: nothing is promised. */
  outcome: z.enum(["done", "more", "busy", "refused"]),
  message: z.string(),
  progress: keepProgress,
});
export const KEEP_START: KeepProgress = { side: "primary", after: "" };
export type KeepProgress = z.infer<typeof keepProgress>;
export type KeepInput = z.infer<typeof keepInput>;
export type KeepOutput = z.infer<typeof keepOutput>;
/** What starts the workflow. */
export type KeepRequest = Omit<KeepInput, "executionArn" | "progress">;
