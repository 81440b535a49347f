/**
 * Never the last good one, silently: which snapshot is an environment's last, and how long before its expiry someone is
 * told. The expiry itself holds, unless somebody acts: takes a new snapshot, or keeps this one longer. Pure.
 */
import type { SnapshotItem } from "../catalog/items";

/**
 * Days before the expiry, longest first. A week lets an office act that is closed for days; it is half of a nightly's
 * two weeks, so that where nights succeed nobody is ever told. Once at each: at most three messages a snapshot.
 */
export const WARNING_DAYS = [7, 2, 1] as const;
const DAY_MS = 86_400_000;

type Candidate = Pick<SnapshotItem, "snapshotId" | "tier" | "createdAt" | "expiresAt">;

export interface LastSnapshot {
  readonly snapshotId: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** The lead that has come last, in days; null before the first. */
  readonly lead: number | null;
  /** When the next lead comes; null after the last. */
  readonly nextLook: Date | null;
  /** Older ones that live longer, such as a monthly: when the newest of them was taken; null: nothing is left. */
  readonly olderOf: string | null;
}

/**
 * Of snapshots that are offered at `now`: the newest, which has no newer one to take its place. What was uploaded may be
 * another's data: it counts only where there is nothing of the environment's own.
 */
export function lastSnapshot(offered: readonly Candidate[], now: Date): LastSnapshot | undefined {
  const own = offered.filter(({ tier }) => tier !== "uploaded");
  const newestFirst = (own.length > 0 ? own : offered).toSorted(
    (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt),
  );
  const [last] = newestFirst;
  if (last === undefined) return undefined;
  const { snapshotId, createdAt, expiresAt } = last;
  const end = Date.parse(expiresAt);
  const reached = WARNING_DAYS.filter((days) => now.getTime() >= end - days * DAY_MS);
  const next = WARNING_DAYS.find((days) => now.getTime() < end - days * DAY_MS);
  const older = newestFirst.find((one) => one !== last && Date.parse(one.expiresAt) > end);
  return {
    snapshotId,
    createdAt,
    expiresAt,
    lead: reached.at(-1) ?? null,
    nextLook: next === undefined ? null : new Date(end - next * DAY_MS),
    olderOf: older?.createdAt ?? null,
  };
}

/** One sentence for whoever is told, or looks; null before the first lead. */
export const warningOf = (last: LastSnapshot | undefined): string | null => {
  if (last === undefined || last.lead === null) return null;
  const left =
    last.olderOf === null
      ? "then nothing is left to restore"
      : `then the newest that is left is the one of ${last.olderOf}`;
  return (
    `The last snapshot, of ${last.createdAt}, expires on ${last.expiresAt} and no newer one exists: ${left}. ` +
    "Take a new snapshot, or let an administrator keep this one longer."
  );
};
