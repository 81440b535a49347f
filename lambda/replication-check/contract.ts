/** The replication check: after the seal, without a lease, it waits until every object stands at the replica. */
import { z } from "zod";

/** Execution input, and the function's input each round. Its name: the snapshot's id, a hyphen, a round of starts. */
export const replicationCheckInput = z.object({
  environmentId: z.string(),
  snapshotId: z.string(),
  executionArn: z.string(),
  /** Seconds that this execution has waited so far: its patience begins anew with each start. */
  waitedSeconds: z.number().int().nonnegative(),
});
export const replicationCheckOutput = z.object({
  /** `waiting`: look again after `waitSeconds`. `failed` alarms and never undoes the snapshot. */
  outcome: z.enum(["replicated", "waiting", "failed"]),
  waitSeconds: z.number().int(),
  /** With the wait to come. */
  waitedSeconds: z.number().int(),
  message: z.string(),
});
export type ReplicationCheckInput = z.infer<typeof replicationCheckInput>;
export type ReplicationCheckOutput = z.infer<typeof replicationCheckOutput>;
