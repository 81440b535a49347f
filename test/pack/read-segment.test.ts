import { gunzipSync } from "node:zlib";
import { readDump, storeDump } from "../../lambda/pack/dump-segment";
import { readFile, readSmallFile } from "../../lambda/pack/read-segment";
import type { IndexEntry } from "../../lambda/snapshot/file-index";
import { ObjectUpload } from "../../lambda/storage/object-upload";
import { ObjectDamaged, ObjectNotFound, StoreUnavailable } from "../../lambda/storage/storage-errors";
import { BUCKET, bytesOf, indexLines, LOCK, MapSource, packNight, primaryStore, seeded, sha256 } from "./support";

const whole = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
};
const next = seeded(77);
const files = new Map([
  ["a", bytesOf(next, 5000)],
  ["b", Buffer.alloc(0)],
  ["c", Buffer.alloc(12_000_000, "compressible ")],
  ["d", bytesOf(next, 900_000)],
]);
async function setUp() {
  const store = primaryStore();
  const packed = await packNight(store, {
    night: 1,
    keys: [...files.keys()],
    source: new MapSource(files),
    base: null,
    random: seeded(1),
  });
  const pack = packed.packs[0];
  if (pack === undefined) throw new Error("no pack");
  const lines = (await indexLines(store, packed)) as IndexEntry[];
  store.resetRequests();
  return { store, pack, entry: (key: string) => lines.find((line) => line.key === key) as IndexEntry };
}

test("a file is one ranged GET, streamed or whole", async () => {
  const { store, pack, entry } = await setUp();
  for (const [key, content] of files) {
    store.resetRequests();
    expect((await whole(readFile(store, { bucket: BUCKET, pack }, entry(key)))).equals(content)).toBe(true);
    expect((await readSmallFile(store, { bucket: BUCKET, pack }, entry(key))).equals(content)).toBe(true);
    expect(store.requests.map((request) => request.operation)).toEqual(["get", "get"]);
  }
});

test("a connection that breaks is taken up where it broke, and in the end the store is unavailable", async () => {
  const { store, pack, entry } = await setUp();
  let pieces = 0;
  store.onBody = async function* (_ref, body) {
    for await (const chunk of body) {
      yield chunk;
      if (++pieces % 4 === 0) throw new StoreUnavailable("cut");
    }
  };
  expect((await whole(readFile(store, { bucket: BUCKET, pack }, entry("d")))).equals(files.get("d") as Buffer)).toBe(
    true,
  );
  expect(store.requests.length).toBeGreaterThan(2);
  store.onBody = async function* () {
    yield* [];
    throw new StoreUnavailable("cut");
  };
  await expect(whole(readFile(store, { bucket: BUCKET, pack }, entry("d")))).rejects.toThrow(StoreUnavailable);
});

test("any changed byte of a segment is ObjectDamaged", async () => {
  const { store, pack, entry } = await setUp();
  const stored = store.versions(BUCKET, pack.key)[0];
  if (stored === undefined) throw new Error("no pack");
  const good = Buffer.from(stored.body);
  for (const key of ["a", "b", "d"]) {
    const { offset, length } = entry(key);
    for (let round = 0; round < 20; round++) {
      const bad = Buffer.from(good);
      const at = offset + Math.floor(next() * length);
      bad.writeUInt8(bad.readUInt8(at) ^ (1 << Math.floor(next() * 8)), at);
      stored.body = bad;
      const reads = [
        whole(readFile(store, { bucket: BUCKET, pack }, entry(key))),
        readSmallFile(store, { bucket: BUCKET, pack }, entry(key)),
      ];
      for (const read of await Promise.allSettled(reads)) {
        // A flipped bit in the flush mark or in deflate's padding may leave the content whole.
        if (read.status === "fulfilled") expect(sha256(read.value)).toBe(entry(key).sha256);
        else expect(read.reason).toBeInstanceOf(ObjectDamaged);
      }
    }
  }
  stored.body = good.subarray(0, entry("d").offset + 10);
  await expect(readSmallFile(store, { bucket: BUCKET, pack }, entry("d"))).rejects.toThrow(/fewer bytes|ended early/);
});

test("an index entry that lies is ObjectDamaged", async () => {
  const { store, pack, entry } = await setUp();
  const lies: Partial<IndexEntry>[] = [
    { crc32: 1 },
    { rawLength: 1024 },
    { sha256: "0".repeat(64) },
    { size: 4999 },
    { size: 1e6 },
    { length: 100 },
    { offset: 11 },
  ];
  for (const lie of lies) {
    const wrong = { ...entry("a"), ...lie };
    await expect(whole(readFile(store, { bucket: BUCKET, pack }, wrong))).rejects.toThrow(ObjectDamaged);
    await expect(readSmallFile(store, { bucket: BUCKET, pack }, wrong)).rejects.toThrow(ObjectDamaged);
  }
});

test("a delete marker on a pack hides nothing from a reader with the version id", async () => {
  const { store, pack, entry } = await setUp();
  await store.deleteBatch(BUCKET, [{ key: pack.key }]);
  expect((await readSmallFile(store, { bucket: BUCKET, pack }, entry("a"))).equals(files.get("a") as Buffer)).toBe(
    true,
  );
  await expect(readSmallFile(store, { bucket: BUCKET, pack: { key: pack.key } }, entry("a"))).rejects.toThrow(
    ObjectNotFound,
  );
});

describe("the database dump", () => {
  const dump = Buffer.concat([Buffer.from("PGDMP"), bytesOf(next, 400_000), Buffer.alloc(600_000, "row,")]);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < dump.length; at += 30_000) yield dump.subarray(at, at + 30_000);
  }
  const store = primaryStore();
  const store1 = (key: string, source: AsyncIterable<Uint8Array>) =>
    storeDump(source, new ObjectUpload(store, { bucket: BUCKET, key, lock: LOCK }));

  test("is a gzip file, knows its uncompressed size, and comes back verified", async () => {
    const stored = await store1("database.gz", pieces());
    const object = store.bytes(BUCKET, "database.gz");
    expect(gunzipSync(object).equals(dump)).toBe(true);
    expect(stored).toMatchObject({
      dumpSize: dump.length,
      dumpSha256: sha256(dump),
      sha256: sha256(object),
      size: object.length,
    });
    expect(stored.segment).toEqual({ offset: 10, length: object.length - 10 - 2 - 8 });
    expect((await whole(readDump(store, BUCKET, stored))).equals(dump)).toBe(true);
    await expect(whole(readDump(store, BUCKET, { ...stored, dumpSha256: "0" }))).rejects.toThrow(ObjectDamaged);
  });
  test("that fails leaves nothing, and its own failure surfaces", async () => {
    const failure = new Error("pg_dump ended with 1");
    async function* failing(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 40; i++) yield bytesOf(next, 1_000_000);
      throw failure;
    }
    await expect(store1("failed.gz", failing())).rejects.toBe(failure);
    expect(store.versions(BUCKET, "failed.gz")).toEqual([]);
    expect(store.uploads(BUCKET)).toEqual([]);
  });
});
