/** A whole review as lines to print: what is refused, what changes, what that does to the calendar and to snapshots. Pure. */
import type { Tier } from "../../lambda/catalog/items";
import { addDays, addMonths, wholeSecond } from "../../lambda/rules/utc-date";
import { calendarChanges } from "./calendar-changes";
import { compareDeployments } from "./compare";
import type { Deployment, ReviewedRules } from "./deployment";
import { GROUPS, refusedKinds, sayFindings, type RefusedKind } from "./finding";

export interface LivingSnapshot {
  readonly tier: Tier;
  readonly createdAt: string;
  readonly expiresAt: string;
}
export interface ReviewQuestion {
  readonly before: Deployment;
  readonly after: Deployment;
  readonly now: Date;
  /** As `backups snapshots --json` lists them. */
  readonly snapshots?: readonly LivingSnapshot[];
}
export interface Review {
  /** What stands until somebody says why it is wanted. */
  readonly refused: readonly RefusedKind[];
  readonly changes: readonly string[];
  readonly calendar: readonly string[];
  readonly snapshots: readonly string[];
}

export const review = ({ before, after, now, snapshots }: ReviewQuestion): Review => {
  const places = [...new Set(Object.values(after.stacks).map(({ place }) => place))];
  const said = sayFindings(compareDeployments(before, after), places);
  const calendar = calendarChanges(before, after, now);
  return {
    refused: refusedKinds(said),
    changes: said.filter(({ kind }) => kind === undefined).map(({ sentence }) => sentence),
    calendar,
    snapshots: snapshotSentences(before.rules, after.rules, calendar.length > 0, now, snapshots),
  };
};

/** Expiry is written into each snapshot, and locked with it: a change of the rules is one for later snapshots. */
const snapshotSentences = (
  { retention: was }: ReviewedRules,
  { retention: now }: ReviewedRules,
  windowMoves: boolean,
  time: Date,
  snapshots: readonly LivingSnapshot[] | undefined,
): readonly string[] => {
  if (snapshots === undefined)
    return windowMoves || JSON.stringify(was) !== JSON.stringify(now)
      ? ["The expiry of snapshots that exist is unchanged: it is written in each, and locked."]
      : [];
  const living = snapshots.filter(({ expiresAt }) => Date.parse(expiresAt) > time.getTime());
  const anew = (rules: ReviewedRules["retention"], { tier, createdAt }: LivingSnapshot): number => {
    const period = rules[tier];
    const created = wholeSecond(new Date(createdAt));
    return ("days" in period ? addDays(created, period.days) : addMonths(created, period.months)).getTime();
  };
  const count = (matches: (snapshot: LivingSnapshot) => boolean): number => living.filter(matches).length;
  const earlier = count((snapshot) => anew(now, snapshot) < anew(was, snapshot));
  const later = count((snapshot) => anew(now, snapshot) > anew(was, snapshot));
  const said = (number: number, how: string): readonly string[] =>
    number === 0 ? [] : [`Taken anew, ${number} of them would expire ${how}.`];
  return [
    living.length === 1 ? "1 snapshot's expiry is unchanged." : `${living.length} snapshots' expiry is unchanged.`,
    ...said(earlier, "earlier"),
    ...said(later, "later"),
  ];
};

/** What `npm run review` prints. */
export const reviewLines = (
  found: Review,
  { against, accept }: { readonly against: string; readonly accept: string },
): readonly string[] => {
  const { refused, changes, calendar, snapshots } = found;
  const section = (title: string, sentences: readonly string[]): readonly string[] =>
    sentences.length === 0 ? [] : [title, ...sentences.map((sentence) => `  · ${sentence}`), ""];
  if (refused.length + changes.length === 0) return [`Nothing changes against ${against}.`, ...snapshots];
  return [
    ...(refused.length === 0 ? [] : [`Refused, against ${against}:`, "", ...refusedLines(refused)]),
    ...section(`Changes, against ${against}:`, changes),
    ...section("In the calendar:", calendar),
    ...section("Snapshots:", snapshots),
    ...(refused.length === 0
      ? [`Nothing is refused. To record this as reviewed: ${accept}`]
      : [
          `${refused.length === 1 ? "One kind of change is" : `${refused.length} kinds of change are`} refused. Where they are wanted, say why and commit what this writes: ${acceptLine(refused, accept)}`,
        ]),
  ];
};

/** What is accepted together stands together; what to do where it isn't wanted is said once, for all that it suits. */
const refusedLines = (refused: readonly RefusedKind[]): readonly string[] =>
  refused.flatMap(({ id, group, statements, instead }, index) => {
    const [all, ...others] = new Set(refused.filter((one) => one.group === group).flatMap((one) => one.instead));
    return [
      ...(refused[index - 1]?.group === group
        ? []
        : [others.length === 0 ? `${GROUPS[group]}. Where that isn't wanted: ${all}.` : `${GROUPS[group]}.`, ""]),
      `  [${id}]`,
      ...statements.map((statement) => `  ✗ ${statement.replaceAll("\n", "\n  ")}`),
      ...(others.length === 0 ? [] : [`    Where that isn't wanted: ${instead.join("; ")}.`]),
      "",
    ];
  });

export const acceptLine = (refused: readonly RefusedKind[], accept: string): string =>
  refused.length === 1
    ? `${accept} --reason "why it is wanted"`
    : `${accept} --reasons FILE, which npm run review -- --draft FILE begins`;
