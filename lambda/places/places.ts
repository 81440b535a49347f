/**
 * A region's places: how many functions its backups may keep busy at a time, whatever Lambda's quota is. One item of
 * the catalog lists who holds places and who waits, in order of arrival. Everything here may be repeated: an entry is
 * its execution's, and executions that have ended without giving back are taken off by those who wait behind them.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { PlaceEntry, Places } from "../catalog/place-items";
import type { Collaborators } from "../runtime/collaborators";

type PlacesCollaborators = Pick<Collaborators, "catalog" | "workflows" | "clock" | "random" | "log">;

export interface PlaceWish {
  readonly executionArn: string;
  /** Places of the region. */
  readonly limit: number;
}
export type PlaceOutcome =
  | { readonly outcome: "held"; readonly places: number }
  /** `taken` of the region's places; `ahead` came earlier and wait as well. */
  | { readonly outcome: "waiting"; readonly taken: number; readonly ahead: number };

/** Of those who wait the first may take a place: one alone would leave it empty until it asks again. */
const NEXT = 20;
/** How often the item may change under our eyes before we let the workflow come again. */
const ROUNDS = 5;
/** Giving back is worth more tries: what stays is only taken off once somebody waits for it. */
const RELEASE_ROUNDS = 20;
/** An entry has about 200 bytes, an item at most 400 KB. Whoever comes later waits unlisted. */
const MOST_ENTRIES = 1_000;
/** DescribeExecution is limited to 15 a second for everybody, and everybody who waits asks. */
const LOOKED_AT = 2;

/** One place, about in order of arrival: an entry of ours that holds some already is the answer. */
export async function takePlace(wish: PlaceWish, collaborators: PlacesCollaborators): Promise<PlaceOutcome> {
  const { catalog, clock } = collaborators;
  const { executionArn, limit } = wish;
  for (let round = 1; ; round++) {
    const standing = await catalog.getPlaces();
    const { entries } = standing;
    const own = entries.find((entry) => entry.executionArn === executionArn);
    if (own !== undefined && own.places > 0) return { outcome: "held", places: own.places };
    const ahead = waitingBefore(standing, executionArn);
    const taken = takenOf(standing);
    const waiting: PlaceOutcome = { outcome: "waiting", taken, ahead: ahead.length };
    if (round > ROUNDS) return waiting;
    const since = own?.since ?? isoSeconds(clock.now());
    const free = limit - taken;
    if (free > 0 && ahead.length < free + NEXT) {
      const entry = { executionArn, since, places: 1 };
      if (await written(standing, withEntry(entries, entry), collaborators)) return { outcome: "held", places: 1 };
      continue;
    }
    const left = await withoutEnded(standing, ahead, collaborators);
    if (left.length < entries.length) {
      await written(standing, left, collaborators);
      continue;
    }
    if (own !== undefined || entries.length >= MOST_ENTRIES) return waiting;
    const listed = await written(standing, [...entries, { executionArn, since, places: 0 }], collaborators);
    if (listed) return waiting;
  }
}

/**
 * More places for an execution that holds one: half of what is free and nobody waits for, so that those who come next
 * find some. Answers how many it holds; where others write at the same time, as many as it had.
 */
export async function growPlaces(
  { executionArn, limit }: PlaceWish,
  wanted: number,
  collaborators: Pick<PlacesCollaborators, "catalog">,
): Promise<number> {
  let held = 1;
  for (let round = 1; round <= ROUNDS; round++) {
    const standing = await collaborators.catalog.getPlaces();
    const own = standing.entries.find((entry) => entry.executionArn === executionArn);
    if (own === undefined) return held;
    held = Math.max(1, own.places);
    const waiting = standing.entries.filter(({ places }) => places === 0).length;
    const free = Math.max(0, limit - takenOf(standing) - waiting);
    const places = Math.max(held, Math.min(wanted, held + Math.ceil(free / 2)));
    if (places === own.places) return places;
    if (await written(standing, withEntry(standing.entries, { ...own, places }), collaborators)) return places;
  }
  return held;
}

/** No error if there is none, or if others go on writing: then it is taken off once its execution has ended. */
export async function releasePlaces(
  executionArn: string,
  collaborators: Pick<PlacesCollaborators, "catalog" | "log">,
): Promise<void> {
  for (let round = 1; round <= RELEASE_ROUNDS; round++) {
    const standing = await collaborators.catalog.getPlaces();
    const entries = standing.entries.filter((entry) => entry.executionArn !== executionArn);
    if (entries.length === standing.entries.length) return;
    if (await written(standing, entries, collaborators)) return;
  }
  collaborators.log.warn("Places could not be given back for now; whoever waits for them takes them back.", {
    executionArn,
  });
}

const takenOf = ({ entries }: Places): number => entries.reduce((sum, { places }) => sum + places, 0);

const waitingBefore = ({ entries }: Places, executionArn: string): readonly PlaceEntry[] => {
  const own = entries.findIndex((entry) => entry.executionArn === executionArn);
  return entries.slice(0, own === -1 ? entries.length : own).filter(({ places }) => places === 0);
};

/** In its place, or at the end. */
const withEntry = (entries: readonly PlaceEntry[], entry: PlaceEntry): readonly PlaceEntry[] => {
  const isIn = entries.some(({ executionArn }) => executionArn === entry.executionArn);
  return isIn
    ? entries.map((other) => (other.executionArn === entry.executionArn ? entry : other))
    : [...entries, entry];
};

/** What is left once those looked at, a few at random, have been found to have ended. */
async function withoutEnded(
  { entries }: Places,
  ahead: readonly PlaceEntry[],
  { workflows, random }: PlacesCollaborators,
): Promise<readonly PlaceEntry[]> {
  const inTheWay = [...entries.filter(({ places }) => places > 0), ...ahead];
  const ended = new Set<string>();
  for (let n = 0; n < Math.min(LOOKED_AT, inTheWay.length); n++) {
    const [high = 0, low = 0] = random(2);
    const [entry] = inTheWay.splice((high * 256 + low) % inTheWay.length, 1);
    if (entry !== undefined && (await workflows.hasEnded(entry.executionArn, entry.since)))
      ended.add(entry.executionArn);
  }
  return entries.filter(({ executionArn }) => !ended.has(executionArn));
}

/** False where somebody else has written meanwhile, or our own reply was lost. */
async function written(
  standing: Places,
  entries: readonly PlaceEntry[],
  { catalog }: Pick<PlacesCollaborators, "catalog">,
): Promise<boolean> {
  try {
    await catalog.updatePlaces(standing, entries);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
