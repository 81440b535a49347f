/**
 * The lock under which an attempt writes, until its seal extends it to the expiry. Two days: a failed attempt leaks
 * for no longer, in compliance mode too. A running attempt renews what it wrote, so that nothing it needs comes free.
 */
import type { Lock, LockMode } from "../storage/object-store";

export const ATTEMPT_LOCK_HOURS = 48;
/** Objects whose lock ends sooner than this are renewed: a day is more than any single step of an attempt takes. */
export const RENEW_BELOW_HOURS = 24;

const HOUR = 3_600_000;

/** The lock of an object written at `now`. */
export const attemptLock = (mode: LockMode, now: Date): Lock => ({
  mode,
  until: new Date(now.getTime() + ATTEMPT_LOCK_HOURS * HOUR),
});

export const needsRenewal = (lockedUntil: Date, now: Date): boolean =>
  lockedUntil.getTime() - now.getTime() < RENEW_BELOW_HOURS * HOUR;
