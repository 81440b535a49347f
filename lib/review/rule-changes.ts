/** What changes in the rules that no template shows: retention, tiers, political regions. And residency (rule 8). Pure. */
import type { Tier } from "../../lambda/catalog/items";
import { addDays, addMonths, dateOf, startOfDate } from "../../lambda/rules/utc-date";
import { TIERS_FROM } from "./current-rules";
import type { Deployment, ReviewedRules } from "./deployment";
import { andList, harmful, harmless, type Sentence } from "./finding";
import { placeName } from "./placeholders";

type Period = ReviewedRules["retention"][Tier];

export const retentionChanges = (before: ReviewedRules, after: ReviewedRules): readonly Sentence[] => {
  const tiers = Object.keys({ ...before.retention, ...after.retention }) as Tier[];
  return tiers.flatMap((tier): readonly Sentence[] => {
    const [was, now] = [before.retention[tier], after.retention[tier]] as readonly (Period | undefined)[];
    if (was === undefined) return [harmless(`There is a new tier: ${tier} snapshots are kept ${period(now)}`)];
    if (now === undefined)
      return [
        harmful(
          "kept-shorter",
          tier,
          `There are no ${tier} snapshots any more, which were kept ${period(was)}`,
          "keep the tier in lambda/rules/retention-calendar.ts",
        ),
      ];
    const days = kept(now) - kept(was);
    if (days === 0) return [];
    const sentence = `${capital(tier)} snapshots taken from now on are kept ${period(now)} instead of ${period(was)}`;
    return days < 0
      ? [
          harmful(
            "kept-shorter",
            tier,
            `${sentence}, which users were promised`,
            "put the period back in lambda/rules/retention-calendar.ts",
          ),
        ]
      : [harmless(sentence)];
  });
};

/** From a day on which calendar months are at their usual lengths. */
const kept = (one: Period): number => {
  const start = startOfDate("2027-01-01");
  return (
    (("days" in one ? addDays(start, one.days) : addMonths(start, one.months)).getTime() - start.getTime()) / 86_400_000
  );
};
const period = (one: Period | undefined): string => {
  if (one === undefined) return "never";
  const [count, unit] = "days" in one ? [one.days, "day"] : [one.months, "month"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
};
const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const TIER_NAMES: Readonly<Record<string, string>> = { n: "nightly", w: "weekly", m: "monthly" };
const TIER_ORDER = "nwm";

export const tierChanges = (before: ReviewedRules, after: ReviewedRules): readonly Sentence[] => {
  const nights = before.tiers
    .split("")
    .flatMap((was, day) => (after.tiers[day] === was ? [] : [[day, was, after.tiers[day] ?? "n"] as const]));
  const [first] = nights;
  if (first === undefined) return [];
  const [day, was, now] = first;
  const shorter = nights.filter(([, from, to]) => TIER_ORDER.indexOf(to) < TIER_ORDER.indexOf(from)).length;
  const example = `${dateOf(addDays(startOfDate(TIERS_FROM), day))} is ${TIER_NAMES[now]} instead of ${TIER_NAMES[was]}`;
  const sentence = `Nights have other tiers, ${nights.length} in a quarter (${example})`;
  return [
    shorter === 0
      ? harmless(`${sentence}, and none is kept shorter`)
      : harmful(
          "kept-shorter",
          "tiers",
          `${sentence}, and ${shorter} of them are kept shorter than users were promised`,
          "put lambda/rules/tier.ts back",
        ),
  ];
};

export const residencyChanges = (
  before: Deployment,
  after: Deployment,
): readonly (Sentence & { readonly place?: string })[] => {
  const { rules: was } = before;
  const { rules: now } = after;
  const found: (Sentence & { readonly place?: string })[] = [];
  for (const [region, political] of Object.entries(was.politicalRegions)) {
    const moved = now.politicalRegions[region];
    if (moved !== undefined && moved !== political)
      found.push(
        harmful(
          "residency",
          region,
          `${placeName(region)} (${region}) counts as ${moved} instead of ${political}, so that data may go elsewhere than users were promised`,
          "put it back in lib/regions/nightly-table.ts",
        ),
      );
  }
  const added = now.residencyExceptions.filter((way) => !was.residencyExceptions.includes(way));
  if (added.length > 0)
    found.push(
      harmful(
        "residency",
        "exceptions",
        `Data may leave its political region on a new way, ${andList(added)}`,
        "take the exception out of lib/regions/residency.ts, which has only those that users are told of",
      ),
    );
  /** By the reviewed rules: a change that allows its own way out is no excuse. */
  const politicalOf = (region: string): string | undefined =>
    was.politicalRegions[region] ?? now.politicalRegions[region];
  for (const stack of Object.values(after.stacks)) {
    if (!stack.kind.startsWith("Replica")) continue;
    const [from, to] = [politicalOf(stack.primaryRegion), politicalOf(stack.region)];
    if (from === undefined || to === undefined) {
      found.push({
        ...harmful(
          "residency",
          stack.region,
          `{of} replicas stand in ${stack.region}, of which no political region is known`,
          "name it in lib/regions/nightly-table.ts",
        ),
        place: stack.place,
      });
      continue;
    }
    if (from === to || was.residencyExceptions.includes(`${stack.place}→${placeName(stack.region)}`)) continue;
    found.push({
      ...harmful(
        "residency",
        stack.region,
        `{of} replicas stand in ${placeName(stack.region)} (${to}) and leave ${from}`,
        `choose a replication region in ${from}`,
      ),
      place: stack.place,
    });
  }
  return found;
};
