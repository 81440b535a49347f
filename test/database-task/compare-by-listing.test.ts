import { comparedByListing, justBefore } from "../../lambda/database-task/compare-by-listing";
import { compareKeys, isWellFormed } from "../../lambda/pack/key-order";
import type { ListLine } from "../../lambda/snapshot/file-index";
import { AccessRefused } from "../../lambda/storage/storage-errors";
import { seeded, uuid } from "../pack/support";
import { MemoryStore } from "../support/memory-store";

const setUp = async (keys: readonly string[], pageLimit = 1000): Promise<MemoryStore> => {
  const store = new MemoryStore({ pageLimit, now: () => new Date("2026-12-01T00:00:00.900Z") });
  store.createBucket("files");
  for (const key of keys) await store.put({ bucket: "files", key, body: Buffer.from(key) });
  store.resetRequests();
  return store;
};
async function* each(lines: readonly (string | ListLine)[]): AsyncGenerator<ListLine> {
  for (const line of lines) yield typeof line === "string" ? { key: line } : line;
}
const compared = async (
  store: MemoryStore,
  lines: readonly (string | ListLine)[],
  prefix = "",
): Promise<ListLine[]> => {
  const all: ListLine[] = [];
  for await (const line of comparedByListing(store, { bucket: "files", prefix }, each(lines))) all.push(line);
  return all;
};

test("a named file has ETag, size and date of the listing; one that the listing lacks says so", async () => {
  const store = await setUp(["app/a", "app/b", "b"]);
  expect(await compared(store, ["a", "aa", "b"], "app/")).toEqual([
    { key: "a", marker: expect.stringMatching(/^[0-9a-f]{32}\/5\/1796083200$/), size: 5 },
    { key: "aa", unlisted: true },
    { key: "b", marker: expect.stringMatching(/^[0-9a-f]{32}\/5\/1796083200$/), size: 5 },
  ]);
  expect(store.requests.map(({ operation }) => operation)).toEqual(["list"]);
});

test("a file with a marker of the query stays as it is, and costs nothing", async () => {
  const store = await setUp(["a", "b"]);
  const lines = [
    { key: "a", marker: "1" },
    { key: "b", marker: "2" },
  ];
  expect(await compared(store, lines)).toEqual(lines);
  expect(store.requests).toEqual([]);
});

test("a query that gives a marker for some files has the others compared", async () => {
  const store = await setUp(["a", "b"]);
  expect(await compared(store, [{ key: "a", marker: "1" }, "b"])).toMatchObject([{ marker: "1" }, { size: 1 }]);
});

test("keys that no object can have are not asked for", async () => {
  const store = await setUp(["a"]);
  expect(await compared(store, ["", "x".repeat(1020)], "app/x")).toEqual([
    { key: "", unlisted: true },
    { key: "x".repeat(1020), unlisted: true },
  ]);
  expect(store.requests).toEqual([]);
});

test("where all of the bucket is named, a request serves a page", async () => {
  const next = seeded(1);
  const keys = Array.from({ length: 2_500 }, () => uuid(next)).toSorted(compareKeys);
  const store = await setUp(keys);
  expect((await compared(store, keys)).every(({ size }) => size === 36)).toBe(true);
  expect(store.requests).toHaveLength(3);
});

test("what others have in the bucket is jumped over", async () => {
  const next = seeded(2);
  const keys = Array.from({ length: 3_000 }, () => uuid(next)).toSorted(compareKeys);
  const store = await setUp(keys, 10);
  const named = keys.filter((_, index) => index % 600 === 300);
  expect((await compared(store, named)).every(({ size }) => size === 36)).toBe(true);
  expect(store.requests).toHaveLength(named.length);
});

test("a page that is empty and not the last one is turned as any other", async () => {
  const store = await setUp(["a", "b", "c", "d"], 1);
  const list = store.list.bind(store);
  let pages = 0;
  // Whoever asks by key gets an empty page first.
  store.list = async (bucket, { prefix, startAfter, token }) => {
    if (++pages > 20) throw new Error("It never ends.");
    if (token !== undefined) return list(bucket, { prefix, token });
    return { objects: [], nextToken: Buffer.from(startAfter ?? "").toString("base64url") };
  };
  expect(await compared(store, ["a", "bb", "d"])).toMatchObject([{ size: 1 }, { unlisted: true }, { size: 1 }]);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])("like a look at each file, seed %d", async (seed) => {
  const next = seeded(seed);
  const letters = ["a", "b", "/", " ", "~", "é", "\ue000", "\ud7ff", "\u{10ffff}", "\u{1f600}", "0", "\u0001"];
  const word = (): string =>
    Array.from({ length: 1 + Math.floor(next() * 4) }, () => letters[Math.floor(next() * letters.length)]).join("");
  const stored = new Set(Array.from({ length: 120 }, word));
  const store = await setUp(
    [...stored].map((key) => `p/${key}`),
    1 + Math.floor(next() * 9),
  );
  const named = [...new Set([...Array.from({ length: 40 }, word), ...[...stored].filter(() => next() < 0.3)])];
  const lines = await compared(store, named.toSorted(compareKeys), "p/");
  expect(lines.filter(({ unlisted }) => unlisted !== true).map(({ key }) => key)).toEqual(
    named.toSorted(compareKeys).filter((key) => stored.has(key)),
  );
  expect(new Set(store.requests.map(({ operation }) => operation))).toEqual(new Set(["list"]));
});

test("just before a key comes no other key", () => {
  for (const key of ["a", "ab", "\ue000", "\u{10000}", "x\u0001", "\u0001", "é", `${"z".repeat(1023)}b`]) {
    const before = justBefore(key);
    expect(compareKeys(before, key)).toBeLessThan(0);
    expect(Buffer.byteLength(before)).toBeLessThanOrEqual(1024);
    expect(isWellFormed(before)).toBe(true);
  }
});

test("a bucket that forbids listing is said in one sentence", async () => {
  const store = await setUp([]);
  store.onRequest = () => {
    throw new AccessRefused("Listing of the bucket files is refused: AccessDenied");
  };
  await expect(compared(store, ["a"])).rejects.toMatchObject({
    code: "BucketForbidden",
    message: expect.stringContaining('The file bucket "files" forbids listing'),
  });
});
