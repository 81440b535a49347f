/** The packer: requests, packs, large files, crashes. */
import type { ShardProgress } from "../../lambda/catalog/items";
import type { FileSource, OpenFile } from "../../lambda/pack/file-source";
import { ListWriter } from "../../lambda/pack/index-io";
import { EVERYTHING } from "../../lambda/pack/key-order";
import { packShard, type PackShardInput } from "../../lambda/pack/pack-shard";
import { S3FileSource } from "../../lambda/pack/s3-file-source";
import type { IndexEntry } from "../../lambda/snapshot/file-index";
import { AccessRefused, StoreUnavailable } from "../../lambda/storage/storage-errors";
import type { MemoryStore } from "../support/memory-store";
import { KIB, night, SMALL, someFiles, summary, unpacked } from "./small-nights";
import {
  BUCKET,
  bytesOf,
  contents,
  indexLines,
  LOCK,
  MapSource,
  packNight,
  PLACE,
  primaryStore,
  randomness,
  seeded,
  uuid,
  linesOf,
  writeList,
  type Packed,
  unasked,
} from "./support";

const next = seeded(1234);
const some = someFiles(next);

describe("requests", () => {
  test("a second night with 1 % of 5,000 files changed: one request a changed file, one pack more, no repacking", async () => {
    const store = primaryStore();
    store.createBucket("files", { versioned: true });
    const keys = Array.from({ length: 5000 }, () => uuid(next));
    const write = (key: string): Promise<unknown> =>
      store.put({ bucket: "files", key: `app/${key}`, body: bytesOf(next, Math.floor(next() ** 4 * 50_000)) });
    for (const key of keys) await write(key);
    const source = new S3FileSource(store, { bucket: "files", prefix: "app/" });
    const random = seeded(5);
    const first = await packNight(store, { night: 1, keys, source, base: null, random });
    // Files are never overwritten: a change is a new key for an old one.
    const added = Array.from({ length: 50 }, () => uuid(next));
    for (const key of added) await write(key);
    store.resetRequests();
    const second = await packNight(store, {
      night: 2,
      keys: [...keys.slice(50), ...added],
      source,
      base: first,
      random,
    });
    const counted = store.requests.filter((request) => request.ref.bucket === "files").length;
    expect(counted).toBe(50);
    // The list: written and read in segments of 700 here; the index: read once and written once; the pack: one put.
    const list = store.requests.filter((request) => request.ref.key?.includes("/list/")).length;
    expect(store.requests.length - counted - list).toBe(3);
    expect(second.repacked).toEqual([]);
    expect(second.packs.length).toBe(first.packs.length + 1);
    expect((await contents(store, second)).size).toBe(5000);
  });

  test("ninety nights of 0.1 %: at most a dozen packs more than the bytes need, and every file is there", async () => {
    const store = primaryStore();
    const files = new Map(Array.from({ length: 1000 }, () => [uuid(next), bytesOf(next, 300)]));
    const source = new MapSource(files);
    const random = seeded(6);
    let base: Packed | null = null;
    for (let count = 1; count <= 90; count++) {
      for (let i = 0; i < 2; i++) {
        const gone = [...files.keys()][Math.floor(next() * files.size)] as string;
        files.delete(gone);
        files.set(uuid(next), bytesOf(next, 300));
      }
      base = await packNight(store, { night: count, keys: [...files.keys()], source, base, random });
      expect(base.packs.length).toBeLessThanOrEqual(13);
    }
    expect(summary(await contents(store, base as Packed))).toEqual(summary(files));
  });
});

describe("large files", () => {
  test("are streamed between the small ones; one as large as a pack gets its own", async () => {
    const store = primaryStore();
    const files = some({ a: 100, b: 30 * KIB, c: 200 * KIB, d: 100, e: 20 * KIB, f: 70 * KIB, g: 0 });
    const packed = await night(store, new MapSource(files), [...files.keys()]);
    expect(summary(await contents(store, packed))).toEqual(summary(files));
    const lines = (await indexLines(store, packed)) as IndexEntry[];
    const packOf = (key: string): string => lines.find((line) => line.key === key)?.pack ?? "";
    expect(lines.filter((line) => line.pack === packOf("c")).map((line) => line.key)).toEqual(["c"]);
    expect(packOf("a")).toBe(packOf("e")); // the open pack waited
    expect(unpacked(store).toSorted()).toEqual(summary(files));
  });

  test("beyond the limit are left to the task, unread; the task goes on where the packer stopped", async () => {
    const store = primaryStore();
    const files = some({ a: 100, b: 100, c: 90 * KIB, d: 100, e: 95 * KIB, f: 10 });
    const bodies: string[] = [];
    const inner = new MapSource(files);
    const source: FileSource = {
      ...unasked,
      open: async (key) => {
        const file = await inner.open(key);
        return { ...file, body: watched(key, file) };
      },
    };
    async function* watched(key: string, file: OpenFile): AsyncGenerator<Uint8Array> {
      let read = 0;
      try {
        for await (const chunk of file.body) {
          yield chunk;
          read += chunk.length;
        }
      } finally {
        bodies.push(`${key} ${read}`);
      }
    }
    const outcomes: string[] = [];
    let asTask = false;
    const limits = { ...SMALL };
    Object.defineProperty(limits, "largestFile", {
      enumerable: true,
      get: () => (asTask ? Number.POSITIVE_INFINITY : 80 * KIB),
    });
    const packed = await night(store, source, [...files.keys()], {
      limits,
      onOutcome: (outcome) => {
        outcomes.push(outcome);
        asTask = outcome === "task";
      },
    });
    expect(outcomes).toEqual(["task", "done"]);
    expect(bodies).toContain("c 0"); // given up
    expect(summary(await contents(store, packed))).toEqual(summary(files));
  });

  test("of a size known from the list are not even opened", async () => {
    const store = primaryStore();
    const source = new MapSource(some({ big: 10 }));
    const { input, saved } = await shard(store, source, []);
    const list = await listOf(store, [
      { key: "a", size: 5 },
      { key: "big", size: 2 ** 40 },
    ]);
    source.files.set("a", Buffer.from("12345"));
    expect(await packShard({ ...input, list })).toBe("task");
    expect(source.opened).toEqual(["a"]);
    expect(saved()).toMatchObject({ after: "a", done: false });
  });
});

async function listOf(store: MemoryStore, lines: readonly { key: string; size?: number }[]) {
  const writer = new ListWriter(store, { bucket: BUCKET, keyOf: (n) => `own-list-${n}` });
  for (const line of lines) await writer.add(line);
  return writer.finish();
}

async function shard(
  store: MemoryStore,
  source: FileSource,
  keys: readonly string[],
): Promise<{ input: PackShardInput; saved: () => ShardProgress | undefined }> {
  let progress: ShardProgress | undefined;
  const input: PackShardInput = {
    store,
    bucket: BUCKET,
    place: PLACE,
    snapshotId: "s1",
    attemptId: "a1",
    lock: LOCK,
    random: randomness(next),
    saveProgress: async (saved) => void (progress = structuredClone(saved)),
    source,
    shard: 0,
    range: EVERYTHING,
    list: await writeList(store, 1, linesOf(keys)),
    base: null,
    repack: [],
    progress: undefined,
    remainingMs: () => 900_000,
    limits: SMALL,
  };
  return { input, saved: () => progress };
}

test.each([
  ["saved after every pack", { packsBetweenSaves: 1 }],
  ["with parts that end while a pack is open", { packsBetweenSaves: 3, partLines: 4 }],
])("a crash at any request, %s: the next call goes on from the last save and completes", async (_name, limits) => {
  const files = some(
    Object.fromEntries(Array.from({ length: 45 }, (_, i) => [`k${100 + i}`, i % 9 === 0 ? 20 * KIB : 5 * KIB])),
  );
  for (let at = 0, crashed = true; crashed; at++) {
    const store = primaryStore();
    const { input, saved } = await shard(store, new MapSource(files), [...files.keys()]);
    const pack = (progress: ShardProgress | undefined) =>
      packShard({ ...input, limits: { ...SMALL, ...limits }, progress });
    crashed = false;
    let requests = 0;
    store.onRequest = () => {
      if (requests++ === at) crashed = true;
      if (crashed) throw new StoreUnavailable("crash"); // and nothing after it gets through
    };
    const first = await pack(undefined).catch((error: unknown) => error);
    store.onRequest = undefined;
    if (!crashed) expect(first).toBe("done");
    expect(await pack(saved())).toBe("done");
    const progress = saved();
    expect(progress?.done).toBe(true);
    expect(summary(await contents(store, { parts: progress?.parts ?? [], packs: progress?.packs ?? [] }))).toEqual(
      summary(files),
    );
    expect(at).toBeLessThan(500);
  }
});

test("a failure leaves no unfinished upload, however large the open pack was", async () => {
  const store = primaryStore();
  const files = some({ a: 6_000_000, b: 6_000_000, c: 6_000_000, d: 6_000_000 });
  const inner = new MapSource(files);
  const refused = new AccessRefused("403");
  const source: FileSource = {
    ...unasked,
    open: async (key) => (key === "d" ? Promise.reject(refused) : inner.open(key)),
  };
  let most = 0;
  store.onReply = () => void (most = Math.max(most, store.uploads(BUCKET).length));
  await expect(night(store, source, [...files.keys()], { limits: { files: 1 } })).rejects.toBe(refused);
  expect(most).toBe(1); // there was one to give up
  expect(store.uploads(BUCKET)).toEqual([]);
});

test("a shard without any line is done, with nothing stored", async () => {
  const store = primaryStore();
  const packed = await night(store, new MapSource(new Map()), []);
  expect(packed).toMatchObject({ parts: [], packs: [] });
  expect(store.versions(BUCKET)).toEqual([]);
});

test("a call that has no time gets further all the same, and every save is whole", async () => {
  const store = primaryStore();
  const files = some(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`k${i}`, 100])));
  let calls = 0;
  const packed = await night(store, new MapSource(files), [...files.keys()], {
    remainingMs: () => 0,
    onOutcome: () => calls++,
  });
  expect(calls).toBe(12);
  expect(summary(await contents(store, packed))).toEqual(summary(files));
});
