/** Until when an administrator may keep a snapshot. A date only ever moves later, because locks do. Pure. */
import type { SnapshotItem } from "../catalog/items";
import { isExpired } from "./retention-calendar";
import { addMonths } from "./utc-date";

export const MOST_YEARS = 10;
/** Locks and records are written before the old expiry comes: with less time than this it might come in between. */
export const LEAST_SECONDS_LEFT = 30;

type Kept = Pick<SnapshotItem, "snapshotId" | "state" | "expiresAt" | "deleting">;

/** Why not, in one sentence; undefined when it may be. `snapshot.expiresAt` is the effective expiry. */
export function objectionToKeeping(snapshot: Kept, until: Date, now: Date): string | undefined {
  const { snapshotId, state, expiresAt, deleting } = snapshot;
  const name = `Snapshot ${snapshotId}`;
  if (deleting) return `${name} is being deleted; it can't be kept any more.`;
  if (isExpired(expiresAt, now)) return `${name} expired on ${expiresAt}; it can't be kept any more.`;
  if (state !== "completed") return `${name} is ${state}; only a completed one can be kept.`;
  if (until <= now) return `${text(until)} is in the past; choose a date after ${expiresAt}.`;
  if (until.getTime() <= Date.parse(expiresAt)) {
    return `${name} is kept until ${expiresAt} already, and its locks can't be shortened; choose a later date.`;
  }
  const latest = latestToKeep(now);
  if (until > latest) {
    return `${name} can be kept for ${MOST_YEARS} years from now at most, until ${text(latest)}; choose an earlier date.`;
  }
  if (Date.parse(expiresAt) - now.getTime() < LEAST_SECONDS_LEFT * 1000) {
    return `${name} expires on ${expiresAt}, too soon to lock all of it until ${text(until)}; take a new snapshot.`;
  }
  return undefined;
}

export const latestToKeep = (now: Date): Date => addMonths(now, MOST_YEARS * 12);

/** As stored times are written. */
const text = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
