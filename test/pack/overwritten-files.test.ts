/**
 * Files that an app overwrites in place, named by a query without a marker: every night's snapshot holds what stood there
 * that night. Lists are made as the database task makes them, files are read as the packer reads them.
 */
import { comparedByListing } from "../../lambda/database-task/compare-by-listing";
import { compareKeys } from "../../lambda/pack/key-order";
import { S3FileSource } from "../../lambda/pack/s3-file-source";
import type { IndexEntry, ListLine } from "../../lambda/snapshot/file-index";
import type { ObjectAttributes } from "../../lambda/storage/object-attributes";
import { MemoryStore } from "../support/memory-store";
import { BUCKET, contents, indexLines, packNight, seeded, type NightResult } from "./support";

const FILES = "files";
const PREFIX = "app/";

class World {
  readonly store: MemoryStore;
  readonly named = new Set<string>();
  night = 0;
  base: NightResult | null = null;
  /** Milliseconds between what happens. */
  step = 5_000;
  private time = Date.parse("2026-12-01T00:00:00.001Z");
  private readonly source: S3FileSource;

  constructor(versioned = true) {
    this.store = new MemoryStore({ now: () => new Date(this.time), pageLimit: 7 });
    this.store.createBucket(BUCKET, { objectLock: true });
    this.store.createBucket(FILES, { versioned });
    this.source = new S3FileSource(this.store, { bucket: FILES, prefix: PREFIX });
  }

  async put(key: string, content: string, attributes?: ObjectAttributes): Promise<string> {
    this.time += this.step;
    this.named.add(key);
    const ref = { bucket: FILES, key: PREFIX + key };
    const { versionId = "" } = await this.store.put({
      ...ref,
      body: Buffer.from(content),
      ...(attributes === undefined ? {} : { attributes }),
    });
    return versionId;
  }
  async putInParts(key: string, content: string): Promise<void> {
    this.time += this.step;
    this.named.add(key);
    const ref = { bucket: FILES, key: PREFIX + key };
    const uploadId = await this.store.createMultipart(ref);
    const part = await this.store.uploadPart(ref, uploadId, 1, Buffer.from(content));
    await this.store.completeMultipart(ref, uploadId, [part], {});
  }
  async remove(key: string): Promise<void> {
    this.time += this.step;
    await this.store.deleteBatch(FILES, [{ key: PREFIX + key }]);
  }

  /** A backup; `between` happens after the list has been made and before the first file is read. */
  async backUp(between?: () => Promise<void>, immutable = false): Promise<Map<string, string | undefined>> {
    this.time += this.step;
    this.night++;
    const lines: ListLine[] = [];
    for await (const line of immutable
      ? this.names()
      : comparedByListing(this.store, { bucket: FILES, prefix: PREFIX }, this.names()))
      lines.push(line);
    await between?.();
    this.store.resetRequests();
    const next = seeded(this.night);
    const result: NightResult = await packNight(this.store, {
      night: this.night,
      keys: [],
      lines: eachOf(lines),
      source: this.source,
      base: this.base,
      random: next,
    });
    this.base = result;
    const held = await contents(this.store, result);
    return new Map([...held].map(([key, content]) => [key, content?.toString()]));
  }
  entry = async (key: string): Promise<IndexEntry> => {
    const lines = this.base === null ? [] : await indexLines(this.store, this.base);
    return lines.find((line) => line.key === key) as IndexEntry;
  };
  reads(): string[] {
    return this.store.requests
      .filter(({ operation, ref }) => operation === "get" && ref.bucket === FILES)
      .map(({ ref }) => (ref.key ?? "").slice(PREFIX.length));
  }
  private async *names(): AsyncGenerator<ListLine> {
    for (const key of [...this.named].toSorted(compareKeys)) yield { key };
  }
}
async function* eachOf<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all;
}

describe.each([true, false])("versioned: %s", (versioned) => {
  test("08-files: doc is overwritten, and the second snapshot has the second version", async () => {
    const world = new World(versioned);
    await world.put("doc", "first");
    await world.put("other", "stays");
    expect((await world.backUp()).get("doc")).toBe("first");
    await world.put("doc", "second version, longer");
    expect((await world.backUp()).get("doc")).toBe("second version, longer");
    expect(world.reads()).toEqual(["doc"]);
    await world.backUp();
    expect(world.reads()).toEqual([]);
  });

  test("overwritten with as many bytes, from a put and from an upload in parts", async () => {
    const world = new World(versioned);
    await world.put("a", "one");
    await world.putInParts("b", "one");
    await world.backUp();
    await world.putInParts("a", "two");
    await world.putInParts("b", "two");
    expect(Object.fromEntries(await world.backUp())).toEqual({ a: "two", b: "two" });
  });

  test("written again with the same bytes and other attributes, which leaves ETag and size", async () => {
    const world = new World(versioned);
    const versionId = await world.put("page", "x", { contentType: "text/plain" });
    await world.backUp();
    expect((await world.entry("page")).attributes).toEqual({ contentType: "text/plain" });
    await world.put("page", "x", { contentType: "text/html", tags: { a: "b" } });
    await world.backUp();
    expect((await world.entry("page")).attributes).toEqual({ contentType: "text/html", tags: { a: "b" } });
    const place = { bucket: FILES, key: `${PREFIX}page` };
    if (versioned)
      await world.store.copy({ ...place, versionId }, { ...place, attributes: { contentType: "text/css" } });
    else await world.put("page", "x", { contentType: "text/css" });
    await world.backUp();
    expect((await world.entry("page")).attributes).toEqual({ contentType: "text/css" });
  });

  test("overwritten after it was listed, and back before the next night", async () => {
    const world = new World(versioned);
    await world.put("a", "first");
    const held = await world.backUp(async () => void (await world.put("a", "second")));
    expect(held.get("a")).toBe("second");
    await world.put("a", "first");
    expect((await world.backUp()).get("a")).toBe("first");
  });

  test("the same within one second", async () => {
    const world = new World(versioned);
    world.step = 1;
    await world.put("a", "first");
    const held = await world.backUp(async () => void (await world.put("a", "other")));
    expect(held.get("a")).toBe("other");
    await world.put("a", "first");
    expect((await world.backUp()).get("a")).toBe("first");
  });

  test("appears after the listing; is gone after the listing; is back", async () => {
    const world = new World(versioned);
    world.named.add("late");
    await world.put("gone", "was here");
    const first = await world.backUp(async () => {
      await world.put("late", "came late");
      await world.remove("gone");
    });
    expect(Object.fromEntries(first)).toEqual({ late: "came late", gone: versioned ? "was here" : undefined });
    await world.put("gone", "back again");
    expect((await world.backUp()).get("gone")).toBe("back again");
    await world.backUp();
    expect(world.reads()).toEqual([]);
  });
});

test("beneath a delete marker another version is the newest by the next night", async () => {
  const world = new World();
  await world.put("a", "old");
  await world.remove("a");
  expect((await world.backUp()).get("a")).toBe("old");
  await world.put("a", "new");
  await world.remove("a");
  expect((await world.backUp()).get("a")).toBe("new");
});

test("beneath a delete marker, then written anew with the same bytes and other attributes", async () => {
  const world = new World();
  await world.put("a", "x", { contentType: "text/plain" });
  await world.remove("a");
  await world.backUp();
  expect((await world.entry("a")).attributes).toEqual({ contentType: "text/plain" });
  await world.put("a", "x", { contentType: "text/html" });
  await world.backUp();
  expect((await world.entry("a")).attributes).toEqual({ contentType: "text/html" });
});

test("beneath a delete marker, and backed up while keys were said to be immutable", async () => {
  const world = new World();
  await world.put("a", "old");
  await world.remove("a");
  await world.backUp(undefined, true);
  await world.put("a", "new");
  await world.remove("a");
  expect((await world.backUp(undefined, true)).get("a")).toBe("old");
  expect((await world.backUp()).get("a")).toBe("new");
});

test("what a source with immutable keys was backed up as is not read again when it is compared from now on", async () => {
  const world = new World();
  for (const key of ["a", "b", "c"]) await world.put(key, `content of ${key}`);
  await world.backUp(undefined, true);
  expect((await world.entry("a")).marker).toBeUndefined();
  await world.put("b", "changed");
  expect((await world.backUp()).get("b")).toBe("changed");
  expect(world.reads()).toEqual(["b"]);
  expect((await world.entry("a")).marker).toMatch(/^[0-9a-f]{32}\/12\/\d+$/);
});

test("markers from before dates were part of them count", async () => {
  const world = new World();
  await world.put("a", "stays");
  await world.backUp();
  const { etag, size } = await world.entry("a");
  const base = world.base as NightResult;
  const next = await packNight(world.store, {
    night: 50,
    keys: ["a"],
    markers: new Map([["a", `${etag}/${size}`]]),
    base,
    random: seeded(1),
    source: new S3FileSource(world.store, { bucket: FILES, prefix: PREFIX }),
  });
  world.base = next;
  expect((await world.entry("a")).marker).toBe(`${etag}/${size}`);
  await world.backUp();
  expect(world.reads()).toEqual([]);
  expect((await world.entry("a")).marker).toMatch(/\/\d+$/);
});

describe.each([1, 2, 3, 4, 5, 6])("random nights, seed %d", (seed) => {
  test("every night holds what stood there", async () => {
    const next = seeded(seed);
    const world = new World(seed % 2 === 0);
    const keys = ["a", "a/", "a/b", "b", "\u{1f600}", "\ue000", " ", "z".repeat(900), "ä", "0", "doc"];
    const model = new Map<string, string | undefined>();
    const pick = (): string => keys[Math.floor(next() * keys.length)] ?? "a";
    for (let night = 0; night < 10; night++) {
      for (let i = 0; i < 6; i++) {
        const key = pick();
        const content = "x".repeat(Math.floor(next() * 3)) + Math.floor(next() * 3);
        if (next() < 0.2) {
          world.named.add(key);
          await world.remove(key);
          if (seed % 2 !== 0) model.set(key, undefined);
          else if (!model.has(key)) model.set(key, undefined);
        } else {
          if (next() < 0.3) await world.putInParts(key, content);
          else await world.put(key, content);
          model.set(key, content);
        }
      }
      // Others' files, between ours.
      await world.store.put({ bucket: FILES, key: `${PREFIX}${pick()}-of others`, body: Buffer.from("x") });
      await world.store.put({ bucket: FILES, key: `another/${pick()}`, body: Buffer.from("x") });
      expect(Object.fromEntries(await world.backUp())).toEqual(Object.fromEntries(model));
    }
  });
});
