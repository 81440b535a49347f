import { UploadNotFound } from "../../lambda/storage/storage-errors";
import { MemoryStore } from "../support/memory-store";
import { objectStoreContract } from "./object-store.contract";

const PAGE = 7;
const now = (): Date => new Date("2026-12-05T00:00:00Z");
objectStoreContract("the store in memory", async () => {
  const store = new MemoryStore({ now, pageLimit: PAGE });
  return {
    store,
    createBucket: async (name, options) => store.createBucket(name, options),
    requests: () => store.requests.length,
    pageLimit: PAGE,
    now,
    refusesShortening: true,
    conditionalCopies: true,
    keepsDifficultAttributes: true,
  };
});

describe("the store in memory, where servers differ", () => {
  const lock = { mode: "GOVERNANCE" as const, until: new Date("2026-12-06T00:00:00Z") };
  const body = Buffer.from("x");
  let time = new Date("2026-12-05T00:00:00Z");
  let store: MemoryStore;
  beforeEach(() => {
    time = new Date("2026-12-05T00:00:00Z");
    store = new MemoryStore({ now: () => time });
    store.createBucket("b", { objectLock: true });
  });

  test("a lock ends with its second", async () => {
    const { versionId = "" } = await store.put({ bucket: "b", key: "k", body, lock });
    time = new Date(lock.until.getTime() - 1);
    expect((await store.deleteBatch("b", [{ key: "k", versionId }])).refused).toHaveLength(1);
    time = lock.until;
    expect((await store.deleteBatch("b", [{ key: "k", versionId }])).refused).toEqual([]);
  });
  test("a lock in the past, or in a bucket without locks, is refused", async () => {
    store.createBucket("plain", { versioned: true });
    const past = { ...lock, until: time };
    await expect(store.put({ bucket: "b", key: "k", body, lock: past })).rejects.toThrow(/in the future/);
    await expect(store.put({ bucket: "plain", key: "k", body, lock })).rejects.toThrow(/Object Lock/);
    await expect(store.deleteBatch("plain", [{ key: "k" }], { bypassGovernance: true })).rejects.toThrow(/Object Lock/);
    expect(store.versions("b")).toEqual([]);
  });
  test("an upload that is gone is not found; parts but the last have 5 MiB", async () => {
    const ref = { bucket: "b", key: "k" };
    await expect(store.uploadPart(ref, "gone", 1, body)).rejects.toBeInstanceOf(UploadNotFound);
    await expect(store.completeMultipart(ref, "gone", [{ partNumber: 1, etag: "e" }], {})).rejects.toBeInstanceOf(
      UploadNotFound,
    );
    const uploadId = await store.createMultipart(ref);
    const parts = [await store.uploadPart(ref, uploadId, 1, body), await store.uploadPart(ref, uploadId, 2, body)];
    await expect(store.completeMultipart(ref, uploadId, parts, {})).rejects.toThrow(/TooSmall/);
    await expect(store.completeMultipart(ref, uploadId, parts.slice(1), { crc32: "AAAAAA==" })).rejects.toThrow(
      /BadDigest/,
    );
  });
  test("paging goes on though the marker's version has been deleted", async () => {
    const small = new MemoryStore({ now: () => time, pageLimit: 2 });
    small.createBucket("b", { versioned: true });
    for (const key of ["a", "a", "a", "b"]) await small.put({ bucket: "b", key, body });
    const first = await small.listVersions("b", { prefix: "" });
    await small.deleteBatch("b", first.versions);
    const second = await small.listVersions("b", { prefix: "", ...first.next });
    expect(second.versions.map((one) => one.key)).toEqual(["a", "b"]);
  });
  test("a copy reads a linked region's bucket; replication keeps locks and changes version ids", async () => {
    const other = new MemoryStore({ now: () => time, name: "other" });
    other.createBucket("r", { objectLock: true });
    store.link(other);
    const { versionId = "" } = await store.put({ bucket: "b", key: "replicated/k", body, lock });
    store.replicateTo(other, "b", "r");
    store.replicateTo(other, "b", "r");
    const [replica, ...more] = other.versions("r");
    expect(more).toEqual([]);
    expect(replica?.lock).toEqual(lock);
    expect(replica?.versionId).not.toBe(versionId);
    expect((await other.head({ bucket: "r", key: "replicated/k" })).replicationStatus).toBe("REPLICA");
    await other.copy({ bucket: "b", key: "replicated/k", versionId }, { bucket: "r", key: "c" });
    expect(other.bytes("r", "c").toString()).toBe("x");
  });
  test("a fault comes before the effect, a lost reply after it", async () => {
    store.onRequest = () => {
      throw new Error("before");
    };
    await expect(store.put({ bucket: "b", key: "k", body })).rejects.toThrow("before");
    expect(store.versions("b")).toEqual([]);
    store.onRequest = undefined;
    store.onReply = () => {
      throw new Error("after");
    };
    await expect(store.put({ bucket: "b", key: "k", body })).rejects.toThrow("after");
    expect(store.versions("b")).toHaveLength(1);
  });
});
