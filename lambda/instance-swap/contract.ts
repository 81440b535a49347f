/** The restore workflow's steps for a snapshot whose database is a recovery point. All progress stands in the restore item. */
import { z } from "zod";

export const instanceInput = z.object({
  step: z.enum([
    /** Starts AWS Backup's job, then makes the new instance like the old one. → more or done */
    "restore",
    /** Two renames. → more or done; throws what leads to undoing. */
    "swap",
    /** The old instance goes. → more or done */
    "delete-replaced",
    /** Deletes the new instance, unless the swap has begun. → more, done, or forward */
    "undo",
  ]),
  restoreId: z.string(),
  executionArn: z.string(),
});
export type InstanceInput = z.infer<typeof instanceInput>;

export const instanceOutput = z.object({ outcome: z.enum(["more", "done", "forward"]), message: z.string() });
export type InstanceOutput = z.infer<typeof instanceOutput>;

/*
 * Between them the task runs, in the target's network: `list-old <restoreId>` (which files the old database names),
 * `prove <restoreId>` (the new instance answers, before the swap), `settle <restoreId>` (the swapped one answers under
 * the registered address, then files are removed; repeatable).
 */
