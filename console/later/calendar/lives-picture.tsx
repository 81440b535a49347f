/** From when to when each backup lives, and each coming one will: a bar each. The table below it says the same. */
import type { CalendarLife, CalendarRun } from "../../api/types";
import { tierName, utc } from "../../text/format";
import { barOf, monthsOf, positionOf, scaleOf } from "./time-scale";

/** More bars than this are no picture any more. */
const MOST_BARS = 200;
/** Per cent of the width: a name that begins further right has no room. */
const LAST_NAME = 90;

interface LivesPictureProps {
  readonly lives: readonly CalendarLife[];
  readonly runs: readonly CalendarRun[];
  readonly now: Date;
  readonly daysAhead: number;
}
interface Bar {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly start: string;
  readonly end: string;
  readonly coming: boolean;
}

export const LivesPicture = ({ lives, runs, now, daysAhead }: LivesPictureProps) => {
  const bars = [...lives.slice(-MOST_BARS).map(barOfLife), ...runs.map(barOfRun)];
  const scale = scaleOf(
    bars.map(({ start }) => start),
    now,
    daysAhead,
  );
  const placed = bars.flatMap((bar) => {
    const place = barOf(bar.start, bar.end, scale);
    return place === undefined ? [] : [{ ...bar, place }];
  });
  const summary = `Timeline: ${lives.length} backups that stand now, and ${runs.length} coming ones, each from its creation to its expiry.`;
  return (
    <div className="lives" role="img" aria-label={summary}>
      {monthsOf(scale).map(({ at, name }) => (
        <div key={at} className="month" style={{ insetInlineStart: `${positionOf(at, scale)}%` }}>
          {positionOf(at, scale) < LAST_NAME ? name : ""}
        </div>
      ))}
      {placed.map(({ id, kind, title, coming, place }) => (
        <div key={id} className="row" title={title}>
          <div
            className={`life tier-${kind}${coming ? " coming" : ""}`}
            style={{ insetInlineStart: `${place.left}%`, inlineSize: `${place.width}%` }}
          />
        </div>
      ))}
      <div className="now" style={{ insetInlineStart: `${positionOf(now.getTime(), scale)}%` }} title="Now" />
    </div>
  );
};

const barOfLife = ({ snapshot_id, tier, state, created_at, expires_at }: CalendarLife): Bar => ({
  id: snapshot_id,
  kind: state === "failed" ? "failed" : tier,
  title: `${state === "failed" ? "Failed" : tierName(tier)}: ${utc(created_at)} to ${utc(expires_at)}`,
  start: created_at,
  end: expires_at,
  coming: false,
});
const barOfRun = ({ at, tier, expires_at }: CalendarRun): Bar => ({
  id: at,
  kind: tier,
  title: `Coming, ${tierName(tier)}: ${utc(at)} to ${utc(expires_at)}`,
  start: at,
  end: expires_at,
  coming: true,
});
