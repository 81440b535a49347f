/** How long to wait before AWS Backup is asked again, and for how long at all. Pure. */
import type { RecoveryPointOutput } from "./contract";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** AWS Backup gives up by itself at the ends of its windows; we give up an hour later, should it not say so. */
export const START_WINDOW_MINUTES = 3 * 60;
export const COMPLETE_WINDOW_MINUTES = 24 * 60;
export const GRACE_MS = HOUR_MS;
/** Queueing for one of the account's five copies, and copying; counted from the recovery point's completion. */
export const COPY_HOURS = 24;

/**
 * A round of the workflow has about nine events, and an execution may have 25,000: every minute for a quarter of an
 * hour, then every three minutes, every ten after an hour, every twenty after three: 24 hours are 105 rounds.
 */
export function waiting(sinceMs: number): RecoveryPointOutput {
  const waitSeconds = sinceMs < 15 * MINUTE_MS ? 60 : sinceMs < HOUR_MS ? 180 : sinceMs < 3 * HOUR_MS ? 600 : 1200;
  return { outcome: "waiting", waitSeconds };
}
export const DONE: RecoveryPointOutput = { outcome: "done", waitSeconds: 0 };
