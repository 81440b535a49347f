import { S3FileSource } from "../../lambda/pack/s3-file-source";
import { ObjectChanged, ObjectNotFound, StoreUnavailable } from "../../lambda/storage/storage-errors";
import { AccessRefused } from "../../lambda/storage/storage-errors";
import { MemoryStore } from "../support/memory-store";

async function setUp(versioned: boolean): Promise<{
  store: MemoryStore;
  source: S3FileSource;
  put: (key: string, text: string) => Promise<void>;
  mark: (key: string) => Promise<void>;
}> {
  const store = new MemoryStore();
  store.createBucket("files", { versioned });
  return {
    store,
    source: new S3FileSource(store, { bucket: "files", prefix: "app/" }),
    put: async (key, text) => void (await store.put({ bucket: "files", key: `app/${key}`, body: Buffer.from(text) })),
    mark: async (key) => void (await store.deleteBatch("files", [{ key: `app/${key}` }])),
  };
}
const text = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  let all = "";
  for await (const chunk of body) all += Buffer.from(chunk).toString();
  return all;
};
const operations = (store: MemoryStore): string[] => store.requests.map((request) => request.operation);

test("a file is one request", async () => {
  const { store, source, put } = await setUp(true);
  await put("a", "hello");
  store.resetRequests();
  const file = await source.open("a");
  expect(file).toMatchObject({ size: 5, etag: expect.any(String), version: expect.any(String) });
  expect(await text(file.body)).toBe("hello");
  expect(operations(store)).toEqual(["get"]);
});

test("a file deleted since is read beneath its marker, the newest version of exactly that key (rule 9)", async () => {
  const { store, source, put, mark } = await setUp(true);
  await put("a", "old");
  await put("a", "newest");
  await put("ab", "another");
  await mark("a");
  await mark("a");
  store.resetRequests();
  const file = await source.open("a");
  expect(await text(file.body)).toBe("newest");
  expect(file.version).toBe(store.versions("files", "app/a").find((version) => !version.isDeleteMarker)?.versionId);
  expect(operations(store)).toEqual(["get", "listVersions", "get"]);
});

test.each([true, false])("a missing file costs one request more (versioned: %s)", async (versioned) => {
  const { store, source, put } = await setUp(versioned);
  await put("aa", "a longer key of the same beginning");
  store.resetRequests();
  await expect(source.open("a")).rejects.toThrow(ObjectNotFound);
  expect(operations(store)).toEqual(["get", "listVersions"]);
});

test("more markers than a page holds do not hide the file", async () => {
  const store = new MemoryStore({ pageLimit: 3 });
  store.createBucket("files", { versioned: true });
  await store.put({ bucket: "files", key: "a", body: Buffer.from("deep") });
  for (let i = 0; i < 8; i++) await store.deleteBatch("files", [{ key: "a" }]);
  expect(await text((await new S3FileSource(store, { bucket: "files", prefix: "" }).open("a")).body)).toBe("deep");
});

test.each(["", "x".repeat(1021), "é".repeat(511)])(
  "a key that no object can have is missing, without a request",
  async (key) => {
    const { store, source } = await setUp(true);
    await expect(source.open(key)).rejects.toThrow(ObjectNotFound);
    expect(store.requests).toEqual([]);
  },
);

test("a refusal is never a missing file, and neither is an unreachable or absent bucket (rule 9)", async () => {
  const { store, source } = await setUp(true);
  store.onRequest = () => {
    throw new AccessRefused("403");
  };
  await expect(source.open("a")).rejects.toMatchObject({
    name: "FileBucketForbidden",
    message: expect.stringMatching(/"files" was refused.*s3:ListBucket/),
  });
  store.onRequest = () => {
    throw new StoreUnavailable("503");
  };
  await expect(source.open("a")).rejects.toThrow(StoreUnavailable);
  store.onRequest = undefined;
  await expect(new S3FileSource(store, { bucket: "gone", prefix: "" }).open("a")).rejects.toMatchObject({
    name: "FileBucketMissing",
    message: 'The file bucket "gone" does not exist; correct the environment\'s registration.',
  });
});

test("reading goes on in the very content that was begun", async () => {
  for (const versioned of [true, false]) {
    const { source, put } = await setUp(versioned);
    await put("a", "0123456789");
    const first = await source.open("a");
    const rest = await source.open("a", { ...first, offset: 4 });
    expect(await text(rest.body)).toBe("456789");
    await put("a", "9876543210");
    const later = source.open("a", { ...first, offset: 4 });
    if (versioned) expect(await text((await later).body)).toBe("456789");
    else await expect(later).rejects.toThrow(ObjectChanged);
  }
});
