/** The planner, over random layouts: S3's rules for parts, every byte once and in order, and nothing dead. */
import type { Layout, Source } from "../../lambda/archive/layout";
import { RunCollector } from "../../lambda/archive/live-runs";
import {
  bytesOf,
  countParts,
  fittingLimits,
  isLiteral,
  planParts,
  type PartLimits,
} from "../../lambda/archive/part-plan";
import { crc32Combine, EMPTY_SUM } from "../../lambda/pack/gzip";
import { seeded } from "../pack/support";

/** S3's proportions, a million times smaller. */
const LIMITS: PartLimits = {
  smallestPart: 50,
  smallestSource: 50,
  copiedRun: 50,
  largestCopy: 400,
  streamedPart: 80,
  mostParts: 10_000,
};

const sourceOf = (key: string, size: number, runs: readonly { first: number; length: number }[]): Source => ({
  entry: { key, versionId: "v", size, sha256: "", crc32: 0 },
  runs,
  bytes: runs.reduce((sum, { length }) => sum + length, 0),
  longest: Math.max(0, ...runs.map(({ length }) => length)),
  end: Math.max(0, ...runs.map(({ first, length }) => first + length)),
  sum: { crc32: 0, rawLength: 0 },
  before: EMPTY_SUM,
  tail: Buffer.alloc(0),
});

const randomLayout = (next: () => number): Layout => {
  const below = (limit: number): number => Math.floor(next() * limit);
  const items = Array.from({ length: 1 + below(8) }, (_, number) => {
    if (next() < 0.3) return Buffer.alloc(1 + below(120));
    const runs: { first: number; length: number }[] = [];
    let at = 10;
    const scale = next() < 0.5 ? 60 : 900;
    for (let left = 1 + below(12); left > 0; left--) {
      const length = 1 + below(scale);
      runs.push({ first: at, length });
      at += length + 1 + below(30);
    }
    return sourceOf(`s${number}`, at + 20, runs);
  });
  return { items, size: items.reduce((sum, item) => sum + (Buffer.isBuffer(item) ? item.length : item.bytes), 0) };
};

/** Every byte as `place:position`, in order. */
const wanted = ({ items }: Layout): string[] =>
  items.flatMap((item) => {
    if (Buffer.isBuffer(item)) return Array.from({ length: item.length }, () => "own");
    return [...item.runs].flatMap(({ first, length }) =>
      Array.from({ length }, (_, i) => `${item.entry.key}:${first + i}`),
    );
  });

test("parts hold every byte once, in order, within S3's rules", () => {
  const next = seeded(1);
  let copies = 0;
  for (let round = 0; round < 400; round++) {
    const layout = randomLayout(next);
    const noCopy = next() < 0.2 ? "s1" : "";
    const mayCopy = (source: Source): boolean => source.entry.key !== noCopy;
    const parts = [...planParts(layout, LIMITS, mayCopy)];
    const given: string[] = [];
    for (const [number, part] of parts.entries()) {
      const isLast = number === parts.length - 1;
      if (part.kind === "copy") {
        copies++;
        const { source, first, last } = part;
        const bytes = last - first + 1;
        expect(source.entry.size).toBeGreaterThan(LIMITS.smallestSource);
        expect(source.entry.key).not.toBe(noCopy);
        expect(bytes).toBeLessThanOrEqual(LIMITS.largestCopy);
        if (!isLast && bytes < LIMITS.smallestPart) throw new Error("a copy is too small");
        for (let at = first; at <= last; at++) given.push(`${source.entry.key}:${at}`);
        continue;
      }
      expect(part.bytes).toBe(part.pieces.reduce((sum, piece) => sum + bytesOf(piece), 0));
      expect(part.bytes).toBeLessThanOrEqual(LIMITS.streamedPart);
      if (!isLast && part.bytes < LIMITS.smallestPart) throw new Error("a streamed part is too small");
      for (const piece of part.pieces) {
        for (let at = 0; at < bytesOf(piece); at++)
          given.push(isLiteral(piece) ? "own" : `${piece.source.entry.key}:${piece.first + at}`);
      }
    }
    expect(given.join()).toBe(wanted(layout).join());
  }
  expect(copies).toBeGreaterThan(400);
});

test("a run that could be copied is streamed only as far as its neighbours need", () => {
  const source = sourceOf("s", 1_100, [{ first: 10, length: 1_000 }]);
  const layout: Layout = { items: [Buffer.alloc(7), source, Buffer.alloc(9)], size: 1_016 };
  const parts = [...planParts(layout, LIMITS, () => true)];
  expect(parts.map((part) => (part.kind === "copy" ? [part.first, part.last] : part.bytes))).toEqual([
    50,
    [53, 371],
    [372, 690],
    [691, 1_009],
    9,
  ]);
  const [first] = parts;
  expect(first?.kind === "stream" && first.pieces[1]).toEqual({ source, first: 10, last: 52, endsHere: true });
});

test("more parts than an upload may have become fewer, larger ones", () => {
  const runs = Array.from({ length: 500 }, (_, i) => ({ first: 10 + 200 * i, length: 120 }));
  const source = sourceOf("s", 200_000, runs);
  const layout: Layout = { items: [source], size: source.bytes };
  expect(countParts(layout, LIMITS, () => true)).toBe(500);
  const limits = fittingLimits(layout, { ...LIMITS, mostParts: 200 }, () => true);
  expect(countParts(layout, limits, () => true)).toBeLessThanOrEqual(200);
  expect(limits.smallestPart).toBe(LIMITS.smallestPart);
});

describe("live runs", () => {
  test("join neighbours, in whatever order segments come, and their sums", () => {
    const next = seeded(2);
    for (let round = 0; round < 200; round++) {
      const segments: { offset: number; length: number; crc32: number; rawLength: number }[] = [];
      let at = 10;
      for (let left = Math.floor(next() * 60); left > 0; left--) {
        const length = 1 + Math.floor(next() * 100);
        if (next() < 0.7)
          segments.push({ offset: at, length, crc32: Math.floor(next() * 2 ** 32), rawLength: 512 + length });
        at += length;
      }
      const shuffled = next() < 0.5 ? segments : segments.toSorted((a, b) => (a.crc32 % 97) - (b.crc32 % 97));
      const collector = new RunCollector();
      for (const one of shuffled) collector.add(one.offset, one.length, one);
      const runs = collector.finish();
      const joined: { first: number; length: number }[] = [];
      for (const { offset, length } of segments) {
        const last = joined[joined.length - 1];
        if (last !== undefined && last.first + last.length === offset) last.length += length;
        else joined.push({ first: offset, length });
      }
      expect([...runs].map(({ first, length }) => ({ first, length }))).toEqual(joined);
      expect(runs.bytes).toBe(joined.reduce((sum, { length }) => sum + length, 0));
      expect(runs.end).toBe(joined.reduce((end, { first, length }) => Math.max(end, first + length), 0));
      expect(runs.longest).toBe(Math.max(0, ...joined.map(({ length }) => length)));
      expect(runs.sum).toEqual(
        segments.reduce(
          (sum, one) => ({
            crc32: crc32Combine(sum.crc32, one.crc32, one.rawLength),
            rawLength: sum.rawLength + one.rawLength,
          }),
          { crc32: 0, rawLength: 0 },
        ),
      );
    }
  });

  test("refuse segments that share bytes", () => {
    const collector = new RunCollector();
    collector.add(10, 20, { crc32: 1, rawLength: 1 });
    collector.add(25, 20, { crc32: 1, rawLength: 1 });
    expect(() => collector.finish()).toThrow("Two segments share the byte at offset 25.");
  });
});
