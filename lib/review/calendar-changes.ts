/** What a change does to the calendar: each region whose window moves, with its next night before and after. Pure. */
import { nightOn, type CalendarNight } from "../calendar/region-calendar";
import { addDays, dateOf } from "../../lambda/rules/utc-date";
import type { WindowTable } from "../../lambda/rules/window-times";
import { at, same, type Deployment, type Json, type ReviewedStack } from "./deployment";
import { rowOf, labelOf } from "./placeholders";
import { startOf } from "./user-changes";

/** The window as a stack's schedule and function have it. */
export const windowOf = ({ resources }: ReviewedStack): WindowTable | undefined => {
  const all = Object.values(resources);
  const startUtc = all
    .map(({ properties }) => startOf(properties["ScheduleExpression"]))
    .find((time) => time !== undefined);
  const told = all
    .map(({ properties }) => at(properties, "Environment", "Variables", "WINDOW"))
    .find((text): text is string => typeof text === "string");
  const durationMinutes = Number(at(told === undefined ? undefined : (JSON.parse(told) as Json), "durationMinutes"));
  return startUtc === undefined || Number.isNaN(durationMinutes) ? undefined : { startUtc, durationMinutes };
};

/** One sentence for each region whose window is another. */
export const calendarChanges = (before: Deployment, after: Deployment, now: Date): readonly string[] =>
  Object.entries(after.stacks).flatMap(([id, stack]) => {
    const old = before.stacks[id];
    const row = rowOf(labelOf(id));
    if (old === undefined || row === undefined) return [];
    const [was, is] = [windowOf(old), windowOf(stack)];
    if (was === undefined || is === undefined || same(was, is)) return [];
    const next = (window: WindowTable): CalendarNight => nextNight({ ...row, ...window }, now);
    return [`${stack.place}'s next night opens ${said(next(is))} instead of ${said(next(was))}.`];
  });

const nextNight = (region: Parameters<typeof nightOn>[0], now: Date): CalendarNight => {
  for (let day = 0; ; day += 1) {
    const night = nightOn(region, dateOf(addDays(now, day)));
    if (night.opensAt.getTime() > now.getTime()) return night;
  }
};

const said = ({ opensAt, closesAt, opensLocal, tier }: CalendarNight): string => {
  const utc = opensAt.toISOString();
  return `${utc.slice(0, 10)} ${utc.slice(11, 16)} to ${closesAt.toISOString().slice(11, 16)} UTC (${opensLocal} there, ${tier})`;
};
