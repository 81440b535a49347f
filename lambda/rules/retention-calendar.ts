/** Rule 3: how long a snapshot is kept. Calendar arithmetic in UTC from the creation second. Pure. */
import type { Tier } from "../catalog/items";
import { addDays, addMonths, wholeSecond } from "./utc-date";

type Period = { readonly days: number } | { readonly months: number };

export const RETENTION_PERIODS: Readonly<Record<Tier, Period>> = {
  nightly: { days: 14 },
  weekly: { months: 3 },
  monthly: { months: 12 },
  "on-demand": { months: 3 },
  uploaded: { months: 3 },
};

/** The second from which the snapshot is gone for every user. */
export function expiryOf(tier: Tier, createdAt: Date): Date {
  const period = RETENTION_PERIODS[tier];
  const created = wholeSecond(createdAt);
  return "days" in period ? addDays(created, period.days) : addMonths(created, period.months);
}

/** Whether the snapshot is gone at `now`: from its expiry second on, not one second earlier. */
export const isExpired = (expiresAt: string, now: Date): boolean => now.getTime() >= Date.parse(expiresAt);
