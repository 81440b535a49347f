import { compareKeys } from "../../lambda/pack/key-order";
import { BaseIndexUnreadable, mergeWithBase, type MergeStep } from "../../lambda/pack/merge";
import type { IndexLine, ListLine } from "../../lambda/snapshot/file-index";
import { AccessRefused, ObjectDamaged, ObjectNotFound, StoreUnavailable } from "../../lambda/storage/storage-errors";
import { seeded } from "./support";

const entry = (key: string, marker?: string, size = 5): IndexLine => ({
  key,
  size,
  etag: "e",
  sha256: "0",
  pack: "p",
  offset: 0,
  length: 1,
  crc32: 0,
  rawLength: 1024,
  ...(marker === undefined ? {} : { marker }),
});
async function* batches<T>(lines: readonly T[], size: () => number): AsyncGenerator<T[]> {
  for (let at = 0; at < lines.length;) {
    const take = size();
    yield lines.slice(at, at + take);
    at += take;
  }
}
const merged = async (
  list: readonly ListLine[],
  base: readonly IndexLine[],
  size = (): number => 3,
): Promise<MergeStep[]> => {
  const steps: MergeStep[] = [];
  for await (const batch of mergeWithBase(batches(list, size), batches(base, size))) steps.push(...batch);
  return steps;
};
const told = (steps: readonly MergeStep[]): string[] => steps.map((step) => `${step.kind} ${step.line.key}`);

test("unchanged, new, changed, missing last time, and gone", async () => {
  const steps = await merged(
    [
      { key: "a" },
      { key: "b" },
      { key: "d", marker: "2" },
      { key: "e", marker: "1" },
      { key: "f" },
      { key: "h", size: 5 },
      { key: "i", size: 6 },
    ],
    [
      entry("a"),
      entry("c"),
      entry("d", "1"),
      entry("e", "1"),
      { key: "f", missing: true },
      { key: "g", missing: true },
      entry("h"),
      entry("i"),
    ],
  );
  expect(told(steps)).toEqual([
    "unchanged a",
    "changed b",
    "gone c",
    "changed d",
    "unchanged e",
    "changed f",
    "gone g",
    "unchanged h",
    "changed i",
  ]);
});

test("a marker that appears or vanishes is a change", async () => {
  expect(told(await merged([{ key: "a", marker: "1" }, { key: "b" }], [entry("a"), entry("b", "1")]))).toEqual([
    "changed a",
    "changed b",
  ]);
});

test("any two sorted lists, in any batches, are merged as sets", async () => {
  const next = seeded(21);
  for (let round = 0; round < 300; round++) {
    const some = (): string[] =>
      [
        ...new Set(
          Array.from({ length: next() * 40 }, () =>
            String.fromCodePoint(97 + Math.floor(next() * 26), 0xfffe + Math.floor(next() * 4)),
          ),
        ),
      ].toSorted(compareKeys);
    const [list, base] = [some(), some()];
    const steps = await merged(
      list.map((key) => ({ key })),
      base.map((key) => entry(key)),
      () => Math.floor(next() * 6),
    );
    expect(steps.map((step) => step.line.key)).toEqual([...new Set([...list, ...base])].toSorted(compareKeys));
    for (const step of steps) {
      const key = step.line.key;
      expect(step.kind).toBe(list.includes(key) ? (base.includes(key) ? "unchanged" : "changed") : "gone");
    }
  }
});

describe("a previous index that can't be read", () => {
  async function* failing(error: Error): AsyncGenerator<never> {
    yield* [];
    throw error;
  }
  const run = async (list: AsyncIterable<ListLine[]>, base: AsyncIterable<IndexLine[]>): Promise<void> => {
    for await (const _steps of mergeWithBase(list, base));
  };
  test.each([new ObjectDamaged("line 3"), new ObjectNotFound("gone")])(
    "is BaseIndexUnreadable, with its cause (%s)",
    async (cause) => {
      await expect(
        run(
          batches([{ key: "a" }], () => 1),
          failing(cause),
        ),
      ).rejects.toMatchObject({ name: "BaseIndexUnreadable", cause });
      await expect(
        run(
          batches([{ key: "a" }], () => 1),
          failing(cause),
        ),
      ).rejects.toThrow(BaseIndexUnreadable);
    },
  );
  test.each([new StoreUnavailable("later"), new AccessRefused("no")])(
    "but %s is itself: packing anew would not help",
    async (cause) => {
      await expect(
        run(
          batches([{ key: "a" }], () => 1),
          failing(cause),
        ),
      ).rejects.toBe(cause);
    },
  );
  test("and a damaged list is not the base's fault", async () => {
    const cause = new ObjectDamaged("list");
    await expect(
      run(
        failing(cause),
        batches([entry("a")], () => 1),
      ),
    ).rejects.toBe(cause);
  });
});
