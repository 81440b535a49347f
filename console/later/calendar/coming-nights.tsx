/** The coming backups on a wall calendar: a table, so that a screen reader reads it as one. */
import type { CalendarRun } from "../../api/types";
import { longDate, tierName, timeOfDay } from "../../text/format";
import { weeksOf, type CalendarDay } from "./nights";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

interface ComingNightsProps {
  readonly runs: readonly CalendarRun[];
  readonly now: Date;
  readonly days: number;
}
export const ComingNights = ({ runs, now, days }: ComingNightsProps) => (
  <div className="scroll" role="region" aria-label="Coming backups by day" tabIndex={0}>
    <table className="plain-table nights">
      <caption>Nightly backups of the next {days} days, with the tier that each is kept as. Times are UTC.</caption>
      <thead>
        <tr>
          {DAYS.map((day) => (
            <th key={day} scope="col">
              {day}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeksOf(runs, now, days).map((week) => (
          <tr key={week[0]?.date}>
            {week.map((day) => (
              <Day key={day.date} day={day} isToday={day.date === now.toISOString().slice(0, 10)} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

interface DayProps {
  readonly day: CalendarDay;
  /** By the service's clock. */
  readonly isToday: boolean;
}
const Day = ({ day: { date, runs }, isToday }: DayProps) => (
  <td {...(isToday ? { "aria-current": "date" as const } : {})}>
    <time dateTime={date} aria-label={longDate(date)}>
      {shortDate(date)}
    </time>
    {isToday ? <b className="today">Today</b> : null}
    {runs.map((run) => (
      <span key={run.at} className={`run tier-${run.tier}`} title={`Expires on ${longDate(run.expires_at)}`}>
        <span>{tierName(run.tier)}</span>
        <span>{timeOfDay(run.at)}</span>
      </span>
    ))}
  </td>
);

const shortDate = (date: string): string =>
  new Date(date).toLocaleString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
