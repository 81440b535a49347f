/**
 * What runs at once in a region's first night, and in later ones: the environments' slots are computed as the night does
 * it, from ids made up for the purpose, whose hashes spread as any do. In the first night nobody's duration is known, so
 * all start in the window's first quarter. Pure.
 */
import { slotMinute } from "../../lambda/rules/slots";
import { MOST_PLACES } from "../../lambda/places/contract";

/** Of one environment, at most. */
export const PACKERS_EACH = MOST_PLACES;

export interface NightLoad {
  /** Database tasks, and environments whose files are packed, at the busiest minute. */
  readonly dumps: number;
  readonly packing: number;
  /** Functions that pack. */
  readonly packers: number;
  /** Executions started in the busiest minute. */
  readonly starts: number;
}
export interface NightWish {
  readonly environments: number;
  readonly durationMinutes: number;
  /** Of an environment's dump, and then of its packing. */
  readonly dumpMinutes: number;
  readonly packMinutes: number;
}

export const firstNight = (wish: NightWish): NightLoad => loadOf(wish, null);
/** Once each backup has been timed. */
export const laterNights = (wish: NightWish): NightLoad => loadOf(wish, (wish.dumpMinutes + wish.packMinutes) * 60);

const loadOf = (
  { environments, durationMinutes, dumpMinutes, packMinutes }: NightWish,
  lastDurationSeconds: number | null,
): NightLoad => {
  const starts = Array.from({ length: environments }, (_, index) =>
    slotMinute({ environmentId: `environment-${index + 1}`, lastDurationSeconds }, durationMinutes),
  ).toSorted((a, b) => a - b);
  const packing = busiest(starts, packMinutes);
  return { dumps: busiest(starts, dumpMinutes), packing, packers: packing * PACKERS_EACH, starts: busiest(starts, 1) };
};

/** The most of `starts`, which are sorted, within so many minutes. */
const busiest = (starts: readonly number[], minutes: number): number => {
  let most = 0;
  let first = 0;
  for (const [last, start] of starts.entries()) {
    while ((starts[first] ?? start) <= start - minutes) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
};
