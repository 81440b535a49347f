/**
 * What an unpacked upload has become, in the form in which the seal expects an attempt's work: shards of a plan. There
 * was no plan: packs and index parts are dealt out so that each item of the catalog stays small. Pure.
 */
import type { PackPlan, ShardProgress } from "../catalog/items";
import type { IndexPartEntry, PackEntry } from "../snapshot/manifest";

/** An item holds 400 KB; a pack or part takes about 500 bytes of it, and keys of parts up to 2,048 more. */
const EACH = 100;

export function dealOut(
  parts: readonly IndexPartEntry[],
  packs: readonly PackEntry[],
): { readonly plan: PackPlan; readonly shards: readonly ShardProgress[] } {
  const count = Math.max(1, Math.ceil(parts.length / EACH), Math.ceil(packs.length / EACH));
  const shards = Array.from({ length: count }, (_, shard): ShardProgress => {
    const own = parts.slice(shard * EACH, (shard + 1) * EACH);
    return {
      shard,
      done: true,
      after: own.at(-1)?.lastKey ?? null,
      parts: own,
      packs: packs.slice(shard * EACH, (shard + 1) * EACH),
      missingKeys: [],
    };
  });
  // Behind the first key of its own parts each range begins; shards without parts are empty ranges at the end.
  const starts = shards.map(({ parts: [first] }, shard) => (shard === 0 ? null : (first?.firstKey ?? LAST)));
  const ranges = starts.map((from, shard) => ({ from, to: starts[shard + 1] ?? null }));
  return { plan: { shards: ranges, repack: [], useBase: false, warnings: [] }, shards };
}

/** Above every key: UTF-8 has no greater character. */
const LAST = "\u{10ffff}".repeat(4);
