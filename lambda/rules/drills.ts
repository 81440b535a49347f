/**
 * Restore drills: when an environment's is due, which snapshot it restores, and when its time is too long. A hash of
 * the environment spreads the drills over the hours of the week that are not near the nightly window. Pure.
 */
import { createHash } from "node:crypto";
import { type WindowTable, windowTimes } from "./window-times";
import { addDays, addMinutes, dateOf, startOfDate } from "./utc-date";

/** Drills keep this far from the window: one that begins before it should have ended, and its load with it. */
const MARGIN_MINUTES = 120;
const HOURS_A_DAY = 24;
const HOUR_MINUTES = 60;
const DAY_MINUTES = HOURS_A_DAY * HOUR_MINUTES;
const RECENT_DAYS = 30;

/** An hour of the week, in UTC. */
export interface DrillSlot {
  /** 0 is Sunday. */
  readonly day: number;
  readonly hour: number;
}

/** Whether a drill may begin then: not in the nightly window, and not near it. */
export function isDrillTime(window: WindowTable, time: Date): boolean {
  return isFree(window, minuteOfDay(time), 0);
}

/** The same environment always has the same hour, one that lies as a whole outside the window. */
export function drillSlot(environmentId: string, window: WindowTable): DrillSlot {
  const hours = Array.from({ length: HOURS_A_DAY }, (_, hour) => hour).filter((hour) =>
    isFree(window, hour * HOUR_MINUTES, HOUR_MINUTES - 1),
  );
  const chosen = Math.floor(spread(environmentId) * 7 * hours.length);
  return { day: Math.floor(chosen / hours.length), hour: hours[chosen % hours.length] ?? 0 };
}

/** The latest beginning of the environment's slot, at `now` or before. */
export function lastDrillSlot(environmentId: string, window: WindowTable, now: Date): Date {
  const { day, hour } = drillSlot(environmentId, window);
  const midnight = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
  const thisWeek = addMinutes(addDays(midnight, day - midnight.getUTCDay()), hour * HOUR_MINUTES);
  return thisWeek <= now ? thisWeek : addDays(thisWeek, -7);
}

export interface DrillOwner {
  readonly environmentId: string;
  /** When its last drill began, or since when it is registered. */
  readonly since: Date;
}

/** How long it has been due, in milliseconds; undefined: not yet. */
export function drillOverdue({ environmentId, since }: DrillOwner, window: WindowTable, now: Date): number | undefined {
  const slot = lastDrillSlot(environmentId, window, now);
  return since < slot ? now.getTime() - slot.getTime() : undefined;
}

/** Created within the last 30 days. */
export const isRecent = (createdAt: string, now: Date): boolean => new Date(createdAt) > addDays(now, -RECENT_DAYS);

/** One that no drill has restored, if there is any. `random` is in [0, 1). */
export function chooseSnapshot<S extends { readonly snapshotId: string }>(
  candidates: readonly S[],
  drilled: ReadonlySet<string>,
  random: number,
): S | undefined {
  const never = candidates.filter(({ snapshotId }) => !drilled.has(snapshotId));
  const from = never.length > 0 ? never : candidates;
  const ids = from.map(({ snapshotId }) => snapshotId).toSorted();
  const chosen = ids[Math.floor(random * ids.length)];
  return from.find(({ snapshotId }) => snapshotId === chosen);
}

export interface DrillLimits {
  /** No drill may take longer. */
  readonly slowSeconds: number;
  /** Nor this many times the median of the earlier ones, once there are enough of them. */
  readonly slowFactor: number;
  readonly leastSamples: number;
}
/** What is shorter is noise: starting a task alone takes a minute or two. */
const LEAST_SLOW_SECONDS = 600;

/** Why the time is too long, in one sentence; null where it is not. `earlier`: seconds of drills that passed. */
export function tooSlow(seconds: number, earlier: readonly number[], limits: DrillLimits): string | null {
  if (seconds > limits.slowSeconds)
    return `It took ${duration(seconds)}, and more than ${duration(limits.slowSeconds)} is too long for a restore: look at what takes the time, or raise the limit.`;
  if (earlier.length < limits.leastSamples || seconds <= LEAST_SLOW_SECONDS) return null;
  const usual = median(earlier);
  if (seconds <= usual * limits.slowFactor) return null;
  return `It took ${duration(seconds)}, more than ${limits.slowFactor} times the usual ${duration(usual)}: look at what has grown.`;
}

/** In words: `2 h 5 min`, `40 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [...(hours > 0 ? [`${hours} h`] : []), ...(rest > 0 ? [`${rest} min`] : [])].join(" ");
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
};

/** Whether the minutes of a day from `from` to `from + length` lie apart from the window of that day and its neighbours. */
const isFree = (window: WindowTable, from: number, length: number): boolean => {
  const start = minuteOfDay(windowTimes(window, ANY_DATE).startsAt);
  return [-DAY_MINUTES, 0, DAY_MINUTES].every(
    (shift) =>
      from + length < start + shift - MARGIN_MINUTES || from >= start + shift + window.durationMinutes + MARGIN_MINUTES,
  );
};
const ANY_DATE = "2026-01-01";
const minuteOfDay = (time: Date): number => (time.getTime() - startOfDate(dateOf(time)).getTime()) / 60_000;

const spread = (environmentId: string): number =>
  createHash("sha256").update(`drill ${environmentId}`).digest().readUInt32BE(0) / 2 ** 32;
