/** How many nightly snapshots live at once, once an environment has been backed up for over a year. Pure. */
import { expiryOf, isExpired } from "../rules/retention-calendar";
import { tierOfNight, type NightlyTier } from "../rules/tier";
import { addDays, dateOf } from "../rules/utc-date";

/** Longer than the longest retention. */
const LOOK_BACK_DAYS = 400;

export const livingSnapshots = (now: Date): Readonly<Record<NightlyTier, number>> => {
  const living = { nightly: 0, weekly: 0, monthly: 0 };
  for (let day = 0; day < LOOK_BACK_DAYS; day += 1) {
    const createdAt = addDays(now, -day);
    const tier = tierOfNight(dateOf(createdAt));
    if (!isExpired(expiryOf(tier, createdAt).toISOString(), now)) living[tier] += 1;
  }
  return living;
};
