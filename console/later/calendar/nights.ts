/** Coming nights as the weeks of a wall calendar, Monday first. Pure. */
import type { CalendarRun } from "../../api/types";

const DAY_MS = 86_400_000;

export interface CalendarDay {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** By the time it starts; a window that opens before midnight has most of its backups on the next day. */
  readonly runs: readonly CalendarRun[];
}
const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
/** Days since Monday. */
const weekday = (time: number): number => (new Date(time).getUTCDay() + 6) % 7;

export const weeksOf = (runs: readonly CalendarRun[], now: Date, days: number): readonly (readonly CalendarDay[])[] => {
  const byDate = new Map<string, CalendarRun[]>();
  for (const run of runs) byDate.set(run.at.slice(0, 10), [...(byDate.get(run.at.slice(0, 10)) ?? []), run]);
  const today = Date.parse(dateOf(now.getTime()));
  const first = today - weekday(today) * DAY_MS;
  const weeks: CalendarDay[][] = [];
  for (let start = first; start <= today + days * DAY_MS; start += 7 * DAY_MS) {
    weeks.push(
      Array.from({ length: 7 }, (_, day) => {
        const date = dateOf(start + day * DAY_MS);
        return { date, runs: byDate.get(date) ?? [] };
      }),
    );
  }
  return weeks;
};
