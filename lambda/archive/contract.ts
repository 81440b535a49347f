/** The archive workflow's states. All progress stands in the archive item and beside the archive; states carry ids. */
import { z } from "zod";
import { taskNetwork } from "../backup/contract";

/** Execution input; its name is the archive's id. The archive item is created before the start. */
export const archiveExecutionInput = z.object({ archiveId: z.string() });

/** Every step of the function: `{ step, archiveId, executionArn }`. */
export const archiveInput = z.discriminatedUnion("step", [
  /** Pins the snapshot. → begun, or skip where the archive has ended before. */
  z.object({ step: z.literal("begin"), archiveId: z.string(), executionArn: z.string() }),
  /**
   * Puts the archive together, as far as the time allows. → done, more, or task: run the database task with
   * `archive <archiveId>`, then call again.
   */
  z.object({ step: z.literal("build"), archiveId: z.string(), executionArn: z.string() }),
  /** Records the reason, unpins. */
  z.object({
    step: z.literal("fail"),
    archiveId: z.string(),
    executionArn: z.string(),
    error: z.object({ Error: z.string().optional(), Cause: z.string().optional() }),
  }),
]);
export type ArchiveInput = z.infer<typeof archiveInput>;

export const archiveOutput = z.object({
  outcome: z.enum(["begun", "skip", "more", "task", "done", "failed"]),
  /** The environment's, for the task; null with other outcomes. */
  network: taskNetwork.nullable(),
  message: z.string(),
});
export type ArchiveOutput = z.infer<typeof archiveOutput>;
