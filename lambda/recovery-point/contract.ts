/** The steps of the backup workflow that ask AWS Backup: called again until they say `done`. */
import { z } from "zod";
import { attemptRef } from "../backup/contract";

/** `point`: the recovery point itself. `copy`: its copy in the replication region. */
export const recoveryPointInput = z.object({ step: z.enum(["point", "copy"]), attempt: attemptRef });
export const recoveryPointOutput = z.object({
  outcome: z.enum(["waiting", "done"]),
  /** Before the next call; 0 when done. */
  waitSeconds: z.number().int(),
});
export type RecoveryPointInput = z.infer<typeof recoveryPointInput>;
export type RecoveryPointOutput = z.infer<typeof recoveryPointOutput>;
