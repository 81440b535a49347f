/**
 * The coming nights of an environment: when each backup starts, its tier, and the second at which it expires. Pure. A
 * backup that takes longer than the last one did starts earlier the next night, so times are those of today.
 */
import type { EnvironmentItem } from "../catalog/items";
import { expiryOf } from "../rules/retention-calendar";
import { slotTime, type SlotOwner } from "../rules/slots";
import { tierOfNight, type NightlyTier } from "../rules/tier";
import { addDays, dateOf, isSunday, dayOfMonth, startOfDate } from "../rules/utc-date";
import { nightOf, windowTimes, type WindowTable } from "../rules/window-times";

export type ScheduledEnvironment = Pick<EnvironmentItem, "environmentId" | "firstStartedAt" | "lastDurationSeconds"> &
  SlotOwner;

export interface CalendarQuestion {
  readonly environment: ScheduledEnvironment;
  /** The region's row of the nightly table. */
  readonly row: WindowTable;
  readonly now: Date;
  /** How far to look. */
  readonly days: number;
}
export interface UpcomingRun {
  readonly at: Date;
  /** The UTC date on which the window is scheduled to start (rule 2). */
  readonly night: string;
  readonly tier: NightlyTier;
  /** If the backup starts at `at`. */
  readonly expiresAt: Date;
}

/** Empty for an app that has not been started yet (rule 4). */
export function upcomingRuns({ environment, row, now, days }: CalendarQuestion): readonly UpcomingRun[] {
  const { firstStartedAt } = environment;
  if (firstStartedAt === null) return [];
  const from = Math.max(now.getTime(), Date.parse(firstStartedAt));
  const until = addDays(now, days).getTime();
  const runs: UpcomingRun[] = [];
  for (let night = nightOf(row, new Date(from)).date; ; night = nextNight(night)) {
    const at = runOf(environment, row, night);
    if (at.getTime() >= until) return runs;
    if (at.getTime() < from) continue;
    const tier = tierOfNight(night);
    runs.push({ at, night, tier, expiresAt: expiryOf(tier, at) });
  }
}

/** The night of an environment's first backup; undefined before the app has been started. */
export function firstNight(environment: ScheduledEnvironment, row: WindowTable): string | undefined {
  if (environment.firstStartedAt === null) return undefined;
  const startedAt = new Date(environment.firstStartedAt);
  const { date } = nightOf(row, startedAt);
  return runOf(environment, row, date).getTime() >= startedAt.getTime() ? date : nextNight(date);
}

/** The first Sunday of a date's month. */
export function firstSunday(date: string): string {
  let day = addDays(startOfDate(date), 1 - dayOfMonth(date));
  while (!isSunday(dateOf(day))) day = addDays(day, 1);
  return dateOf(day);
}

const runOf = (environment: ScheduledEnvironment, row: WindowTable, night: string): Date =>
  slotTime(environment, windowTimes(row, night).startsAt, row.durationMinutes);
const nextNight = (night: string): string => dateOf(addDays(startOfDate(night), 1));
