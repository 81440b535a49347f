/**
 * A review: two deployments in, findings out. Stacks are matched as AWS knows them, by name and region; a stack that
 * is new is held against what its kind looks like elsewhere. Pure.
 */
import { listOf, same, type Deployment, type Json, type ReviewedResource, type ReviewedStack } from "./deployment";
import { andList, harmful, harmless, type Finding, type Sentence } from "./finding";
import { fold } from "./fold";
import { isKept, keptResources, renamedIds } from "./kept-resources";
import { weakenedLocks } from "./locks";
import { changedPermissions, POLICY_PROPERTIES } from "./permissions";
import { placeName } from "./placeholders";
import { call, show } from "./resource-names";
import { residencyChanges, retentionChanges, tierChanges } from "./rule-changes";
import { appearance, DESCRIBED, startOf } from "./user-changes";

export const compareDeployments = (before: Deployment, after: Deployment): readonly Finding[] => {
  const shared = fold(before.stacks).shared;
  const found: Finding[] = [
    ...retentionChanges(before.rules, after.rules),
    ...tierChanges(before.rules, after.rules),
    ...residencyChanges(before, after),
  ].map((finding) => ({ place: "", ...finding }));
  const add = ({ place }: ReviewedStack, sentences: readonly Sentence[]): void => {
    for (const { about: _about, ...sentence } of sentences) found.push({ ...sentence, place });
  };
  for (const was of Object.values(before.stacks)) {
    const now = Object.values(after.stacks).find((stack) => isSameStack(stack, was));
    if (now === undefined) add(was, [goneStack(was, after)]);
    else add(was, [...movedReplicas(was, now), ...compareStacks(was, now)]);
  }
  for (const now of Object.values(after.stacks)) {
    if (Object.values(before.stacks).some((stack) => isSameStack(stack, now))) continue;
    const alike: ReviewedStack = { ...now, resources: shared[now.kind] ?? {}, terminationProtection: true };
    add(now, [newStack(now), ...guards(alike, now), ...changedPermissions(alike, now)]);
  }
  return found;
};

const isSameStack = (a: ReviewedStack, b: ReviewedStack): boolean =>
  a.stackName === b.stackName && a.region === b.region;

const goneStack = (was: ReviewedStack, after: Deployment): Sentence => {
  const inItsPlace = Object.values(after.stacks).find(({ kind, place }) => kind === was.kind && place === was.place);
  const stays = `its stack ${was.stackName} in ${was.region} leaves the app and stays at AWS as it is`;
  if (was.kind.startsWith("Primary"))
    return inItsPlace === undefined
      ? harmful(
          "replaced",
          "stack",
          `{in}, nightly backups are no longer looked after: ${stays}`,
          "keep the region in the stage",
        )
      : harmful(
          "replaced",
          "stack",
          `{in}, everything is made anew as ${inItsPlace.stackName}: ${stays}, with buckets, keys and catalog`,
          "keep the stack's name and region",
        );
  return harmful(
    "replaced",
    "replica stack",
    `{of} replicas in ${placeName(was.region)} are no longer looked after: ${stays}`,
    `name ${was.region} among its former replication regions until it is empty`,
  );
};

const newStack = (now: ReviewedStack): Sentence => {
  if (!now.kind.startsWith("Primary"))
    return harmless(`{in}, the stack ${now.stackName} in ${placeName(now.region)} is new`);
  const start = Object.values(now.resources)
    .map(({ properties }) => startOf(properties["ScheduleExpression"]))
    .find((time) => time !== undefined);
  return harmless(
    `Nightly backups begin {in}, at ${start ?? "no time"} UTC, replicated to ${placeName(now.replicationRegion)}`,
  );
};

const movedReplicas = (was: ReviewedStack, now: ReviewedStack): readonly Sentence[] =>
  was.kind.startsWith("Primary") && was.replicationRegion !== now.replicationRegion
    ? [
        harmless(
          `{of} replicas move from ${placeName(was.replicationRegion)} to ${placeName(now.replicationRegion)}: new snapshots go there, and those there are stay until they expire`,
        ),
      ]
    : [];

const guards = (was: ReviewedStack, now: ReviewedStack): readonly Sentence[] => [
  ...keptResources(was, now),
  ...weakenedLocks(was, now),
];

const compareStacks = (was: ReviewedStack, now: ReviewedStack): readonly Sentence[] => {
  const guarded = guards(was, now);
  const said = new Set(guarded.map((sentence) => sentence.about));
  return [...guarded, ...changedPermissions(was, now), ...otherChanges(was, now, said)];
};

/** Nothing changes silently: what no rule speaks of is named with its property. */
const otherChanges = (
  was: ReviewedStack,
  now: ReviewedStack,
  said: ReadonlySet<string | undefined>,
): readonly Sentence[] => {
  const renamed = renamedIds(was, now);
  const keys = [...new Set([...Object.keys(was.resources), ...Object.keys(now.resources)])].toSorted();
  return keys.flatMap((key) => {
    const [before, after] = [was.resources[key], now.resources[key]];
    if (before === undefined) return after === undefined || renamed.has(key) ? [] : appearance(key, after, true);
    if (after === undefined) return isKept(before) ? [] : appearance(key, before, false);
    if (before.type !== after.type)
      return isKept(before) ? [] : [...appearance(key, before, false), ...appearance(key, after, true)];
    if (before.type === "Output" && OUTPUTS_SAID_ELSEWHERE.has(key)) return [];
    const described = DESCRIBED[before.type];
    return [
      ...(described?.describe(key, before, after) ?? []),
      ...properties(key, before, after, described?.properties).filter((sentence) => !said.has(sentence.about)),
    ];
  });
};

const OUTPUTS_SAID_ELSEWHERE: ReadonlySet<string> = new Set([
  "Output ApiNetworks",
  "Output NightlyWindow",
  "Output ReplicationRegion",
]);
/** What harmful findings speak of where it matters; the rest of a guard's values is named here, each whole. */
const properties = (
  key: string,
  was: ReviewedResource,
  now: ReviewedResource,
  said: readonly string[] = [],
): readonly Sentence[] => [
  ...[...new Set([...Object.keys(was.properties), ...Object.keys(now.properties)])]
    .filter((name) => !said.includes(name) && !POLICY_PROPERTIES.has(name))
    .flatMap((name) =>
      differences([name], was.properties[name], now.properties[name]).map(({ path, change }) =>
        harmless(`{in}, ${path.join(".")} of {who} ${change}`, { about: `${key} ${name}`, who: call(key, was) }),
      ),
    ),
  ...(isKept(was) ? [] : outliving(key, was, now)),
];

/** Of what holds no data. */
const outliving = (key: string, was: ReviewedResource, now: ReviewedResource): readonly Sentence[] =>
  (was.deletionPolicy ?? "Delete") === (now.deletionPolicy ?? "Delete")
    ? []
    : [
        harmless(
          `{in}, DeletionPolicy of ${call(key, was)} becomes ${now.deletionPolicy ?? "Delete"} instead of ${was.deletionPolicy ?? "Delete"}`,
        ),
      ];

interface Difference {
  readonly path: readonly string[];
  readonly change: string;
}
/** The innermost values that are others. */
const differences = (path: readonly string[], from: Json | undefined, to: Json | undefined): readonly Difference[] => {
  if (same(from, to)) return [];
  const [a, b] = [insides(from), insides(to)];
  const together = a !== undefined && b !== undefined && Array.isArray(from) === Array.isArray(to);
  if (!together) return [{ path, change: `becomes ${show(to)} instead of ${show(from)}` }];
  if (Array.isArray(from) && a.size !== b.size) {
    const without = (some: Json | undefined, others: Json | undefined): readonly Json[] =>
      listOf(some).filter((one) => !listOf(others).some((other) => same(one, other)));
    const parts = [
      ["gains", without(to, from)],
      ["loses", without(from, to)],
    ] as const;
    const said = parts.flatMap(([verb, values]) =>
      values.length === 0 ? [] : [`${verb} ${andList(values.map(show))}`],
    );
    return [{ path, change: said.length === 0 ? `becomes ${show(to)} instead of ${show(from)}` : said.join(" and ") }];
  }
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((key) => differences([...path, key], a.get(key), b.get(key)));
};
const insides = (value: Json | undefined): ReadonlyMap<string, Json> | undefined =>
  typeof value === "object" && value !== null ? new Map(Object.entries(value as Record<string, Json>)) : undefined;
