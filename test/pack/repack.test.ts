import { choosePacksToRepack, REPACK_RULES } from "../../lambda/pack/repack";
import { seeded } from "./support";

const MIB = 1024 * 1024;
const PACK = 512 * MIB;
const pack = (packId: string, liveBytes: number, size = liveBytes) => ({ packId, liveBytes, size });

test("a pack less than half alive is rewritten, one of half is not", () => {
  expect(
    choosePacksToRepack([pack("a", 199 * MIB, 400 * MIB), pack("b", 200 * MIB, 400 * MIB), pack("c", 400 * MIB)]),
  ).toEqual(["a"]);
});

test("the first nights repack nothing; the eighth unfilled pack begins a merge of like with like", () => {
  const small = (count: number) => Array.from({ length: count }, (_, i) => pack(`n${i}`, MIB));
  const first = pack("first", 200 * MIB);
  for (let nights = 0; nights <= 6; nights++) expect(choosePacksToRepack([first, ...small(nights)])).toEqual([]);
  expect(choosePacksToRepack([first, ...small(7)])).toEqual(small(7).map((one) => one.packId));
});

test("a night copies no more than its limit, the deadest first", () => {
  const packs = Array.from({ length: 40 }, (_, i) => pack(`p${i}`, (100 + i) * MIB, PACK));
  const chosen = choosePacksToRepack(packs);
  expect(chosen[0]).toBe("p0");
  expect(
    chosen.reduce((sum, id) => sum + (packs.find((one) => one.packId === id)?.liveBytes ?? 0), 0),
  ).toBeLessThanOrEqual(REPACK_RULES.bytesANight);
  expect(chosen.length).toBeGreaterThan(20);
});

interface Simulated {
  readonly packsOverBytes: number;
  readonly packsOverLive: number;
  readonly copied: number;
  readonly written: number;
}
/** Ninety nights of scattered changes on `files` files of about `average` bytes. */
function ninetyNights(files: number, average: number, changed: number): Simulated {
  const next = seeded(files);
  const sizes = Float64Array.from({ length: files }, () => 50 - Math.log(1 - next()) * average);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const packOf = new Int32Array(files);
  const packSizes = new Map<number, number>();
  let newest = 0;
  const write = (wanted: (file: number) => boolean): number => {
    let written = 0;
    let open = -1;
    for (let file = 0; file < files; file++) {
      if (!wanted(file)) continue;
      const size = sizes[file] ?? 0;
      if (open < 0 || (packSizes.get(open) ?? 0) + size > PACK) packSizes.set((open = ++newest), 40);
      packSizes.set(open, (packSizes.get(open) ?? 0) + size);
      packOf[file] = open;
      written += size;
    }
    return written;
  };
  const live = (): Map<number, number> => {
    const sums = new Map<number, number>();
    packOf.forEach((id, file) => sums.set(id, (sums.get(id) ?? 0) + (sizes[file] ?? 0)));
    return sums;
  };
  write(() => true);
  const worst = { packsOverBytes: 0, packsOverLive: 0, copied: 0, written: 0 };
  for (let night = 1; night <= 90; night++) {
    const packs = [...live()].map(([id, liveBytes]) => pack(String(id), liveBytes, packSizes.get(id) ?? 0));
    const repack = new Set(choosePacksToRepack(packs).map(Number));
    const changes = new Set(Array.from({ length: files * changed }, () => Math.floor(next() * files)));
    worst.copied += packs.reduce((sum, one) => sum + (repack.has(Number(one.packId)) ? one.liveBytes : 0), 0);
    worst.written += write((file) => changes.has(file) || repack.has(packOf[file] ?? -1));
    const standing = [...live().keys()];
    const stored = standing.reduce((sum, id) => sum + (packSizes.get(id) ?? 0), 0);
    worst.packsOverBytes = Math.max(worst.packsOverBytes, standing.length - Math.ceil(stored / PACK));
    worst.packsOverLive = Math.max(worst.packsOverLive, standing.length - Math.ceil(total / PACK));
  }
  return worst;
}

describe("ninety nights of 0.1 % scattered changes", () => {
  test.each([
    [5_000, 4_096],
    [5_000, 100_000],
    [50_000, 100_000],
    [100_000, 200_000],
  ])("%d files of %d bytes: at most a dozen packs more than the live bytes need", (files, average) => {
    const result = ninetyNights(files, average, 0.001);
    expect(result.packsOverLive).toBeLessThanOrEqual(12);
    // And for that a changed byte is copied a few times only.
    expect(result.copied).toBeLessThan(6 * 90 * files * average * 0.001);
  });
  test("50 GB: at most a dozen more than the bytes stored need", () => {
    expect(ninetyNights(100_000, 500_000, 0.001).packsOverBytes).toBeLessThanOrEqual(12);
  });
  test("also with ten times the changes", () => {
    expect(ninetyNights(100_000, 200_000, 0.01).packsOverBytes).toBeLessThanOrEqual(12);
  });
});
