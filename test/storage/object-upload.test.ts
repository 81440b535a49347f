import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { PART_BYTES, type Lock } from "../../lambda/storage/object-store";
import { ObjectUpload } from "../../lambda/storage/object-upload";
import { nextPartBytes } from "../../lambda/storage/part-size";
import { ObjectDamaged, ObjectExists, StorageError, StoreUnavailable } from "../../lambda/storage/storage-errors";
import { MemoryStore, type MemoryStoreOptions, type StoreOperation } from "../support/memory-store";

const MIB = 1024 * 1024;
const NOW = new Date("2026-12-05T00:00:00Z");
const lock: Lock = { mode: "GOVERNANCE", until: new Date("2026-12-07T00:00:00Z") };
const target = { bucket: "b", key: "k" };

const newStore = (options: MemoryStoreOptions = {}): MemoryStore => {
  const store = new MemoryStore({ now: () => NOW, ...options });
  store.createBucket("b", { objectLock: true });
  return store;
};
const pattern = (size: number): Buffer => {
  const body = Buffer.alloc(size);
  for (let index = 0; index < size; index += 4093) body[index] = (index / 4093) & 0xff;
  return body;
};
const upload = async (store: MemoryStore, body: Uint8Array, chunk = 100_003, partBytes = PART_BYTES) => {
  const writer = new ObjectUpload(store, { ...target, lock }, { partBytes });
  try {
    const reused = Buffer.alloc(chunk);
    for (let position = 0; position < body.length; position += chunk) {
      const piece = reused.subarray(0, Math.min(chunk, body.length - position));
      piece.set(body.subarray(position, position + piece.length));
      await writer.write(piece);
    }
    return await writer.finish();
  } catch (error) {
    await writer.abort().catch(() => undefined);
    throw error;
  }
};
/** With small parts, so that there are several soon. */
const PARTS = 64 * 1024;
const uploadParts = (store: MemoryStore, body: Uint8Array) => upload(store, body, 10_007, PARTS);
const entryOf = (body: Uint8Array) => ({
  key: "k",
  size: body.length,
  sha256: createHash("sha256").update(body).digest("hex"),
  crc32: crc32(body),
});
const operations = (store: MemoryStore): StoreOperation[] => store.requests.map((request) => request.operation);
/** Fails the n-th request (from 1), before or after its effect. */
const failAt = (store: MemoryStore, hook: "onRequest" | "onReply", position: number): void => {
  let seen = 0;
  store[hook] = () => {
    if (++seen === position) throw new StoreUnavailable("injected");
  };
};

describe("an upload of at most one part", () => {
  test.each([0, 1, PART_BYTES - 1, PART_BYTES])("%d bytes are one request, locked", async (size) => {
    const store = newStore();
    const body = pattern(size);
    const entry = await upload(store, body);
    const [version] = store.versions("b", "k");
    expect(entry).toEqual({ ...entryOf(body), versionId: version?.versionId });
    expect(version?.lock).toEqual(lock);
    expect(store.bytes("b", "k").equals(body)).toBe(true);
    expect(operations(store)).toEqual(["put"]);
  });
  test("writing the same bytes again gives the standing version; it may cost a look", async () => {
    const store = newStore();
    const first = await upload(store, pattern(5000));
    expect(await upload(store, pattern(5000))).toEqual(first);
    expect(store.versions("b", "k")).toHaveLength(1);
  });
  test("other content at the key fails and stays", async () => {
    const store = newStore();
    await store.put({ ...target, body: pattern(5000).fill(9) });
    await expect(upload(store, pattern(5000))).rejects.toBeInstanceOf(ObjectExists);
    await expect(upload(store, pattern(4999))).rejects.toBeInstanceOf(ObjectExists);
    expect(store.versions("b", "k")).toHaveLength(1);
    expect(store.bytes("b", "k")[0]).toBe(9);
  });
  test("our bytes standing without the lock are locked", async () => {
    const store = newStore();
    await store.put({ ...target, body: pattern(5000) });
    await upload(store, pattern(5000));
    expect(store.versions("b", "k")[0]?.lock).toEqual(lock);
  });
  test("a lost reply is a success if the object stands", async () => {
    const store = newStore();
    failAt(store, "onReply", 1);
    const entry = await upload(store, pattern(5000));
    expect(entry.versionId).toBe(store.versions("b", "k")[0]?.versionId);
    expect(store.versions("b", "k")).toHaveLength(1);
  });
  test("a failure before the effect is a failure, and leaves nothing", async () => {
    const store = newStore();
    failAt(store, "onRequest", 1);
    await expect(upload(store, pattern(5000))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(store.versions("b")).toEqual([]);
  });
  test("a bucket without versions is refused: its objects could be overwritten", async () => {
    const store = newStore();
    store.createBucket("plain");
    const writer = new ObjectUpload(store, { bucket: "plain", key: "k" });
    await writer.write(pattern(10));
    await expect(writer.finish()).rejects.toThrow(/keeps no versions/);
  });
});

describe("an upload of several parts", () => {
  const body = pattern(2 * PARTS + 12_345);

  test.each([
    ["a server that minds the lock of the creation", {}, ["head"]],
    ["a server that drops it", { dropsMultipartLocks: true }, ["head", "retain", "head"]],
    ["a server without whole checksums", { noMultipartChecksums: true }, ["head"]],
  ] as const)("%s: joined, locked, checked", async (_name, options, last) => {
    const store = newStore({ minPartBytes: 1, ...options });
    const entry = await uploadParts(store, body);
    const [version] = store.versions("b", "k");
    expect(entry).toEqual({ ...entryOf(body), versionId: version?.versionId });
    expect(version?.lock).toEqual(lock);
    expect(store.bytes("b", "k").equals(body)).toBe(true);
    expect(operations(store)).toEqual([
      "createMultipart",
      "uploadPart",
      "uploadPart",
      "uploadPart",
      "completeMultipart",
      ...last,
    ]);
    expect(store.uploads("b")).toEqual([]);
  });
  test.each([{}, { noMultipartChecksums: true }])("the same bytes again are a success, %j", async (options) => {
    const store = newStore({ minPartBytes: 1, ...options });
    const first = await uploadParts(store, body);
    expect(await uploadParts(store, body)).toEqual(first);
    expect(store.versions("b", "k")).toHaveLength(1);
    expect(store.uploads("b")).toEqual([]);
  });
  test.each([{}, { noMultipartChecksums: true }])("other bytes of the same size fail, %j", async (options) => {
    const store = newStore({ minPartBytes: 1, ...options });
    await uploadParts(store, Buffer.from(body).fill(7, PARTS + 5, PARTS + 6));
    await expect(uploadParts(store, body)).rejects.toBeInstanceOf(ObjectExists);
    expect(store.versions("b", "k")).toHaveLength(1);
    expect(store.uploads("b")).toEqual([]);
  });
  test("a server that stored something else is found out", async () => {
    const store = newStore({ minPartBytes: 1, noMultipartChecksums: true });
    store.onReply = (operation) => {
      const version = store.versions("b", "k")[0];
      if (operation === "completeMultipart" && version !== undefined) version.body = version.body.subarray(1);
    };
    await expect(uploadParts(store, body)).rejects.toBeInstanceOf(ObjectDamaged);
  });

  // 1 create, 2–4 parts, 5 complete, 6 head, 7 retain, 8 head
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "the request %d fails: a failure without rests, and again succeeds",
    async (position) => {
      const store = newStore({ minPartBytes: 1, dropsMultipartLocks: true });
      failAt(store, "onRequest", position);
      await expect(uploadParts(store, body)).rejects.toBeInstanceOf(StorageError);
      expect(store.uploads("b")).toEqual([]);
      store.onRequest = undefined;
      const entry = await uploadParts(store, body);
      expect(store.versions("b", "k")).toHaveLength(1);
      expect(entry).toEqual({ ...entryOf(body), versionId: store.versions("b", "k")[0]?.versionId });
      expect(store.versions("b", "k")[0]?.lock).toEqual(lock);
    },
  );
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("the reply %d is lost: again succeeds, one version, locked", async (position) => {
    const store = newStore({ minPartBytes: 1, dropsMultipartLocks: true });
    failAt(store, "onReply", position);
    const outcome = await uploadParts(store, body).then(
      () => "stored",
      (error: Error) => error.name,
    );
    store.onReply = undefined;
    // Only the reply to the commit can be made good at once.
    expect(outcome).toBe(position === 5 ? "stored" : "StoreUnavailable");
    await uploadParts(store, body);
    expect(store.versions("b", "k")).toHaveLength(1);
    expect(store.versions("b", "k")[0]?.lock).toEqual(lock);
    // A lost reply to the creation leaves an upload that nobody knows: the daily sweep's work.
    expect(store.uploads("b")).toHaveLength(position === 1 ? 1 : 0);
  });
  test("abort leaves nothing, may be called twice, and ends the writer", async () => {
    const store = newStore({ minPartBytes: 1 });
    const writer = new ObjectUpload(store, target, { partBytes: PARTS });
    await writer.write(body);
    expect(store.uploads("b")).toHaveLength(1);
    await writer.abort();
    await writer.abort();
    expect(store.uploads("b")).toEqual([]);
    await expect(writer.write(body)).rejects.toThrow(/closed/);
    await expect(writer.finish()).rejects.toThrow(/closed/);
    expect(store.versions("b")).toEqual([]);
  });
});

describe("memory", () => {
  test("parts under way never exceed three, however slow the server", async () => {
    const store = newStore();
    let [flying, most] = [0, 0];
    store.onRequest = async (operation) => {
      if (operation !== "uploadPart") return;
      most = Math.max(most, ++flying);
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    store.onReply = (operation) => {
      if (operation === "uploadPart") flying -= 1;
    };
    await upload(store, Buffer.alloc(8 * PART_BYTES + 1), MIB);
    expect(most).toBe(3);
  });
  test("10,000 parts hold 5 TB, and parts stay small as long as objects do", () => {
    const sizes: number[] = [];
    let written = 0;
    while (written < 5 * 1024 ** 4) {
      const size = nextPartBytes(written);
      expect(size).toBeGreaterThanOrEqual(sizes[sizes.length - 1] ?? PART_BYTES);
      sizes.push(size);
      written += size;
    }
    expect(sizes.length).toBeLessThanOrEqual(10_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5 * 1024 ** 3);
    expect(nextPartBytes(20 * 1024 ** 3)).toBe(PART_BYTES);
    expect(nextPartBytes(100 * 1024 ** 3)).toBeLessThanOrEqual(72 * MIB);
  });
});
