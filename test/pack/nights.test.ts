/** Merge and pack over many nights always equal the model: a map from key to content. */
import { gunzipSync } from "node:zlib";
import { compareKeys, type KeyRange } from "../../lambda/pack/key-order";
import type { PackOutcome } from "../../lambda/pack/pack-shard";
import {
  BUCKET,
  bytesOf,
  contents,
  indexLines,
  MapSource,
  packNight,
  primaryStore,
  seeded,
  sha256,
  uuid,
  type NightResult,
} from "./support";

const HOSTILE = ["..", "a/../b", "\u{1f600}", "\ue000", "x".repeat(700), "%", " ", "\u0001", "é".repeat(300)];
const SMALL_PACKS = {
  packBytes: 60_000,
  partLines: 40,
  packsBetweenSaves: 3,
  smallFile: 5_000,
  files: 5,
  bytes: 20_000,
  steps: 50,
};

describe.each([1, 2, 3, 4, 5, 6, 7, 8])("random nights, seed %d", (seed) => {
  test("always give back what the model holds", async () => {
    const next = seeded(seed);
    const store = primaryStore();
    const files = new Map<string, Buffer>(); // what storage holds
    const named = new Set<string>(); // what the database names
    const markers = seed % 2 === 0 ? new Map<string, string>() : undefined;
    const model = new Map<string, Buffer | undefined>(); // what the snapshot must hold
    const source = new MapSource(files);
    let base: NightResult | null = null;
    const outcomes = new Set<PackOutcome>();
    const content = (): Buffer => bytesOf(next, Math.floor(next() ** 5 * 30_000));
    const pick = (): string => [...named][Math.floor(next() * named.size)] ?? "none";

    for (let night = 1; night <= 12; night++) {
      for (let i = 0; i < (night === 1 ? 200 : 15); i++) {
        const key = next() < 0.1 ? (HOSTILE[Math.floor(next() * HOSTILE.length)] as string) : uuid(next);
        if (named.has(key)) continue;
        named.add(key);
        if (next() > 0.05) files.set(key, content());
        markers?.set(key, `m${night}`);
      }
      for (let i = 0; i < (night === 7 ? 120 : 12); i++) {
        const key = pick();
        named.delete(key);
        model.delete(key);
      }
      if (markers !== undefined) {
        for (let i = 0; i < 10; i++) {
          const key = pick();
          markers.set(key, `m${night}-${i}`);
          if (next() < 0.8) files.set(key, content());
          else files.delete(key);
          model.delete(key); // must be read again
        }
      }
      for (const key of named) if (model.get(key) === undefined) model.set(key, files.get(key));

      const cuts = [pick(), pick()].toSorted(compareKeys).slice(0, Math.floor(next() * 3));
      const ranges: KeyRange[] = [null, ...cuts].map((from, i) => ({ from, to: cuts[i] ?? null }));
      const hurried = next() < 0.4;
      source.opened = [];
      const carried: NightResult | null = base;
      base = await packNight(store, {
        night,
        keys: [...named],
        ...(markers === undefined ? {} : { markers }),
        source,
        base: carried,
        ranges,
        limits: SMALL_PACKS,
        random: next,
        remainingMs: () => (hurried && next() < 0.05 ? 0 : 900_000),
        onOutcome: (outcome) => outcomes.add(outcome),
      });

      expect(hashes(await contents(store, base))).toEqual(hashes(model));
      expect(base.missingKeys).toEqual(
        [...model]
          .filter(([, bytes]) => bytes === undefined)
          .map(([key]) => key)
          .toSorted(compareKeys),
      );
      await expectStatistics(store, base);
    }
    expect(outcomes).toContain("more");
    expect(store.uploads(BUCKET)).toEqual([]);
  });
});

const hashes = (files: Map<string, Buffer | undefined>): string[] =>
  [...files]
    .toSorted(([a], [b]) => compareKeys(a, b))
    .map(([key, content]) => `${key} ${content === undefined ? "missing" : sha256(content)}`);

/** The sums in parts and packs are those of the lines; every pack is whole, and in key order. */
async function expectStatistics(store: ReturnType<typeof primaryStore>, packed: NightResult): Promise<void> {
  const lines = await indexLines(store, packed);
  const live = new Map<string, { segments: number; bytes: number; last: number }>();
  for (const line of lines) {
    if ("missing" in line) continue;
    const sum = live.get(line.pack) ?? { segments: 0, bytes: 0, last: -1 };
    expect(line.offset).toBeGreaterThan(sum.last);
    live.set(line.pack, { segments: sum.segments + 1, bytes: sum.bytes + line.length, last: line.offset });
  }
  expect(new Map(packed.packs.map((pack) => [pack.packId, [pack.liveSegments, pack.liveBytes]]))).toEqual(
    new Map([...live].map(([id, sum]) => [id, [sum.segments, sum.bytes]])),
  );
  for (const pack of packed.packs) {
    expect(pack.segments).toBeGreaterThanOrEqual(pack.liveSegments);
    expect(packed.repacked).not.toContain(pack.packId);
    gunzipSync(store.bytes(BUCKET, pack.key));
  }
  const sum = (of: (part: NightResult["parts"][number]) => number): number =>
    packed.parts.reduce((total, part) => total + of(part), 0);
  expect(sum((part) => part.entries)).toBe(lines.filter((line) => !("missing" in line)).length);
  expect(sum((part) => part.missing)).toBe(lines.filter((line) => "missing" in line).length);
  expect(sum((part) => part.fileBytes)).toBe(
    lines.reduce((total, line) => total + ("missing" in line ? 0 : line.size), 0),
  );
}
