/** What S3 keeps beside a file's bytes goes into the index with it, and on from night to night. */
import { S3FileSource } from "../../lambda/pack/s3-file-source";
import type { IndexEntry } from "../../lambda/snapshot/file-index";
import { PLAIN_CONTENT_TYPE, type ObjectAttributes } from "../../lambda/storage/object-attributes";
import { AccessRefused } from "../../lambda/storage/storage-errors";
import type { MemoryStore } from "../support/memory-store";
import { ATTRIBUTES, DIFFICULT, someAttributes } from "../support/some-attributes";
import { contents, indexLines, packNight, primaryStore, seeded, type NightOptions, type NightResult } from "./support";

const ref = (key: string) => ({ bucket: "files", key: `app/${key}` });
const setUp = (versioned = true): MemoryStore => {
  const store = primaryStore();
  store.createBucket("files", { versioned });
  return store;
};
const put = (store: MemoryStore, key: string, attributes?: ObjectAttributes): Promise<unknown> =>
  store.put({
    ...ref(key),
    body: Buffer.from(`content of ${key}`),
    ...(attributes === undefined ? {} : { attributes }),
  });
const night = (
  store: MemoryStore,
  keys: readonly string[],
  more: Partial<NightOptions> & Pick<NightOptions, "night" | "base">,
): Promise<NightResult> =>
  packNight(store, {
    keys,
    source: new S3FileSource(store, { bucket: "files", prefix: "app/" }),
    random: seeded(more.night),
    ...more,
  });
const attributesIn = async (store: MemoryStore, packed: NightResult): Promise<Record<string, ObjectAttributes>> => {
  const lines = (await indexLines(store, packed)) as IndexEntry[];
  return Object.fromEntries(
    lines.flatMap(({ key, attributes }) => (attributes === undefined ? [] : [[key, attributes]])),
  );
};
const asked = (store: MemoryStore): string[] =>
  store.requests.filter(({ ref: { bucket } }) => bucket === "files").map(({ operation }) => operation);
/** As the version before wrote it: of no part is it said that its lines know attributes. */
const ofBefore = (packed: NightResult): NightResult => ({
  ...packed,
  parts: packed.parts.map(({ attributes: _unknown, ...part }) => part),
});

describe.each([true, false])("versioned: %s", (versioned) => {
  test("every attribute is kept, and goes on to the next night without a request", async () => {
    const all: Record<string, ObjectAttributes> = { ...ATTRIBUTES, ...DIFFICULT };
    for (let seed = 1; seed <= 20; seed++) all[`mixture ${seed}`] = someAttributes(seed);
    const store = setUp(versioned);
    for (const [key, attributes] of Object.entries(all)) await put(store, key, attributes);
    store.resetRequests();
    const first = await night(store, Object.keys(all), { night: 1, base: null });
    expect(await attributesIn(store, first)).toEqual(all);
    expect(asked(store).filter((operation) => operation === "get")).toHaveLength(Object.keys(all).length);
    expect(asked(store).filter((operation) => operation === "tags")).toHaveLength(
      Object.values(all).filter(({ tags }) => tags !== undefined).length,
    );
    store.resetRequests();
    const second = await night(store, Object.keys(all), { night: 2, base: first, repack: [] });
    expect(asked(store)).toEqual([]);
    expect(await attributesIn(store, second)).toEqual(all);
    const third = await night(store, Object.keys(all), {
      night: 3,
      base: second,
      repack: second.packs.map(({ packId }) => packId),
    });
    expect(await attributesIn(store, third)).toEqual(all);
  });
});

test("a plain file costs one request and has no attributes, from a put and from an upload that says so", async () => {
  const store = setUp();
  await put(store, "a");
  await put(store, "b", { contentType: PLAIN_CONTENT_TYPE });
  await put(store, "c", { tags: {}, metadata: {} });
  store.resetRequests();
  const packed = await night(store, ["a", "b", "c"], { night: 1, base: null });
  expect(asked(store)).toEqual(["get", "get", "get"]);
  expect(await attributesIn(store, packed)).toEqual({});
  expect(packed.parts.every(({ attributes }) => attributes === true)).toBe(true);
});

test("large files keep theirs too", async () => {
  const store = setUp();
  await put(store, "large", { contentType: "video/mp4", tags: { a: "b" } });
  const packed = await night(store, ["large"], { night: 1, base: null, limits: { smallFile: 4, packBytes: 8 } });
  expect(await attributesIn(store, packed)).toEqual({ large: { contentType: "video/mp4", tags: { a: "b" } } });
});

test("beneath a delete marker", async () => {
  const store = setUp();
  await put(store, "a", { contentLanguage: "nl", tags: { a: "b" } });
  await store.deleteBatch("files", [{ key: "app/a" }]);
  const packed = await night(store, ["a"], { night: 1, base: null });
  expect(await attributesIn(store, packed)).toEqual({ a: { contentLanguage: "nl", tags: { a: "b" } } });
});

test("the mark of one of our restores is none of the app's metadata; the app's own of that name is", async () => {
  const store = setUp();
  await put(store, "ours", { metadata: { "restore-id": `restore-${"0af5".repeat(8)}`, owner: "app" } });
  await put(store, "only ours", { metadata: { "restore-id": `restore-${"0af5".repeat(8)}` } });
  await put(store, "theirs", { metadata: { "restore-id": "restore-7" } });
  const packed = await night(store, ["ours", "only ours", "theirs"], { night: 1, base: null });
  expect(await attributesIn(store, packed)).toEqual({
    ours: { metadata: { owner: "app" } },
    theirs: { metadata: { "restore-id": "restore-7" } },
  });
});

test("without versions, tags of an object that came in between are never another's", async () => {
  const store = setUp(false);
  await put(store, "a", { tags: { of: "the first" } });
  let times = 0;
  store.onRequest = async (operation) => {
    if (operation !== "tags" || ++times > 1) return;
    await store.put({
      ...ref("a"),
      body: Buffer.from("second"),
      attributes: { tags: { of: "the second", and: "more" } },
    });
  };
  const packed = await night(store, ["a"], { night: 1, base: null });
  expect(await attributesIn(store, packed)).toEqual({ a: { tags: { of: "the second", and: "more" } } });
  expect((await contents(store, packed)).get("a")?.toString()).toBe("second");
});

test("a file that is gone when its tags are read is not there, and no failure", async () => {
  const store = setUp(false);
  await put(store, "a", { tags: { a: "b" } });
  store.onRequest = async (operation) => {
    if (operation === "tags") await store.deleteBatch("files", [{ key: "app/a" }]);
  };
  const packed = await night(store, ["a"], { night: 1, base: null });
  expect(packed.missingKeys).toEqual(["a"]);
});

test("tags that can't be read fail the backup: nothing is left out without a word", async () => {
  const store = setUp();
  await put(store, "a", { tags: { a: "b" } });
  store.onRequest = (operation) => {
    if (operation === "tags") throw new AccessRefused("Reading the tags of app/a is refused: AccessDenied");
  };
  await expect(night(store, ["a"], { night: 1, base: null })).rejects.toMatchObject({
    code: "FileBucketForbidden",
    message: expect.stringContaining("s3:GetObjectTagging"),
  });
});

test("08-files: an archived file fails the backup, with its name and what to do", async () => {
  const store = setUp();
  await put(store, "cold", { storageClass: "GLACIER" });
  await expect(night(store, ["cold"], { night: 1, base: null })).rejects.toMatchObject({
    code: "FileArchived",
    message:
      'Reading "app/cold" in the file bucket "files" failed: the file is archived (GLACIER) and can\'t be read; restore it there, or leave it out.',
  });
});

describe("after a snapshot of the version before, which kept no attributes", () => {
  const keys = ["changed", "gone", "hidden", "page", "plain"];
  const before = async (): Promise<{ store: MemoryStore; base: NightResult }> => {
    const store = setUp();
    for (const key of keys) await put(store, key);
    const base = ofBefore(await night(store, keys, { night: 1, base: null }));
    await put(store, "page", { contentType: "text/html", tags: { a: "b" } });
    await store.put({ ...ref("changed"), body: Buffer.from("other bytes"), attributes: { contentLanguage: "nl" } });
    await put(store, "hidden", { contentType: "text/css" });
    await store.deleteBatch("files", [{ key: "app/hidden" }]);
    for (const { versionId } of store.versions("files", "app/gone"))
      await store.deleteBatch("files", [{ key: "app/gone", versionId }]);
    store.resetRequests();
    return { store, base };
  };
  const expected = {
    changed: { contentLanguage: "nl" },
    hidden: { contentType: "text/css" },
    page: { contentType: "text/html", tags: { a: "b" } },
  };

  test("each file is asked about, once; what has other bytes is read; what is gone is still held", async () => {
    const { store, base } = await before();
    const second = await night(store, keys, { night: 2, base, repack: [] });
    expect(await attributesIn(store, second)).toEqual(expected);
    expect(Object.fromEntries(await contents(store, second))).toMatchObject({
      changed: Buffer.from("other bytes"),
      gone: Buffer.from("content of gone"),
    });
    expect(asked(store).filter((operation) => operation === "get")).toHaveLength(1);
    expect(asked(store).filter((operation) => operation === "head")).toHaveLength(keys.length + 1);
    store.resetRequests();
    await night(store, keys, { night: 3, base: second, repack: [] });
    expect(asked(store)).toEqual([]);
  });

  test("also where its packs are repacked", async () => {
    const { store, base } = await before();
    const second = await night(store, keys, { night: 2, base, repack: base.packs.map(({ packId }) => packId) });
    expect(await attributesIn(store, second)).toEqual(expected);
    expect((await contents(store, second)).get("plain")?.toString()).toBe("content of plain");
  });

  test("entries that say what they had are not asked about again, when a night is done by both versions", async () => {
    const { store } = await before();
    const known = await night(store, keys, { night: 4, base: null });
    store.resetRequests();
    await night(store, keys, { night: 5, base: ofBefore(known), repack: [] });
    expect(asked(store).filter((operation) => operation === "head")).toHaveLength(1);
  });
});
