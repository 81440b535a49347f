import type { PackedEntry, ShardProgress } from "../../lambda/catalog/items";
import { withPacks, withShares } from "../../lambda/backup/carried-shares";

const pack = (packId: string): PackedEntry => ({
  key: `replicated/shop-production/packs/${packId}.tar.gz`,
  versionId: "v".repeat(32),
  size: 536_870_912,
  sha256: "0".repeat(64),
  crc32: 4_294_967_295,
  packId,
  segments: 100_000,
  liveSegments: 99_999,
  liveBytes: 500_000_000,
  lockedUntil: "2026-12-19T00:10:00.000Z",
  carriedOver: true,
});
const ids = Array.from({ length: 5000 }, (_, number) => number.toString(16).padStart(24, "0"));
const { carriedOver: _, ...newPack } = pack("new");
const progress: ShardProgress = {
  shard: 0,
  done: true,
  after: "z",
  parts: [],
  packs: [newPack, ...ids.map(pack)],
  missingKeys: [],
};

test("progress with 5,000 packs carried over fits into an item of 400 KB, and comes back whole", () => {
  const stored = withShares(progress);
  expect(JSON.stringify(stored).length).toBeLessThan(350_000);
  expect(JSON.stringify(progress).length).toBeGreaterThan(400_000);
  expect(withPacks(JSON.parse(JSON.stringify(stored)) as ShardProgress, ids.map(pack))).toEqual(progress);
});

test("a few packs carried over are stored as they are, and need no manifest to come back", () => {
  const few = { ...progress, packs: progress.packs.slice(0, 200) };
  expect(withPacks(withShares(few), [])).toEqual(few);
});

test("a share of a pack that the base's manifest no longer names is damage", () => {
  expect(() => withPacks(withShares(progress), ids.slice(1).map(pack))).toThrow(`no longer names the pack ${ids[0]}`);
});
