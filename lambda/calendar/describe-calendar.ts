/** An environment's calendar: its coming backups, how long each snapshot lives, and what is worth knowing. Pure. */
import type { SnapshotItem, SnapshotState, Tier } from "../catalog/items";
import { isVisible } from "../retention/offered";
import { windowClashes } from "../rules/window-clash";
import { dateOf } from "../rules/utc-date";
import { firstNight, firstSunday, upcomingRuns, type CalendarQuestion, type UpcomingRun } from "./upcoming-runs";

export interface SnapshotLife {
  readonly snapshotId: string;
  readonly tier: Tier;
  readonly state: SnapshotState;
  readonly createdAt: string;
  /** From this second on it is gone. */
  readonly expiresAt: string;
}
export interface Calendar {
  readonly runs: readonly UpcomingRun[];
  /** Of the snapshots that stand now, the oldest first. */
  readonly lives: readonly SnapshotLife[];
  /** One sentence each. */
  readonly notes: readonly string[];
}

export const describeCalendar = (
  question: CalendarQuestion & { readonly snapshots: readonly SnapshotItem[] },
): Calendar => ({
  runs: upcomingRuns(question),
  lives: snapshotLives(question.snapshots, question.now),
  notes: calendarNotes(question),
});

export const snapshotLives = (snapshots: readonly SnapshotItem[], now: Date): readonly SnapshotLife[] =>
  snapshots
    .filter((snapshot) => isVisible(snapshot, now))
    .map(({ snapshotId, tier, state, createdAt, expiresAt }) => ({ snapshotId, tier, state, createdAt, expiresAt }))
    .toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));

export const calendarNotes = (question: CalendarQuestion): readonly string[] => [
  ...firstNightNotes(question),
  ...windowClashes(question.environment, question.row, question.now),
];

const firstNightNotes = ({ environment, row, now }: CalendarQuestion): readonly string[] => {
  const first = firstNight(environment, row);
  if (first === undefined) return ["Nightly backups begin once the app has been deployed and started."];
  // From the month's end on nobody looks for its monthly backup any more.
  const isOver = first.slice(0, 7) < dateOf(now).slice(0, 7);
  if (isOver || first <= firstSunday(first)) return [];
  return [
    `The first nightly backup, of ${first}, comes after the first Sunday of ${monthName(first)}, so no monthly backup ` +
      "is kept for that month; download a nightly or weekly one to keep it for longer than three months.",
  ];
};

const monthName = (date: string): string =>
  new Date(`${date}T00:00:00Z`).toLocaleString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
