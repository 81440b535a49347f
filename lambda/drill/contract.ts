/** The drill workflow's states. Progress stands in the catalog's drill; states carry ids. */
import { z } from "zod";
import { taskNetwork } from "../backup/contract";
import { windowRow } from "../nightly-window/contract";

/** As the function's environment carries it (JSON in `DRILLS`). */
export const drillSettings = z.object({
  window: windowRow,
  slowSeconds: z.number().positive(),
  slowFactor: z.number(),
  leastSamples: z.number().int(),
});
export type DrillSettings = z.infer<typeof drillSettings>;
export const DRILLS_VARIABLE = "DRILLS";

/** Execution input: the schedule's event, or the drill that somebody asked for; its item is made before the start. */
export const drillRequest = z.object({
  scheduledTime: z.iso.datetime({ offset: true }).optional(),
  environmentId: z.string().optional(),
  drillId: z.string().optional(),
});
export type DrillRequest = z.infer<typeof drillRequest>;

/** Every step of the function. */
export const drillInput = z.discriminatedUnion("step", [
  /** Lease of the drill target, choice and pin of the snapshot. → begun, busy, clear (of a crashed one), none */
  z.object({ step: z.literal("begin"), executionArn: z.string(), request: drillRequest }),
  /** Puts the snapshot's files at the scratch prefix and reads each back. → more or done */
  z.object({ step: z.literal("files"), executionArn: z.string(), environmentId: z.string(), drillId: z.string() }),
  /** Removes every file of every drill. → more or done */
  z.object({ step: z.literal("clear"), executionArn: z.string() }),
  /** Judges, records, tells, unpins, gives the lease back. → passed, failed, not-drilled, none */
  z.object({
    step: z.literal("finish"),
    executionArn: z.string(),
    request: drillRequest,
    error: z.object({ Error: z.string().optional(), Cause: z.string().optional() }).optional(),
  }),
]);
export type DrillInput = z.infer<typeof drillInput>;
type Step<S extends DrillInput["step"]> = Omit<Extract<DrillInput, { step: S }>, "step">;
export type BeginDrill = Step<"begin">;
export type DrillFilesInput = Step<"files">;
export type FinishDrill = Step<"finish">;

export const drillOutput = z.object({
  outcome: z.enum(["begun", "busy", "clear", "none", "more", "done", "passed", "failed", "not-drilled"]),
  environmentId: z.string().nullable(),
  drillId: z.string().nullable(),
  network: taskNetwork.nullable(),
  message: z.string(),
});
export type DrillOutput = z.infer<typeof drillOutput>;

/*
 * Between them the task runs, in the drill target's network: `drill <environmentId> <drillId>` (drops what crashed
 * drills left, restores the database, reads it, asks it for its files, drops it) and `drill-clear` (drops only).
 */
