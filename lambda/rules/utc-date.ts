/** Calendar dates (`YYYY-MM-DD`) and instants in UTC, the only time zone that the rules know. Pure. */

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Midnight at the start of a date. Throws RangeError for what is no date of the calendar, such as 2027-02-29. */
export function startOfDate(date: string): Date {
  const time = DATE.test(date) ? new Date(`${date}T00:00:00Z`) : new Date(Number.NaN);
  if (Number.isNaN(time.getTime()) || dateOf(time) !== date)
    throw new RangeError(`"${date}" is no date of the form YYYY-MM-DD.`);
  return time;
}

export const dateOf = (time: Date): string => time.toISOString().slice(0, 10);
export const isSunday = (date: string): boolean => startOfDate(date).getUTCDay() === 0;
export const dayOfMonth = (date: string): number => startOfDate(date).getUTCDate();
export const addMinutes = (time: Date, minutes: number): Date => new Date(time.getTime() + minutes * 60_000);
export const addDays = (time: Date, days: number): Date => new Date(time.getTime() + days * 86_400_000);

/** The same day and time of day `months` later; a day that the month lacks becomes its last day. */
export function addMonths(time: Date, months: number): Date {
  const year = time.getUTCFullYear();
  const month = time.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const moved = new Date(time.getTime());
  // Day 1 first, so that setting the month cannot run over into the next.
  moved.setUTCDate(1);
  moved.setUTCMonth(month);
  moved.setUTCDate(Math.min(time.getUTCDate(), lastDay));
  return moved;
}

/** Cut to the second, the precision of every stored time. */
export const wholeSecond = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000);
/** Cut to the minute, the precision of slots. */
export const wholeMinute = (time: Date): Date => new Date(Math.floor(time.getTime() / 60_000) * 60_000);
