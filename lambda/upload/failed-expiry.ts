/** When the item of a failed upload goes: it is there to be read, and nothing can be done with it. Pure. */
import type { Attempt } from "../catalog/items";
import { ATTEMPT_LOCK_HOURS } from "../rules/attempt-lock";
import { UPLOAD_REFUSED } from "./refusal";

const HOUR = 3_600_000;
/** Locks end on the second after; an hour more, so that the first try to delete succeeds. */
const MARGIN_HOURS = 1;

/**
 * A refused upload has stored nothing: a day. One that failed later may have left objects under an attempt's lock; one
 * that had begun to seal left them locked until the snapshot's expiry: undefined, it stays as it is.
 */
export function failedUploadExpiry(
  attempt: Pick<Attempt, "failure" | "sealing"> | undefined,
  now: Date,
): Date | undefined {
  if (attempt?.sealing === true) return undefined;
  const nothingStored = attempt === undefined || attempt.failure?.name === UPLOAD_REFUSED;
  return new Date(now.getTime() + (nothingStored ? 24 : ATTEMPT_LOCK_HOURS + MARGIN_HOURS) * HOUR);
}
