/**
 * Packs of the base in a shard's progress. An item of the catalog holds 400 KB, and there may be thousands of packs:
 * many are stored by id, and what else there is to know of them comes from the base's manifest. Few are stored as
 * they are, which spares the seal a request. Pure.
 */
import type { PackedEntry, ShardProgress } from "../catalog/items";
import type { PackEntry } from "../snapshot/manifest";
import { DamagedObject } from "./object-locks";

/** About 400 bytes each: 120 KB. */
const STORED_WHOLE = 300;

/** As it is stored. */
export function withShares(progress: ShardProgress): ShardProgress {
  const carriedOver = progress.packs.filter((pack) => pack.carriedOver === true);
  if (carriedOver.length <= STORED_WHOLE) return progress;
  return {
    ...progress,
    packs: progress.packs.filter((pack) => pack.carriedOver !== true),
    carriedOver: carriedOver.map(({ packId, liveSegments, liveBytes }) => [packId, liveSegments, liveBytes] as const),
  };
}

/** As the packer and the seal use it. */
export function withPacks(progress: ShardProgress, base: readonly PackEntry[]): ShardProgress {
  const { carriedOver = [], ...rest } = progress;
  if (carriedOver.length === 0) return rest;
  const known = new Map(base.map((pack) => [pack.packId, pack]));
  const packs = carriedOver.map(([packId, liveSegments, liveBytes]): PackedEntry => {
    const pack = known.get(packId);
    if (pack === undefined)
      throw new DamagedObject(`The previous snapshot's manifest no longer names the pack ${packId}.`);
    return { ...pack, liveSegments, liveBytes, carriedOver: true };
  });
  return { ...rest, packs: [...progress.packs, ...packs] };
}
