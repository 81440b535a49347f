/** When a region's window opens and closes, and to which night an event belongs. Pure. */
import { addDays, addMinutes, dateOf, startOfDate } from "./utc-date";

export interface WindowTable {
  /** `HH:MM` in UTC. */
  readonly startUtc: string;
  readonly durationMinutes: number;
}
export interface WindowTimes {
  /** The night's name: the UTC date on which the window is scheduled to start (rule 2). */
  readonly date: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

export function windowTimes(row: WindowTable, date: string): WindowTimes {
  const [hours = Number.NaN, minutes = Number.NaN] = row.startUtc.split(":").map(Number);
  const startsAt = addMinutes(startOfDate(date), hours * 60 + minutes);
  return { date, startsAt, endsAt: addMinutes(startsAt, row.durationMinutes) };
}

/**
 * The night that a scheduled time belongs to: the latest window that had started by then. A time past midnight in a
 * window that opened the evening before belongs to that evening's date.
 */
export function nightOf(row: WindowTable, scheduledTime: Date): WindowTimes {
  const sameDay = windowTimes(row, dateOf(scheduledTime));
  if (sameDay.startsAt.getTime() <= scheduledTime.getTime()) return sameDay;
  return windowTimes(row, dateOf(addDays(scheduledTime, -1)));
}

/** The first window that opens at this time or later. */
export function firstWindowFrom(row: WindowTable, time: Date): WindowTimes {
  const running = nightOf(row, time);
  return running.startsAt.getTime() === time.getTime()
    ? running
    : windowTimes(row, dateOf(addDays(startOfDate(running.date), 1)));
}

/** Whether an event for this night comes too late to be of use: the window has closed. */
export const isOver = (window: WindowTimes, now: Date): boolean => now.getTime() >= window.endsAt.getTime();
