/**
 * How long AWS Backup is told to keep a recovery point, in whole days from the point's own creation: the shortest
 * time that cannot end before the snapshot's expiry second, because a point is created after its snapshot. Pure.
 */
const DAY_MS = 86_400_000;

/** What the vaults' locks admit: two weeks, the shortest retention, to one year, a leap year's. */
export const SHORTEST_DAYS = 14;
export const LONGEST_DAYS = 366;

/** `createdAt` and `expiresAt` of the snapshot. */
export const deleteAfterDays = (createdAt: string, expiresAt: string): number =>
  Math.max(SHORTEST_DAYS, Math.ceil((Date.parse(expiresAt) - Date.parse(createdAt)) / DAY_MS));
