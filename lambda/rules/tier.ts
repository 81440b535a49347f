/** Rule 2: why an automatic snapshot is kept. Pure. */
import { dayOfMonth, isSunday } from "./utc-date";

export type NightlyTier = "nightly" | "weekly" | "monthly";

/**
 * The longest tier that applies to a night: first Sunday of the month → monthly, other Sunday → weekly. `night` is
 * the UTC date on which the window was scheduled to start, whenever the backup itself runs.
 */
export function tierOfNight(night: string): NightlyTier {
  if (!isSunday(night)) return "nightly";
  return dayOfMonth(night) <= 7 ? "monthly" : "weekly";
}
