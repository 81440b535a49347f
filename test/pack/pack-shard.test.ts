import { spawnSync } from "node:child_process";
import type { ShardProgress } from "../../lambda/catalog/items";
import type { FileSource, OpenFile } from "../../lambda/pack/file-source";
import { compareKeys, EVERYTHING } from "../../lambda/pack/key-order";
import { BaseIndexUnreadable } from "../../lambda/pack/merge";
import { packShard, type PackShardInput } from "../../lambda/pack/pack-shard";
import { S3FileSource } from "../../lambda/pack/s3-file-source";
import { keyOfTarPath } from "../../lambda/pack/tar-path";
import type { IndexEntry } from "../../lambda/snapshot/file-index";
import { AccessRefused, ObjectNotFound, StoreUnavailable } from "../../lambda/storage/storage-errors";
import type { MemoryStore } from "../support/memory-store";
import { BUCKET, bytesOf, contents, indexLines, LOCK, MapSource, packNight, PLACE, primaryStore, randomness, seeded, sha256, uuid, writeList, type NightOptions, type NightResult, type Packed } from "./support";

const KIB = 1024;
const SMALL = { packBytes: 64 * KIB, smallFile: 8 * KIB, partLines: 20, packsBetweenSaves: 3, files: 4, bytes: 32 * KIB, steps: 30 };
const next = seeded(1234);
const some = (sizes: Record<string, number>): Map<string, Buffer> => new Map(Object.entries(sizes).map(([key, size]) => [key, bytesOf(next, size)]));
const night = (store: MemoryStore, source: FileSource, keys: readonly string[], more: Partial<NightOptions> = {}): Promise<NightResult> =>
  packNight(store, { night: 1, keys, source, base: null, random: seeded(keys.length + 1000 * (more.night ?? 1)), limits: SMALL, ...more });
const summary = (files: ReadonlyMap<string, Buffer | undefined>): string[] =>
  [...files].toSorted(([a], [b]) => compareKeys(a, b)).map(([key, content]) => `${key} ${content === undefined ? "missing" : sha256(content)}`);

/** What `tar` finds in every pack of the bucket, per pack: key and hash. Throws when a pack isn't a valid archive. */
function unpacked(store: MemoryStore): string[] {
  const script = `
import hashlib, io, json, sys, tarfile
tar = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()), mode="r:gz")
print(json.dumps([[m.name, hashlib.sha256(tar.extractfile(m).read()).hexdigest()] for m in tar]))`;
  return store.versions(BUCKET).filter((version) => version.key.includes("/packs/")).flatMap((version) => {
    const run = spawnSync("python3", ["-c", script], { input: version.body, encoding: "utf8", maxBuffer: 1e9 });
    if (run.status !== 0) throw new Error(run.stderr);
    return (JSON.parse(run.stdout) as [string, string][]).map(([path, hash]) => `${keyOfTarPath(path)} ${hash}`);
  });
}

describe("requests", () => {
  test("a second night with 1 % of 5,000 files changed: one request a changed file, one pack more, no repacking", async () => {
    const store = primaryStore();
    store.createBucket("files", { versioned: true });
    const keys = Array.from({ length: 5000 }, () => uuid(next));
    const write = (key: string): Promise<unknown> => store.put({ bucket: "files", key: `app/${key}`, body: bytesOf(next, Math.floor(next() ** 4 * 50_000)) });
    for (const key of keys) await write(key);
    const source = new S3FileSource(store, { bucket: "files", prefix: "app/" });
    const random = seeded(5);
    const first = await packNight(store, { night: 1, keys, source, base: null, random });
    // Files are never overwritten: a change is a new key for an old one.
    const added = Array.from({ length: 50 }, () => uuid(next));
    for (const key of added) await write(key);
    store.resetRequests();
    const second = await packNight(store, { night: 2, keys: [...keys.slice(50), ...added], source, base: first, random });
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
    Object.defineProperty(limits, "largestFile", { enumerable: true, get: () => (asTask ? Number.POSITIVE_INFINITY : 80 * KIB) });
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
    const list = await listOf(store, [{ key: "a", size: 5 }, { key: "big", size: 2 ** 40 }]);
    source.files.set("a", Buffer.from("12345"));
    expect(await packShard({ ...input, list })).toBe("task");
    expect(source.opened).toEqual(["a"]);
    expect(saved()).toMatchObject({ after: "a", done: false });
  });
});

describe("a file that changes or goes while it is read", () => {
  /** Breaks reading `key` in ways that a test gives, once for each opening. */
  const misbehaving = (files: Map<string, Buffer>, key: string, ways: ((file: OpenFile) => OpenFile)[]): MapSource => {
    const source = new MapSource(files);
    const plain = source.open.bind(source);
    source.open = async (wanted) => {
      const file = await plain(wanted);
      const way = wanted === key ? ways.shift() : undefined;
      return way === undefined ? file : way(file);
    };
    return source;
  };
  const brokenAfter = (bytes: number) => (file: OpenFile): OpenFile => ({
    ...file,
    body: (async function* () {
      let given = 0;
      for await (const chunk of file.body) {
        yield chunk.subarray(0, bytes - given);
        given += chunk.length;
        if (given >= bytes) throw new StoreUnavailable("the connection broke");
      }
    })(),
  });
  const shortBy = (bytes: number) => (file: OpenFile): OpenFile => ({ ...file, size: file.size + bytes });

  test.each([2, 6 * KIB])("a small one (%d bytes) is read again from the start", async (size) => {
    const store = primaryStore();
    const files = some({ a: 10, b: size, c: 10 });
    const packed = await night(store, misbehaving(files, "b", [brokenAfter(1), shortBy(3)]), ["a", "b", "c"]);
    expect(summary(await contents(store, packed))).toEqual(summary(files));
    expect(unpacked(store).toSorted()).toEqual(summary(files));
  });

  test("after three tries the shard fails with one sentence, and nothing half packed is left", async () => {
    const store = primaryStore();
    const files = some({ a: 10, b: 2000, c: 10 });
    const attempt = (ways: ((file: OpenFile) => OpenFile)[]) => night(store, misbehaving(files, "b", ways), ["a", "b", "c"]);
    await expect(attempt([shortBy(1), shortBy(1), shortBy(1)])).rejects.toMatchObject({ name: "FileKeepsChanging", message: expect.stringMatching(/^The file "b" changed while it was read, 3 times;/) });
    await expect(packNight(store, { night: 2, keys: ["a", "b", "c"], source: misbehaving(files, "b", [brokenAfter(5), brokenAfter(5), brokenAfter(5)]), base: null, random: seeded(9), limits: SMALL })).rejects.toMatchObject({ name: "FileUnreadable" });
    expect(store.versions(BUCKET).filter((version) => version.key.includes("/packs/"))).toEqual([]);
    expect(store.uploads(BUCKET)).toEqual([]);
  });

  test("that goes between two readings is missing", async () => {
    const store = primaryStore();
    const files = some({ a: 10, b: 2000, c: 10 });
    const packed = await night(store, misbehaving(files, "b", [(file) => (files.delete("b"), brokenAfter(5)(file))]), ["a", "b", "c"]);
    expect(packed.missingKeys).toEqual(["b"]);
  });

  test.each([true, false])("a large one is resumed where it broke (versioned: %s)", async (versioned) => {
    const store = primaryStore();
    store.createBucket("files", { versioned });
    const content = bytesOf(next, 3_000_000);
    await store.put({ bucket: "files", key: "big", body: content });
    let given = 0;
    store.onBody = async function* (ref, body) {
      for await (const chunk of body) {
        yield chunk;
        if (ref.key === "big" && ++given % 10 === 0) throw new StoreUnavailable("cut");
      }
    };
    const packed = await night(store, new S3FileSource(store, { bucket: "files", prefix: "" }), ["big"]);
    store.onBody = undefined;
    expect(summary(await contents(store, packed))).toEqual(summary(new Map([["big", content]])));
    expect(given).toBeLessThan(60); // never from the start again
  });

  test("a large one that is overwritten in the middle is packed anew, and the first half is nowhere", async () => {
    const store = primaryStore();
    store.createBucket("files");
    const [before, after] = [bytesOf(next, 3_000_000), bytesOf(next, 2_000_000)];
    const put = (key: string, body: Buffer): Promise<unknown> => store.put({ bucket: "files", key, body });
    await put("a", Buffer.from("first"));
    await put("big", before);
    await put("c", Buffer.from("last"));
    let given = 0;
    store.onBody = async function* (ref, body) {
      for await (const chunk of body) {
        yield chunk;
        if (ref.key !== "big" || ++given !== 10) continue;
        await put("big", after);
        throw new StoreUnavailable("cut");
      }
    };
    const source = new S3FileSource(store, { bucket: "files", prefix: "" });
    const packed = await night(store, source, ["a", "big", "c"], { limits: { ...SMALL, packBytes: 512 * KIB * KIB } });
    store.onBody = undefined;
    const wanted = summary(new Map([["a", Buffer.from("first")], ["big", after], ["c", Buffer.from("last")]]));
    expect(summary(await contents(store, packed))).toEqual(wanted);
    expect(unpacked(store).toSorted()).toEqual(wanted);
    expect(store.uploads(BUCKET)).toEqual([]);
  });

  test("a large one that is overwritten each time fails the shard", async () => {
    const store = primaryStore();
    store.createBucket("files");
    await store.put({ bucket: "files", key: "big", body: bytesOf(next, 300_000) });
    store.onBody = async function* (ref, body) {
      for await (const chunk of body) {
        yield chunk;
        if (ref.key !== "big") continue;
        await store.put({ bucket: "files", key: "big", body: bytesOf(next, 300_000) });
        throw new StoreUnavailable("cut");
      }
    };
    await expect(night(store, new S3FileSource(store, { bucket: "files", prefix: "" }), ["big"])).rejects.toMatchObject({ name: "FileKeepsChanging" });
    expect(store.uploads(BUCKET)).toEqual([]);
    expect(unpacked(store)).toEqual([]);
  });
});

describe("damage in what is carried on", () => {
  async function twoNights(change: (store: MemoryStore, first: NightResult) => void | Promise<void>, files = some({ a: 3000, b: 3000, c: 20 * KIB, d: 3000 })) {
    const store = primaryStore();
    const source = new MapSource(files);
    const keys = [...files.keys()];
    const first = await night(store, source, keys);
    await change(store, first);
    source.opened = [];
    const warnings: string[] = [];
    const log = { warn: (message: string, details?: Record<string, unknown>) => void warnings.push(`${message} ${String(details?.key)}`) };
    const second = (): Promise<NightResult> => night(store, source, keys, { night: 2, base: first, repack: first.packs.map((pack) => pack.packId), log });
    return { store, source, files, warnings, second };
  }
  const damage = async (store: MemoryStore, first: NightResult, key: string): Promise<void> => {
    const line = (await indexLines(store, first)).find((one) => one.key === key) as IndexEntry;
    const version = store.versions(BUCKET).find((one) => one.key.includes(line.pack));
    flip(version?.body, line.offset + Math.floor(line.length / 2));
  };

  test("an undamaged pack is copied without its source, with one sequential GET", async () => {
    const { store, source, files, second } = await twoNights(() => undefined);
    store.resetRequests();
    const packed = await second();
    expect(source.opened).toEqual([]);
    // "c" is large: it is checked by a request of its own before it is copied.
    expect(store.requests.filter((request) => request.operation === "get" && request.ref.key?.includes("/packs/"))).toHaveLength(2);
    expect(summary(await contents(store, packed))).toEqual(summary(files));
    expect(unpacked(store)).toHaveLength(8);
  });
  test.each(["b", "c"])("a damaged segment (%s) is not carried on: its file is read from the source again", async (key) => {
    const { store, source, files, warnings, second } = await twoNights((stored, first) => damage(stored, first, key));
    const packed = await second();
    expect(source.opened).toEqual([key]);
    expect(warnings).toEqual([`A stored file is damaged and is read from its source again. ${key}`]);
    expect(summary(await contents(store, packed))).toEqual(summary(files));
  });
  test("a pack that is gone is read from the source again", async () => {
    const { store, source, files, second } = await twoNights(() => undefined);
    store.onRequest = (operation, ref) => {
      if (operation === "get" && ref.key?.includes("/packs/") === true) throw new ObjectNotFound("gone");
    };
    const packed = await second();
    store.onRequest = undefined;
    expect(source.opened.toSorted()).toEqual([...files.keys()]);
    expect(summary(await contents(store, packed))).toEqual(summary(files));
  });
  test("a connection that breaks while a pack is copied is taken up", async () => {
    const { store, source, files, second } = await twoNights(() => undefined, some(Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`k${1000 + i}`, 7000]))));
    let pieces = 0;
    store.onBody = async function* (ref, body) {
      for await (const chunk of body) {
        yield chunk.subarray(0, 10_000);
        if (ref.key.includes("/packs/") && chunk.length > 10_000 && ++pieces > 0) throw new StoreUnavailable("cut");
        yield chunk.subarray(10_000);
      }
    };
    const packed = await second();
    store.onBody = undefined;
    expect(pieces).toBeGreaterThan(10);
    expect(source.opened).toEqual([]);
    expect(summary(await contents(store, packed))).toEqual(summary(files));
  });
  test("a damaged previous index is BaseIndexUnreadable, and so is one that names an unknown pack", async () => {
    const files = some({ a: 10, b: 10 });
    const store = primaryStore();
    const first = await night(store, new MapSource(files), ["a", "b"]);
    await expect(night(store, new MapSource(files), ["a", "b"], { night: 2, base: { ...first, packs: [] } })).rejects.toThrow(BaseIndexUnreadable);
    flip(store.versions(BUCKET, first.parts[0]?.key)[0]?.body, 30);
    await expect(night(store, new MapSource(files), ["a", "b"], { night: 3, base: first })).rejects.toThrow(/^The previous snapshot's file index can't be used: The object/);
  });
});

/** Changes one bit of what is stored. */
function flip(body: Uint8Array | undefined, at: number): void {
  if (body?.[at] === undefined) throw new Error("There is no such byte to damage.");
  body[at] ^= 0x40;
}

async function listOf(store: MemoryStore, lines: readonly { key: string; size?: number }[]) {
  const { ListWriter } = await import("../../lambda/pack/index-io");
  const writer = new ListWriter(store, { bucket: BUCKET, keyOf: (n) => `own-list-${n}` });
  for (const line of lines) await writer.add(line);
  return writer.finish();
}

async function shard(store: MemoryStore, source: FileSource, keys: readonly string[]): Promise<{ input: PackShardInput; saved: () => ShardProgress | undefined }> {
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
    list: await writeList(store, 1, keys),
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
  const files = some(Object.fromEntries(Array.from({ length: 45 }, (_, i) => [`k${100 + i}`, i % 9 === 0 ? 20 * KIB : 5 * KIB])));
  for (let at = 0, crashed = true; crashed; at++) {
    const store = primaryStore();
    const { input, saved } = await shard(store, new MapSource(files), [...files.keys()]);
    const pack = (progress: ShardProgress | undefined) => packShard({ ...input, limits: { ...SMALL, ...limits }, progress });
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
    expect(summary(await contents(store, { parts: progress?.parts ?? [], packs: progress?.packs ?? [] }))).toEqual(summary(files));
    expect(at).toBeLessThan(500);
  }
});

test("a failure leaves no unfinished upload, however large the open pack was", async () => {
  const store = primaryStore();
  const files = some({ a: 6_000_000, b: 6_000_000, c: 6_000_000, d: 6_000_000 });
  const inner = new MapSource(files);
  const refused = new AccessRefused("403");
  const source: FileSource = { open: async (key) => (key === "d" ? Promise.reject(refused) : inner.open(key)) };
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
  const packed = await night(store, new MapSource(files), [...files.keys()], { remainingMs: () => 0, onOutcome: () => calls++ });
  expect(calls).toBe(12);
  expect(summary(await contents(store, packed))).toEqual(summary(files));
});
