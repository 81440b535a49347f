/**
 * The day until which a backup is to be kept, as someone writes it or picks it in the calendar: to the end of that day,
 * UTC. Impossible ones are refused here, each in a sentence, before anything is sent. Pure.
 */
import { latestToKeep, MOST_YEARS } from "../../../lambda/rules/keep-until";
import { longDate, utc } from "../../text/format";

export type KeepDay =
  | { readonly until: string; readonly problem?: undefined }
  | { readonly until?: undefined; readonly problem: string };

/** What a day is compared with. */
export interface KeepLimits {
  /** The backup's present expiry: an instant. */
  readonly expiresAt: string;
  readonly now: Date;
}

const HOW = "write a day as 2027-03-31, or choose it in the calendar";
const DAY = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/;

export const keepDay = (text: string, limits: KeepLimits): KeepDay => {
  const written = text.trim();
  if (written === "") return { problem: `Choose the day until which it is to be kept: ${HOW}.` };
  const parts = DAY.exec(written);
  if (parts === null) return { problem: unreadable(written) };
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const until = lastSecondOf(year, month, day);
  if (until === undefined) return { problem: `There is no day ${written} in the calendar: choose another.` };
  const problem = objectionTo(until, limits);
  return problem === undefined ? { until: isoSeconds(until) } : { problem };
};

const unreadable = (written: string): string =>
  /\d[T ]\d|[+-]\d\d:?\d\d$|Z$/.test(written)
    ? `“${written}” has a time of day or a time zone: write the day alone; it ends at 24:00 UTC wherever you are.`
    : `“${written}” is no day: ${HOW}.`;

const lastSecondOf = (year: number, month: number, day: number): Date | undefined => {
  const start = new Date(Date.UTC(year, month - 1, day));
  const isReal = start.getUTCFullYear() === year && start.getUTCMonth() === month - 1 && start.getUTCDate() === day;
  return isReal ? new Date(start.getTime() + 86_399_000) : undefined;
};

const objectionTo = (until: Date, { expiresAt, now }: KeepLimits): string | undefined => {
  const day = longDate(until.toISOString());
  if (until <= now) return `${day} is in the past: choose a day after ${utc(expiresAt)} UTC, its present expiry.`;
  if (until.getTime() <= Date.parse(expiresAt))
    return `It is kept until ${utc(expiresAt)} UTC already, and that can't be shortened: choose a later day than ${day}.`;
  const latest = latestToKeep(now);
  if (until > latest)
    return `${day} is more than ${MOST_YEARS} years from now: choose a day before ${longDate(latest.toISOString())}.`;
  return undefined;
};

/** Of a date in the calendar, which is one of the browser's time zone: the day that it shows. `YYYY-MM-DD` */
export const dayShown = (date: Date): string =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");

/** As times are stored: `2027-03-31T23:59:59Z`. */
const isoSeconds = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
