/** The gauges: what a region's catalog says about it now, measured every quarter of an hour. */
import { z } from "zod";
import { windowEvent } from "../nightly-window/contract";

export const GAUGES_MINUTES = 15;
/**
 * From this age on a newest backup is too old, in seconds: a day between two nights, an hour for the backup, a quarter
 * for the replication, and some air.
 */
export const TOO_OLD_SECONDS = 26 * 3600;
/** The log's line for each environment whose newest backup is that old, every round: the dashboard looks for it. */
export const TOO_OLD_MESSAGE = "The newest backup of an environment is too old.";

/** The schedule's input. */
export const gaugesInput = windowEvent;
export const gaugesOutput = z.object({
  snapshots: z.number().int(),
  environments: z.number().int(),
  /** Environments whose newest backup is too old. */
  tooOld: z.number().int(),
});
export type GaugesOutput = z.infer<typeof gaugesOutput>;
