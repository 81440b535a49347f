/** A region's coming nights: when its window opens and closes, in UTC and on the wall clock there, tier and expiry. Pure. */
import { expiryOf } from "../../lambda/rules/retention-calendar";
import { tierOfNight, type NightlyTier } from "../../lambda/rules/tier";
import { addDays, dateOf, startOfDate } from "../../lambda/rules/utc-date";
import { windowTimes, type WindowTable } from "../../lambda/rules/window-times";

export interface CalendarRegion extends WindowTable {
  /** As users know it: `Osaka`. */
  readonly name: string;
  readonly region: string;
  /** IANA name. */
  readonly timeZone: string;
}
export interface CalendarNight {
  /** The UTC date on which the window opens (rule 2). */
  readonly night: string;
  readonly opensAt: Date;
  readonly closesAt: Date;
  /** `2026-11-29 09:00 +09:00`, with summer time where it is kept. */
  readonly opensLocal: string;
  readonly closesLocal: string;
  readonly tier: NightlyTier;
  /** Of a backup taken as the window opens; one taken later in the window expires as much later. */
  readonly expiresAt: Date;
}

/** The nights whose windows open on `days` UTC dates from `from` on. */
export const regionCalendar = (region: CalendarRegion, from: string, days: number): readonly CalendarNight[] =>
  Array.from({ length: days }, (_, day) => nightOn(region, dateOf(addDays(startOfDate(from), day))));

export const nightOn = (region: CalendarRegion, night: string): CalendarNight => {
  const { startsAt, endsAt } = windowTimes(region, night);
  const tier = tierOfNight(night);
  return {
    night,
    opensAt: startsAt,
    closesAt: endsAt,
    opensLocal: localTime(startsAt, region.timeZone),
    closesLocal: localTime(endsAt, region.timeZone),
    tier,
    expiresAt: expiryOf(tier, startsAt),
  };
};

/** An instant on the wall clock of a time zone, with its distance from UTC at that instant. */
export const localTime = (time: Date, timeZone: string): string => {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      timeZoneName: "longOffset",
    })
      .formatToParts(time)
      .map(({ type, value }) => [type, value]),
  );
  const offset = (parts["timeZoneName"] ?? "").replace("GMT", "") || "+00:00";
  return `${parts["year"]}-${parts["month"]}-${parts["day"]} ${parts["hour"]}:${parts["minute"]} ${offset}`;
};
