/**
 * Which packs of the previous snapshot are rewritten tonight: their live segments are copied into tonight's packs.
 * Pure. Two reasons: half of a pack is dead; or too many unfilled packs stand side by side.
 */
import type { PackEntry } from "../snapshot/manifest";
import { PACK_BYTES } from "./pack-writer";

export type PackStatistics = Pick<PackEntry, "packId" | "size" | "liveBytes">;
export interface RepackRules {
  /** A pack with less than this share of live bytes is rewritten. */
  readonly liveShare: number;
  /** A pack with fewer live bytes than this is unfilled. */
  readonly unfilledBytes: number;
  /** Unfilled packs that may stand, before tonight's is added. */
  readonly unfilledPacks: number;
  /** A merge goes on to the next larger pack while that one is at most so many times what is merged already. */
  readonly growth: number;
  /** Live bytes copied in one night, at most; the deadest packs come first. */
  readonly bytesANight: number;
}
export const REPACK_RULES: RepackRules = {
  liveShare: 0.5,
  unfilledBytes: PACK_BYTES / 2,
  unfilledPacks: 7,
  growth: 4,
  bytesANight: 8 * PACK_BYTES,
};

/** Ids of the packs to rewrite, in the order given. */
export function choosePacksToRepack(packs: readonly PackStatistics[], rules: RepackRules = REPACK_RULES): string[] {
  const chosen = new Set<string>();
  let bytes = 0;
  const choose = (pack: PackStatistics): void => {
    chosen.add(pack.packId);
    bytes += pack.liveBytes;
  };
  for (const pack of packs.toSorted((a, b) => liveShare(a) - liveShare(b))) {
    if (liveShare(pack) >= rules.liveShare || bytes + pack.liveBytes > rules.bytesANight) break;
    choose(pack);
  }
  const unfilled = packs
    .filter((pack) => !chosen.has(pack.packId) && pack.liveBytes < rules.unfilledBytes)
    .toSorted((a, b) => a.liveBytes - b.liveBytes);
  // What is copied anyway ends in tonight's pack; each merge must make the number smaller.
  if (unfilled.length > rules.unfilledPacks) mergeSmallest(unfilled, rules, rules.bytesANight - bytes, choose);
  return packs.filter((pack) => chosen.has(pack.packId)).map((pack) => pack.packId);
}

/**
 * The smallest packs, on while the next is not much larger than those before it: like packs merge with like, so
 * that a byte is copied a logarithmic number of times.
 */
function mergeSmallest(
  sorted: readonly PackStatistics[],
  rules: RepackRules,
  budget: number,
  choose: (pack: PackStatistics) => void,
): void {
  const atLeast = sorted.length - rules.unfilledPacks + 1;
  let merged = 0;
  for (const [i, pack] of sorted.entries()) {
    const fits = merged + pack.liveBytes <= PACK_BYTES && pack.liveBytes <= rules.growth * merged;
    if ((i >= atLeast && !fits) || merged + pack.liveBytes > budget) return;
    merged += pack.liveBytes;
    choose(pack);
  }
}

const liveShare = (pack: PackStatistics): number => (pack.size === 0 ? 0 : pack.liveBytes / pack.size);
