/**
 * A review: two deployments in, findings out. Stacks are matched as AWS knows them, by name and region; a stack that
 * is new is held against what its kind looks like elsewhere. Pure.
 */
import { same, type Deployment, type Json, type ReviewedResource, type ReviewedStack } from "./deployment";
import type { Finding, Sentence } from "./finding";
import { fold } from "./fold";
import { isKept, keptResources, renamedIds } from "./kept-resources";
import { weakenedLocks } from "./locks";
import { POLICY_PROPERTIES, widenedPermissions } from "./permissions";
import { placeName } from "./placeholders";
import { call } from "./resource-names";
import { residencyChanges, retentionChanges, tierChanges } from "./rule-changes";
import { appearance, brief, DESCRIBED, harmless, startOf } from "./user-changes";

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
    add(now, [newStack(now), ...guards(alike, now), ...widenedPermissions(alike, now)]);
  }
  return found;
};

const isSameStack = (a: ReviewedStack, b: ReviewedStack): boolean =>
  a.stackName === b.stackName && a.region === b.region;

const goneStack = (was: ReviewedStack, after: Deployment): Sentence => {
  const inItsPlace = Object.values(after.stacks).find(({ kind, place }) => kind === was.kind && place === was.place);
  const stays = `its stack ${was.stackName} in ${was.region} would leave the app and stay at AWS as it is`;
  if (was.kind.startsWith("Primary"))
    return inItsPlace === undefined
      ? {
          harmful: true,
          sentence: `{in}, nightly backups would no longer be looked after: ${stays}; keep the region in the stage.`,
        }
      : {
          harmful: true,
          sentence: `{in}, everything would be made anew as ${inItsPlace.stackName}: ${stays}, with buckets, keys and catalog; keep the stack's name and region.`,
        };
  return {
    harmful: true,
    sentence: `{of} replicas in ${placeName(was.region)} would no longer be looked after: ${stays}; name ${was.region} among its former replication regions until it is empty.`,
  };
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
  return [...guarded, ...widenedPermissions(was, now), ...otherChanges(was, now, said)];
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
/** What harmful findings speak of where it matters; the rest of a guard's values is named here. */
const properties = (
  key: string,
  was: ReviewedResource,
  now: ReviewedResource,
  said: readonly string[] = [],
): readonly Sentence[] =>
  [...new Set([...Object.keys(was.properties), ...Object.keys(now.properties)])]
    .filter(
      (name) =>
        !said.includes(name) && !POLICY_PROPERTIES.has(name) && !same(was.properties[name], now.properties[name]),
    )
    .map((name) => {
      const { path, from, to } = difference([name], was.properties[name], now.properties[name]);
      return {
        harmful: false,
        about: `${key} ${name}`,
        sentence: `{in}, ${path.join(".")} of ${call(key, was)} becomes ${brief(to)} instead of ${brief(from)}.`,
      };
    });

/** The innermost value that is another, where there is only one. */
const difference = (
  path: readonly string[],
  from: Json | undefined,
  to: Json | undefined,
): { readonly path: readonly string[]; readonly from: Json | undefined; readonly to: Json | undefined } => {
  if (typeof from !== "object" || typeof to !== "object" || from === null || to === null) return { path, from, to };
  const inside = (value: Json, key: string): Json | undefined => (value as Record<string, Json | undefined>)[key];
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
    (key) => !same(inside(from, key), inside(to, key)),
  );
  const [only] = keys;
  return only === undefined || keys.length > 1
    ? { path, from, to }
    : difference([...path, only], inside(from, only), inside(to, only));
};
