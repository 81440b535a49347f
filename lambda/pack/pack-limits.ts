/** The packer's limits, with the arithmetic behind them. */
import type { LookAheadLimits } from "./look-ahead";
import { PACK_BYTES } from "./pack-writer";
import type { OutputLimits } from "./shard-output";

export interface PackLimits extends LookAheadLimits, OutputLimits {
  /** A larger file is left to the task, which has no limit. */
  readonly largestFile: number;
  /** Time kept for closing a pack and an index part, which is at most a few parts of 16 MiB each. */
  readonly reserveMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: PackLimits = {
  files: 32,
  bytes: 64 * MIB,
  smallFile: 8 * MIB,
  steps: 8192,
  packBytes: PACK_BYTES,
  // About 10 MB compressed: one PutObject, and one quick read for whoever looks for a single key.
  partLines: 100_000,
  // 4 GiB: a packer that dies repeats two or three minutes of work, and large snapshots still have few parts.
  packsBetweenSaves: 8,
  // At 20 MB a second 215 of a function's 900 seconds.
  largestFile: 4 * 1024 * MIB,
  reserveMs: 60_000,
};
/** The task streams files of any size and has no deadline. */
export const TASK_LIMITS: Partial<PackLimits> = { largestFile: Number.POSITIVE_INFINITY };
