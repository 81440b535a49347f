/** The restore workflow's states. All progress stands in the catalog's restore item; states carry ids. */
import { z } from "zod";
import { taskNetwork } from "../backup/contract";

/** Execution input: `{ restoreId }`; its name is the restore's id. The restore item is created before the start. */
export const restoreExecutionInput = z.object({ restoreId: z.string() });

/** Every step of the function: `{ step, restoreId, executionArn }`. */
export const restoreInput = z.discriminatedUnion("step", [
  /** Lease of the target (none for a plan), pin of the source. → begun */
  z.object({ step: z.literal("begin"), restoreId: z.string(), executionArn: z.string() }),
  /** Judges the preflight's facts and the files. Touches nothing; `more` where comparing takes long. → planned */
  z.object({ step: z.literal("plan"), restoreId: z.string(), executionArn: z.string() }),
  /** Puts missing files. → files */
  z.object({ step: z.literal("files"), restoreId: z.string(), executionArn: z.string() }),
  /** Fixes which keys are removed after the swap. → more or done */
  z.object({ step: z.literal("plan-removal"), restoreId: z.string(), executionArn: z.string() }),
  /** Unpins, gives the lease back, completed; of a plan too. */
  z.object({ step: z.literal("finish"), restoreId: z.string(), executionArn: z.string() }),
  /** Removes exactly the files this restore put, unless the swap is done. */
  z.object({ step: z.literal("undo-files"), restoreId: z.string(), executionArn: z.string() }),
  /** Records the reason, unpins, gives the lease back. */
  z.object({
    step: z.literal("fail"),
    restoreId: z.string(),
    executionArn: z.string(),
    error: z.object({ Error: z.string().optional(), Cause: z.string().optional() }),
  }),
]);
export type RestoreInput = z.infer<typeof restoreInput>;

export const restoreOutput = z.object({
  /**
   * begin: begun | busy | skip, drop-old where a completed restore has left the old database; plan: go | refused |
   * planned | more, planned also where warnings wait to be acknowledged; files, plan-removal, undo-files: more | done;
   * undo-files: forward when the swap has happened, so that the workflow goes on to the swap's rest; fail: done, or skip
   * where only a plan failed, or warnings wait to be acknowledged.
   */
  outcome: z.enum(["begun", "busy", "skip", "go", "refused", "planned", "more", "done", "forward", "drop-old"]),
  network: taskNetwork.nullable(),
  databaseOnly: z.boolean(),
  /**
   * An earlier execution of this restore has begun with the database, and the swap may have happened: a failure from
   * here on, a refused plan too, has to go through Undo.
   */
  resumed: z.boolean(),
  /** The snapshot's database is a recovery point: it comes back as an instance. */
  recoveryPoint: z.boolean(),
  message: z.string(),
});
export type RestoreOutput = z.infer<typeof restoreOutput>;

/*
 * Between them the task runs, in the target's network: `preflight <restoreId>`, `restore <restoreId>`,
 * `swap <restoreId>` (swap, removal of files, dropping the old database; repeatable), `undo <restoreId>`
 * (drops the database beside, unless it is the live one). Without a lease, when the restore has long completed:
 * `drop-old <restoreId>`.
 */
