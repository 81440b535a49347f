/** A stored dump is one gzip file of two segments, head and data; one whose head can't be read is a single segment. */
import { gunzipSync, inflateRawSync, constants } from "node:zlib";
import { LONGEST_HEAD } from "../../lambda/dump/edit-head";
import { parseToc } from "../../lambda/dump/toc";
import { readDump, storeDump, type StoredDump } from "../../lambda/pack/dump-segment";
import { readStoredHead } from "../../lambda/pack/stored-head";
import { ObjectUpload } from "../../lambda/storage/object-upload";
import { MemoryStore } from "../support/memory-store";
import { dumpHead, dumpWithRows, ENCODING } from "../upload/dump-maker";
import { bytesOf, seeded } from "./support";

const PLACE = { bucket: "primary", key: "database.gz" };
let store: MemoryStore;
const newStore = (): MemoryStore => {
  const made = new MemoryStore({ minPartBytes: 1 });
  made.createBucket(PLACE.bucket, { objectLock: true });
  return made;
};
beforeEach(() => {
  store = newStore();
});
async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const stored = (bytes: Buffer, size = 1000): Promise<StoredDump> =>
  storeDump(inPieces(bytes, size), new ObjectUpload(store, PLACE));
const collect = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const piece of source) all.push(piece);
  return Buffer.concat(all);
};
const next = seeded(3);
const HEAD = dumpHead([ENCODING]);
const manyEntries = dumpHead(
  Array.from({ length: 3000 }, (_, id) => ({
    id: id + 1,
    kind: id === 0 ? "ENCODING" : "TABLE",
    tag: `t${id}`,
    definition: "CREATE TABLE x();",
  })),
);

test.each([
  ["a head alone", HEAD],
  ["a head and a byte", Buffer.concat([HEAD, Buffer.from([1])])],
  ["a head of many pieces", Buffer.concat([manyEntries, bytesOf(next, 300_000)])],
  ["data that compress", Buffer.concat([HEAD, Buffer.alloc(5_000_000, "row ")])],
])("%s", async (_name, dump) => {
  for (const size of [7_919, dump.length]) {
    store = newStore();
    const entry = await stored(dump, size);
    const object = store.bytes(PLACE.bucket, PLACE.key);
    expect(gunzipSync(object).equals(dump)).toBe(true);
    expect((await collect(readDump(store, PLACE.bucket, entry))).equals(dump)).toBe(true);
    const { toc, length } = await readStoredHead(store, PLACE, entry).then(
      (head) => head ?? Promise.reject(new Error("no head")),
    );
    expect(toc.length).toBe(entry.head?.rawLength);
    // Each of the two is inflated by itself, and the second is everything else.
    const data = object.subarray(entry.segment.offset + length, entry.segment.offset + entry.segment.length);
    const raw = inflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH });
    expect(raw.equals(dump.subarray(toc.length))).toBe(true);
  }
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["no dump", Buffer.from("PGDMP and what follows. ".repeat(500))],
  ["a dump that ends within its head", manyEntries.subarray(0, 5000)],
  ["a head of another format", Buffer.concat([HEAD.subarray(0, 10), Buffer.from([3]), HEAD.subarray(11)])],
])("%s is stored as one segment, and comes back", async (_name, dump) => {
  const entry = await stored(dump);
  expect(entry).not.toHaveProperty("head");
  expect((await collect(readDump(store, PLACE.bucket, entry))).equals(dump)).toBe(true);
  expect(await readStoredHead(store, PLACE, entry)).toBeUndefined();
});

test("a head that is longer than memory may take is stored as one segment", async () => {
  const entries = [{ ...ENCODING, definition: "x".repeat(LONGEST_HEAD) }];
  const entry = await stored(dumpHead(entries), 1 << 20);
  expect(entry).not.toHaveProperty("head");
  expect(entry.dumpSize).toBeGreaterThan(LONGEST_HEAD);
});

test("a dump in two segments is read whole though its data are larger than a chunk", async () => {
  const dump = await collect(dumpWithRows(2000, 300));
  const entry = await stored(dump);
  expect(parseToc(dump).length).toBe(entry.head?.rawLength);
  expect(entry.segment.length).toBeLessThan(dump.length);
});

test("a damaged head is ObjectDamaged, whichever byte it is", async () => {
  const entry = await stored(Buffer.concat([manyEntries, Buffer.from("data")]));
  for (let round = 0; round < 40; round++) {
    const bytes = Buffer.from(store.bytes(PLACE.bucket, PLACE.key));
    const at = entry.segment.offset + Math.floor(next() * ((entry.head?.length ?? 0) - 4));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(next() * 8));
    await store.put({ bucket: PLACE.bucket, key: "damaged", body: bytes });
    await expect(readStoredHead(store, { bucket: PLACE.bucket, key: "damaged" }, entry)).rejects.toThrow(
      /head of the database dump/,
    );
  }
});

test("a dump that breaks off leaves no object and no upload", async () => {
  async function* breaking(after: Buffer): AsyncGenerator<Buffer> {
    yield after;
    throw new Error("the server has gone");
  }
  for (const after of [HEAD.subarray(0, 20), Buffer.concat([HEAD, Buffer.alloc(3_000_000)])]) {
    await expect(storeDump(breaking(after), new ObjectUpload(store, PLACE))).rejects.toThrow("the server has gone");
    expect(store.versions(PLACE.bucket)).toEqual([]);
    expect(store.uploads(PLACE.bucket)).toEqual([]);
  }
});
