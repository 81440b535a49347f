/** A user's explicit wish to delete a snapshot before its expiry. Only this function's role may bypass governance. */
import { z } from "zod";

export const deletionInput = z.object({
  executionArn: z.string(),
  environmentId: z.string(),
  snapshotId: z.string(),
  requestedBy: z.string(),
});
export const deletionOutput = z.object({
  /** `refused` in compliance mode, with the date from which it is possible. */
  outcome: z.enum(["done", "busy", "refused"]),
  message: z.string(),
});
export type DeletionInput = z.infer<typeof deletionInput>;
export type DeletionOutput = z.infer<typeof deletionOutput>;
