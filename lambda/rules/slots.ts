/**
 * The slot: the minute inside the window at which an environment's backup starts. A hash of the environment spreads
 * the load; how long the last backup took decides how late the slot may be, so that the backup and both its retries
 * (rule 5) end inside the window, and long ones start early. Pure.
 */
import { createHash } from "node:crypto";
import { ATTEMPTS } from "./retry";
import { addMinutes } from "./utc-date";

/** Until a first backup has been timed it is taken to be long: it packs everything. */
const UNTIMED_SHARE = 1 / 4;

export interface SlotOwner {
  readonly environmentId: string;
  readonly lastDurationSeconds: number | null;
}

/** Minutes after the window's start, 0 to `durationMinutes` − 1. */
export function slotMinute(owner: SlotOwner, durationMinutes: number): number {
  const expected =
    owner.lastDurationSeconds === null ? durationMinutes * UNTIMED_SHARE : owner.lastDurationSeconds / 60;
  const room = Math.floor(durationMinutes - ATTEMPTS * expected);
  const choices = Math.min(Math.max(room, 1), durationMinutes);
  return Math.floor(spread(owner.environmentId) * choices);
}

export const slotTime = (owner: SlotOwner, startsAt: Date, durationMinutes: number): Date =>
  addMinutes(startsAt, slotMinute(owner, durationMinutes));

/** The last minute at which any slot can be: from then on every backup of the night is due. */
export const lastSlotTime = (startsAt: Date, durationMinutes: number): Date =>
  addMinutes(startsAt, durationMinutes - 1);

/** A number in [0, 1) that is always the same for an environment. */
const spread = (environmentId: string): number =>
  createHash("sha256").update(environmentId).digest().readUInt32BE(0) / 2 ** 32;
