import { gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { flat, IndexPartWriter, ListWriter, readIndex, readList } from "../../lambda/pack/index-io";
import { compareKeys } from "../../lambda/pack/key-order";
import type { IndexEntry, IndexLine } from "../../lambda/snapshot/file-index";
import type { IndexPartEntry } from "../../lambda/snapshot/manifest";
import { ObjectDamaged, ObjectNotFound, StoreUnavailable } from "../../lambda/storage/storage-errors";
import { BUCKET, LOCK, primaryStore, seeded, uuid } from "./support";

const entry = (key: string, more: Partial<IndexEntry> = {}): IndexEntry => ({
  key,
  size: 5,
  etag: "e",
  sha256: "a".repeat(64),
  pack: "p",
  offset: 10,
  length: 20,
  crc32: 1,
  rawLength: 1024,
  ...more,
});
const keys = (count: number): string[] => {
  const next = seeded(9);
  return Array.from({ length: count }, () => uuid(next))
    .concat("\u{1f600}", "\ue000")
    .toSorted(compareKeys);
};

async function writeParts(
  store: ReturnType<typeof primaryStore>,
  all: readonly IndexLine[],
  each: number,
): Promise<IndexPartEntry[]> {
  const parts: IndexPartEntry[] = [];
  for (let at = 0; at < all.length; at += each) {
    const writer = new IndexPartWriter(store, { bucket: BUCKET, key: `part-${at}`, lock: LOCK });
    for (const line of all.slice(at, at + each)) await writer.add(line);
    parts.push(await writer.finish());
  }
  return parts;
}
const collect = async <T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> => {
  const all: T[] = [];
  for await (const line of flat(batches)) all.push(line);
  return all;
};

test("parts come back as written, with their sums", async () => {
  const store = primaryStore();
  const lines: IndexLine[] = keys(5000).map((key, i) =>
    i % 10 === 0 ? { key, missing: true } : entry(key, { size: i, rawLength: i + 1024, marker: `m${i}` }),
  );
  const parts = await writeParts(store, lines, 2000);
  expect(await collect(readIndex(store, BUCKET, parts))).toEqual(lines);
  expect(parts.map((part) => part.entries + part.missing)).toEqual([2000, 2000, 1002]);
  expect(parts[0]).toMatchObject({ entries: 1800, missing: 200, firstKey: lines[0]?.key, lastKey: lines[1999]?.key });
  expect(parts.reduce((sum, part) => sum + part.fileBytes, 0)).toBe(
    lines.reduce((sum, line) => sum + ("missing" in line ? 0 : line.size), 0),
  );
});

test("a range opens only what overlaps it", async () => {
  const store = primaryStore();
  const all = keys(3000);
  const parts = await writeParts(
    store,
    all.map((key) => entry(key)),
    500,
  );
  const [from, to] = [all[700] as string, all[1400] as string];
  store.resetRequests();
  expect((await collect(readIndex(store, BUCKET, parts, { from, to }))).map((line) => line.key)).toEqual(
    all.slice(700, 1400),
  );
  expect(store.requests.map((request) => request.ref.key)).toEqual(["part-500", "part-1000"]);
  store.resetRequests();
  expect(
    (await collect(readIndex(store, BUCKET, parts, { from, after: all[999] as string, to }))).map((line) => line.key),
  ).toEqual(all.slice(1000, 1400));
  expect(store.requests).toHaveLength(1);
  expect(await collect(readIndex(store, BUCKET, parts, { from: "\u{10ffff}" }))).toEqual([]);
});

test("a list is cut into segments; equal neighbours are one, disorder is refused", async () => {
  const store = primaryStore();
  const writer = new ListWriter(store, { bucket: BUCKET, keyOf: (n) => `list-${n}`, linesPerSegment: 100 });
  const all = keys(250);
  for (const key of all) {
    await writer.add({ key });
    await writer.add({ key });
  }
  await expect(writer.add({ key: all[0] as string })).rejects.toThrow(RangeError);
  await expect(writer.add({ key: all[251] as string, marker: "other" })).rejects.toThrow(RangeError);
  const segments = await writer.finish();
  expect(segments.map((segment) => segment.lines)).toEqual([100, 100, 52]);
  expect((await collect(readList(store, BUCKET, segments))).map((line) => line.key)).toEqual(all);
  await expect(new ListWriter(store, { bucket: BUCKET, keyOf: () => "x" }).add({ key: "\ud800" })).rejects.toThrow(
    /Unicode/,
  );
  expect(await new ListWriter(store, { bucket: BUCKET, keyOf: () => "none" }).finish()).toEqual([]);
});

describe("a damaged part", () => {
  const stored = async (
    text: string,
    change: Partial<IndexPartEntry> = {},
  ): Promise<[ReturnType<typeof primaryStore>, IndexPartEntry]> => {
    const store = primaryStore();
    const body = gzipSync(text);
    const { versionId } = await store.put({ bucket: BUCKET, key: "part", body });
    const lines = text.split("\n").length - 1;
    const sha256 = createHash("sha256").update(body).digest("hex");
    return [
      store,
      {
        key: "part",
        versionId: versionId ?? "",
        size: body.length,
        sha256,
        crc32: 0,
        entries: lines,
        missing: 0,
        firstKey: "a",
        lastKey: "b",
        fileBytes: 0,
        ...change,
      },
    ];
  };
  const lineOf = (key: string, more: object = {}): string => `${JSON.stringify({ ...entry(key), ...more })}\n`;
  const good = lineOf("a") + lineOf("b");

  test("the undamaged one is read", async () => {
    const [store, part] = await stored(good);
    expect(await collect(readIndex(store, BUCKET, [part]))).toHaveLength(2);
  });
  test.each([
    ["keys out of order", lineOf("b") + lineOf("a"), {}, /line 2 it is not in key order/],
    ["a key twice", lineOf("a") + lineOf("a") + lineOf("b"), {}, /line 2 it is not in key order/],
    ["no JSON", `${lineOf("a")}{"key":\n`, {}, /line 2 is not JSON/],
    ["no key", `${lineOf("a")}{}\n`, {}, /line 2 has no key/],
    ["null", "null\n", {}, /line 1 has no key/],
    ["a negative offset", lineOf("a", { offset: -1 }) + lineOf("b"), {}, /line 1 a number/],
    ["no pack", lineOf("a", { pack: undefined }) + lineOf("b"), {}, /pack or ETag/],
    ["a short SHA-256", lineOf("a", { sha256: "ab" }) + lineOf("b"), {}, /SHA-256/],
    ["sizes that contradict", lineOf("a", { size: 5000 }) + lineOf("b"), {}, /uncompressed length/],
    ["missing is not true", lineOf("a", { missing: false }) + lineOf("b"), {}, /missing/],
    ["a cut last line", good.slice(0, -1), { entries: 2 }, /last line/],
    ["one line too few", good, { entries: 3 }, /2 lines instead of 3/],
    ["another last key", good, { lastKey: "c" }, /another key/],
    ["other bytes", good, { sha256: "0".repeat(64) }, /SHA-256/],
    ["fewer bytes", good, { size: 5000 }, /fewer bytes|ended early/],
    ["a line without end", `{"key":"${"x".repeat(200_000)}"}\n`, {}, /more than 65536/],
  ])("with %s is named", async (_name, text, change, sentence) => {
    const [store, part] = await stored(text, change);
    await expect(collect(readIndex(store, BUCKET, [part]))).rejects.toThrow(sentence);
  });
  test("with any single byte changed is ObjectDamaged", async () => {
    const next = seeded(4);
    const [store, part] = await stored(
      keys(50)
        .map((key) => lineOf(key))
        .join(""),
      { firstKey: "0", lastKey: keys(50).at(-1) ?? "" },
    );
    const version = store.versions(BUCKET, "part")[0];
    const whole = Buffer.from(version?.body ?? []);
    for (let round = 0; round < 60; round++) {
      const body = Buffer.from(whole);
      const at = Math.floor(next() * body.length);
      body.writeUInt8((body.readUInt8(at) + 1 + Math.floor(next() * 255)) % 256, at);
      if (version !== undefined) version.body = body;
      await expect(collect(readIndex(store, BUCKET, [part]))).rejects.toThrow(ObjectDamaged);
    }
  });
  test("that is gone is ObjectNotFound; one that can't be reached now is neither", async () => {
    const [store, part] = await stored(good);
    await expect(collect(readIndex(store, BUCKET, [{ ...part, versionId: "v-0000000099" }]))).rejects.toThrow(
      ObjectNotFound,
    );
    store.onRequest = () => {
      throw new StoreUnavailable("down");
    };
    await expect(collect(readIndex(store, BUCKET, [part]))).rejects.toThrow(StoreUnavailable);
  });
  test("a connection that breaks is taken up where it broke", async () => {
    const store = primaryStore();
    const all = keys(20_000);
    const parts = await writeParts(
      store,
      all.map((key, i) => entry(key, { sha256: createHash("sha256").update(String(i)).digest("hex") })),
      30_000,
    );
    let broken = 0;
    store.onBody = async function* (_ref, body) {
      for await (const chunk of body) {
        yield chunk;
        if (++broken % 3 === 0) throw new StoreUnavailable("cut");
      }
    };
    expect((await collect(readIndex(store, BUCKET, parts))).map((line) => line.key)).toEqual(all);
    expect(broken).toBeGreaterThan(6);
  });
});
