/** Deleting whatever the keys hold, on servers that refuse what S3 refuses; a generator mixes the kinds. */
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { removeObjects } from "../../lambda/storage/remove-objects";
import { AccessRefused, StorageError, StoreUnavailable } from "../../lambda/storage/storage-errors";
import { MemoryStore, type RequestRef, type StoreOperation } from "../support/memory-store";
import { startS3Server } from "../support/s3-server/s3-server";

const BUCKET = "files";
const ODD = [
  "ctrl\u0010x.txt",
  "\u0001",
  "a\u001f/b",
  "bell\u0007",
  "not-a-character-\ufffe",
  "nor-this-\uffff",
  "delete-\u007f-and-c1-\u0085",
  "tab\tnewline\nreturn\r",
  "a&b<c>\"d'",
  "&#x10;",
  "\u{1f600}",
  "/leading",
  "a//b",
];
/** No object can have such a key. */
const IMPOSSIBLE = ["", "half-\ud800", "\udc00", "long-".repeat(300)];

const storeWith = async (keys: readonly string[]): Promise<MemoryStore> => {
  const store = new MemoryStore();
  store.createBucket(BUCKET);
  for (const key of keys) await store.put({ bucket: BUCKET, key, body: Buffer.from("x") });
  store.resetRequests();
  return store;
};
const objects = (keys: readonly string[]) => keys.map((key) => ({ key }));
const standing = (store: MemoryStore): string[] => store.versions(BUCKET).map(({ key }) => key);
const count = (store: MemoryStore, operation: StoreOperation): number =>
  store.requests.filter((one) => one.operation === operation).length;
const refuse =
  (isRefused: (ref: RequestRef) => boolean, error: () => Error) => (_: StoreOperation, ref: RequestRef) => {
    if (isRefused(ref)) throw error();
  };
const mentions =
  (bad: (key: string) => boolean) =>
  (ref: RequestRef): boolean =>
    (ref.objects ?? [{ key: ref.key ?? "" }]).some(({ key }) => bad(key));

test.each(ODD)("the key %j is removed, and those beside it in one request", async (odd) => {
  const plain = Array.from({ length: 200 }, (_, number) => `plain-${number}`);
  const store = await storeWith([...plain, odd]);
  expect(await removeObjects(store, BUCKET, objects([odd, ...plain]))).toEqual([]);
  expect(standing(store)).toEqual([]);
  expect(count(store, "deleteBatch")).toBe(1);
});

test.each(IMPOSSIBLE)("the key %j is named as left, and the others are removed", async (impossible) => {
  const store = await storeWith(["a", "b"]);
  const left = await removeObjects(store, BUCKET, objects(["a", impossible, "b"]));
  expect(left).toMatchObject([{ key: impossible, message: expect.stringMatching(/\w/) as string }]);
  expect(standing(store)).toEqual([]);
});

test("through S3's client a strict server gives all of them up", async () => {
  const server = await startS3Server();
  try {
    const { endpoint, credentials } = server;
    server.store.createBucket(BUCKET);
    for (const key of [...ODD, "plain", "other"])
      await server.store.put({ bucket: BUCKET, key, body: Buffer.from("x") });
    const store = new S3Store(createS3Client({ region: "eu-central-1", endpoint, credentials }));
    const left = await removeObjects(store, BUCKET, objects(["plain", ...ODD, ...IMPOSSIBLE, "other"]));
    expect(left.map(({ key }) => key).toSorted()).toEqual(IMPOSSIBLE.toSorted());
    expect(standing(server.store)).toEqual([]);
  } finally {
    await server.stop();
  }
});

test("a key at which the server fails whatever is asked is left alone; a thousand others cost twenty requests more", async () => {
  const plain = Array.from({ length: 999 }, (_, number) => `plain-${number}`);
  const store = await storeWith([...plain, "poison"]);
  store.onRequest = refuse(
    mentions((key) => key === "poison"),
    () => new StoreUnavailable("500 with a page of HTML"),
  );
  const left = await removeObjects(store, BUCKET, objects([...plain.slice(0, 700), "poison", ...plain.slice(700)]));
  expect(left).toMatchObject([{ key: "poison", code: "StoreUnavailable" }]);
  expect(standing(store)).toEqual(["poison"]);
  expect(store.requests.length).toBeLessThan(25);
});

test("what one prefix refuses is left, by a batch's own answer and by a refused batch", async () => {
  const store = await storeWith(["a", "closed/b", "closed/c", "d"]);
  const deleteBatch = store.deleteBatch.bind(store);
  store.deleteBatch = async (bucket, all, options) => {
    const open = all.filter(({ key }) => !key.startsWith("closed/"));
    if (open.length > 0) await deleteBatch(bucket, open, options);
    const refused = all.filter(({ key }) => key.startsWith("closed/"));
    return { refused: refused.map((one) => ({ ...one, code: "AccessDenied", message: "Access Denied" })) };
  };
  const left = await removeObjects(store, BUCKET, objects(["a", "closed/b", "closed/c", "d"]));
  expect(left.map(({ key }) => key)).toEqual(["closed/b", "closed/c"]);
  expect(standing(store)).toEqual(["closed/b", "closed/c"]);
});

test("a key that the server echoes altered, with a passing error, is left: nobody asked for what has the other key", async () => {
  const store = await storeWith(["a\rb", "a\nb", "c", "d"]);
  const refused = ["a\nb", "d"].map((key) => ({ key, code: "SlowDown", message: "Reduce your request rate." }));
  store.deleteBatch = async (bucket) => {
    await store.delete({ bucket, key: "c" });
    return { refused };
  };
  const left = await removeObjects(store, BUCKET, objects(["a\rb", "c", "d"]));
  expect(left).toMatchObject([{ key: "a\nb", code: "SlowDown" }]);
  expect(standing(store).toSorted()).toEqual(["a\nb", "a\rb"]);
});

test("a bucket that forbids deleting is asked once, and so is one that is gone", async () => {
  const keys = Array.from({ length: 1000 }, (_, number) => `k-${number}`);
  const store = await storeWith(keys);
  store.onRequest = refuse(
    () => true,
    () => new AccessRefused("forbidden"),
  );
  expect(await removeObjects(store, BUCKET, objects(keys))).toHaveLength(1000);
  expect(store.requests).toHaveLength(1);
  store.onRequest = undefined;
  expect(await removeObjects(store, "gone", objects(keys))).toHaveLength(1000);
});

test("a server that is down is no key's fault", async () => {
  const store = await storeWith([]);
  store.onRequest = refuse(
    () => true,
    () => new StoreUnavailable("down"),
  );
  const keys = Array.from({ length: 1000 }, (_, number) => `k-${number}`);
  await expect(removeObjects(store, BUCKET, objects(keys))).rejects.toBeInstanceOf(StoreUnavailable);
  expect(store.requests.length).toBeLessThan(50);
});

test("a locked version is left, the others go by version", async () => {
  const store = new MemoryStore({ now: () => new Date("2026-12-05T00:00:00Z") });
  store.createBucket(BUCKET, { objectLock: true });
  const lock = { mode: "GOVERNANCE" as const, until: new Date("2026-12-06T00:00:00Z") };
  const kept = await store.put({ bucket: BUCKET, key: "kept", body: Buffer.from("x"), lock });
  const gone = await store.put({ bucket: BUCKET, key: "go\u0010ne", body: Buffer.from("x") });
  const left = await removeObjects(store, BUCKET, [
    { key: "kept", versionId: kept.versionId ?? "" },
    { key: "go\u0010ne", versionId: gone.versionId ?? "" },
  ]);
  expect(left).toMatchObject([{ key: "kept", code: "AccessRefused" }]);
  expect(standing(store)).toEqual(["kept"]);
});

test("mixtures of all kinds leave exactly what the server refuses", async () => {
  let seed = 31;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 20; round++) {
    const keys = Array.from({ length: 1 + random(400) }, (_, number) => `${number}-${ODD[random(ODD.length)] ?? ""}`);
    const bad = new Set(keys.filter(() => random(40) === 0));
    const store = await storeWith(keys);
    store.onRequest = refuse(
      mentions((key) => bad.has(key)),
      () => (random(2) === 0 ? new StorageError("MalformedXML") : new StoreUnavailable("500")),
    );
    const impossible = IMPOSSIBLE.filter(() => random(3) === 0);
    const left = await removeObjects(store, BUCKET, objects([...keys, ...impossible]));
    expect(left.map(({ key }) => key).toSorted()).toEqual([...bad, ...impossible].toSorted());
    expect(standing(store).toSorted()).toEqual([...bad].toSorted());
  }
});
