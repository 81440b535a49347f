/**
 * RDS's own windows as spans of time: maintenance once a week, automated backups every day, both in UTC and in RDS's
 * spelling (`sun:23:00-mon:00:30`, `23:45-00:15`). Pure. A spelling that is not known stands for no window.
 */
import { addDays, addMinutes, dateOf, startOfDate } from "./utc-date";

export interface InstanceWindows {
  /** Empty: there is none. */
  readonly maintenanceWindow: string;
  readonly backupWindow: string;
}
export type WindowKind = "maintenance" | "backup";
/** Half-open. */
export interface WindowSpan {
  readonly kind: WindowKind;
  readonly from: Date;
  readonly until: Date;
}

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const DAY_MINUTES = 24 * 60;
const MAINTENANCE = /^(\w{3}):(\d\d):(\d\d)-(\w{3}):(\d\d):(\d\d)$/;
const BACKUP = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/;

/** Every span that touches `from` to `until`. */
export function windowSpans(windows: InstanceWindows, from: Date, until: Date): readonly WindowSpan[] {
  const spans: WindowSpan[] = [];
  const maintenance = maintenanceOf(windows.maintenanceWindow);
  const backup = backupOf(windows.backupWindow);
  const add = (kind: WindowKind, day: Date, { start, length }: Repeated): void => {
    const opens = addMinutes(day, start);
    const closes = addMinutes(opens, length);
    if (opens.getTime() < until.getTime() && closes.getTime() > from.getTime())
      spans.push({ kind, from: opens, until: closes });
  };
  // A window that opened the day before may still be open.
  for (let day = addDays(startOfDate(dateOf(from)), -1); day.getTime() < until.getTime(); day = addDays(day, 1)) {
    if (backup !== undefined) add("backup", day, backup);
    if (maintenance !== undefined && maintenance.day === day.getUTCDay()) add("maintenance", day, maintenance);
  }
  return spans;
}

/** Minutes after midnight, and how long. */
interface Repeated {
  readonly start: number;
  readonly length: number;
}

const maintenanceOf = (text: string): (Repeated & { readonly day: number }) | undefined => {
  const [, firstDay = "", hour, minute, lastDay = "", endHour, endMinute] = MAINTENANCE.exec(text.toLowerCase()) ?? [];
  const [day, endDay] = [DAYS.indexOf(firstDay), DAYS.indexOf(lastDay)];
  if (day < 0 || endDay < 0) return undefined;
  const start = minutes(hour, minute);
  const length = after(endDay * DAY_MINUTES + minutes(endHour, endMinute) - day * DAY_MINUTES - start, 7 * DAY_MINUTES);
  return { day, start, length };
};

const backupOf = (text: string): Repeated | undefined => {
  const [found, hour, minute, endHour, endMinute] = BACKUP.exec(text) ?? [];
  if (found === undefined) return undefined;
  const start = minutes(hour, minute);
  return { start, length: after(minutes(endHour, endMinute) - start, DAY_MINUTES) };
};

const minutes = (hours = "0", rest = "0"): number => Number(hours) * 60 + Number(rest);
/** A window that ends before it begins ends in the next round. */
const after = (difference: number, round: number): number => ((difference % round) + round) % round;
