import { compareKeys, inRange } from "../../lambda/pack/key-order";
import { FIRST_SHARD, NIGHTLY_SHARD, planShards } from "../../lambda/pack/plan-shards";
import { seeded } from "./support";

const LIMITS = { work: 10, workBytes: 1000, lines: 100 };
const key = (i: number): string => String(i).padStart(6, "0");

test("nothing, and little, is one shard", () => {
  expect(planShards([], LIMITS)).toEqual([{ from: null, to: null }]);
  expect(planShards([{ key: "a", work: true, bytes: 5 }], LIMITS)).toEqual([{ from: null, to: null }]);
});

test("ranges are cut by changed files, by bytes, and by lines", () => {
  const all = (work: boolean, bytes: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ key: key(i), work, bytes }));
  expect(planShards(all(true, 0, 25), LIMITS).map((range) => range.from)).toEqual([null, key(10), key(20)]);
  expect(planShards(all(true, 400, 6), LIMITS).map((range) => range.from)).toEqual([null, key(2), key(4)]);
  expect(planShards(all(false, 400, 250), LIMITS).map((range) => range.from)).toEqual([null, key(100), key(200)]);
  expect(planShards(all(true, 5000, 3), LIMITS).map((range) => range.from)).toEqual([null, key(1), key(2)]);
});

test("every key lies in exactly one range, and no range has more than its limits", () => {
  const next = seeded(2);
  for (let round = 0; round < 100; round++) {
    const counts = [
      ...new Set(
        Array.from({ length: next() * 400 }, () =>
          String.fromCodePoint(33 + Math.floor(next() * 90000)).replace(/\p{Surrogate}/u, "x"),
        ),
      ),
    ]
      .toSorted(compareKeys)
      .map((name) => ({ key: name, work: next() < 0.3, bytes: Math.floor(next() * 300) }));
    const ranges = planShards(counts, LIMITS);
    expect([ranges[0]?.from, ranges.at(-1)?.to]).toEqual([null, null]);
    for (const [i, range] of ranges.entries()) {
      if (i > 0) expect(range.from).toBe(ranges[i - 1]?.to);
      const inside = counts.filter((count) => inRange(count.key, range));
      const work = inside.filter((count) => count.work);
      expect(inside.length).toBeLessThanOrEqual(LIMITS.lines);
      expect(work.length).toBeLessThanOrEqual(LIMITS.work);
      if (work.length > 1)
        expect(work.reduce((sum, count) => sum + count.bytes, 0)).toBeLessThanOrEqual(LIMITS.workBytes);
    }
    for (const count of counts) expect(ranges.filter((range) => inRange(count.key, range))).toHaveLength(1);
  }
});

test("a million files: ten shards at first, one on a night with few changes", () => {
  function* million(changed: number): Generator<{ key: string; work: boolean; bytes: number }> {
    for (let i = 0; i < 1_000_000; i++) yield { key: key(i), work: i % (1_000_000 / changed) === 0, bytes: 0 };
  }
  expect(planShards(million(1_000_000), FIRST_SHARD)).toHaveLength(10);
  expect(planShards(million(1000), NIGHTLY_SHARD)).toHaveLength(1);
});
