/** How patient the replication check is. Pure. */
import type { SnapshotItem } from "../catalog/items";

/** S3 promises 99.9 % within 15 minutes; what is still missing after twice that is copied by us. */
export const COPY_AGAIN_AFTER_MINUTES = 30;
/** After this the check gives up, and someone is told. */
export const GIVE_UP_AFTER_HOURS = 12;

const SHORTEST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 300;

export interface Patience {
  /** Whether missing objects are copied again without waiting for S3's word. */
  readonly copyAgain: boolean;
  readonly giveUp: boolean;
  /** Half a minute at first, growing to five minutes: a quarter of the time already waited. */
  readonly waitSeconds: number;
}

/** `waitedSeconds`: how long this check has waited, however old the snapshot is. */
export function patience(
  snapshot: Pick<SnapshotItem, "finishedAt" | "createdAt">,
  now: Date,
  waitedSeconds: number,
): Patience {
  const age = (now.getTime() - Date.parse(snapshot.finishedAt ?? snapshot.createdAt)) / 1000;
  return {
    copyAgain: age >= COPY_AGAIN_AFTER_MINUTES * 60,
    giveUp: waitedSeconds >= GIVE_UP_AFTER_HOURS * 3600,
    waitSeconds: Math.round(Math.min(Math.max(waitedSeconds / 4, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)),
  };
}
