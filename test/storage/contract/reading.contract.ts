/** What is written is read back, or refused by name. */
import { crc32 } from "node:zlib";
import { crc32ToBase64 } from "../../../lambda/storage/crc32-text";
import type { ListedVersion, ObjectStore } from "../../../lambda/storage/object-store";
import {
  BucketNotFound,
  ObjectChanged,
  ObjectExists,
  ObjectNotFound,
  RangeOutside,
} from "../../../lambda/storage/storage-errors";
import { MIB, bytes, pattern, readAll, versionOf, type ContractContext, type StoreUnderTest } from "./support";

export const readingContract = (on: ContractContext): void => {
  let store: ObjectStore;
  let bucket: string;
  let under: StoreUnderTest;
  beforeEach(() => {
    ({ store, bucket, under } = on);
  });
  const allVersions = async (prefix: string): Promise<ListedVersion[]> => [
    ...(await store.listVersions(bucket, { prefix })).versions,
  ];

  describe("put, get, head", () => {
    test("gives back bytes, size, checksum, metadata and version", async () => {
      const body = bytes("some bytes");
      const { versionId, etag } = await store.put({
        bucket,
        key: "a/b",
        body,
        contentType: "text/plain",
        metadata: { "restore-id": "r1" },
      });
      expect(versionId).toEqual(expect.any(String));
      expect(etag).toMatch(/^[^"]+$/);
      const content = await store.get({ bucket, key: "a/b" });
      expect(content).toMatchObject({ size: 10, etag, versionId, metadata: { "restore-id": "r1" } });
      expect(await readAll(content)).toEqual(Buffer.from(body));
      const info = await store.head({ bucket, key: "a/b" });
      expect(info).toMatchObject({
        size: 10,
        etag,
        versionId,
        crc32: crc32ToBase64(crc32(body)),
        metadata: { "restore-id": "r1" },
      });
      expect(info.lastModified).toBeInstanceOf(Date);
      expect(info.lock).toBeUndefined();
    });
    test("an empty object", async () => {
      await store.put({ bucket, key: "empty", body: new Uint8Array() });
      const content = await store.get({ bucket, key: "empty" });
      expect(content.size).toBe(0);
      expect(await readAll(content)).toHaveLength(0);
      expect((await store.head({ bucket, key: "empty" })).size).toBe(0);
    });
    test("a range, cut at the object's end", async () => {
      await store.put({ bucket, key: "a", body: bytes("0123456789") });
      const middle = await store.get({ bucket, key: "a" }, { range: [2, 4] });
      expect([middle.size, (await readAll(middle)).toString()]).toEqual([3, "234"]);
      const end = await store.get({ bucket, key: "a" }, { range: [8, 100] });
      expect([end.size, (await readAll(end)).toString()]).toEqual([2, "89"]);
      await expect(store.get({ bucket, key: "a" }, { range: [10, 12] })).rejects.toBeInstanceOf(RangeOutside);
    });
    test("if-match", async () => {
      const first = await store.put({ bucket, key: "a", body: bytes("one") });
      expect((await readAll(await store.get({ bucket, key: "a" }, { ifMatch: first.etag }))).toString()).toBe("one");
      await store.put({ bucket, key: "a", body: bytes("two") });
      await expect(store.get({ bucket, key: "a" }, { ifMatch: first.etag })).rejects.toBeInstanceOf(ObjectChanged);
    });
    test("versions are read by id, beneath a newer one and beneath a delete marker", async () => {
      const first = versionOf(await store.put({ bucket, key: "a", body: bytes("one") }));
      const second = versionOf(await store.put({ bucket, key: "a", body: bytes("two") }));
      expect(second).not.toBe(first);
      await store.deleteBatch(bucket, [{ key: "a" }]);
      await expect(store.get({ bucket, key: "a" })).rejects.toBeInstanceOf(ObjectNotFound);
      await expect(store.head({ bucket, key: "a" })).rejects.toBeInstanceOf(ObjectNotFound);
      expect((await readAll(await store.get({ bucket, key: "a", versionId: first }))).toString()).toBe("one");
      expect((await store.head({ bucket, key: "a", versionId: second })).size).toBe(3);
    });
    test("a delete marker is not an object", async () => {
      await store.put({ bucket, key: "a", body: bytes("one") });
      await store.deleteBatch(bucket, [{ key: "a" }]);
      const marker = (await allVersions("a")).find((one) => one.isDeleteMarker);
      const ref = { bucket, key: "a", versionId: marker?.versionId ?? "" };
      await expect(store.get(ref)).rejects.toBeInstanceOf(ObjectNotFound);
      await expect(store.head(ref)).rejects.toBeInstanceOf(ObjectNotFound);
    });
    test("absent keys and buckets", async () => {
      await expect(store.get({ bucket, key: "absent" })).rejects.toBeInstanceOf(ObjectNotFound);
      await expect(store.head({ bucket, key: "absent" })).rejects.toBeInstanceOf(ObjectNotFound);
      await expect(store.get({ bucket: "no-such-bucket", key: "a" })).rejects.toBeInstanceOf(BucketNotFound);
      await expect(store.put({ bucket: "no-such-bucket", key: "a", body: bytes("x") })).rejects.toBeInstanceOf(
        BucketNotFound,
      );
      await expect(store.list("no-such-bucket", { prefix: "" })).rejects.toBeInstanceOf(BucketNotFound);
      await expect(store.listVersions("no-such-bucket", { prefix: "" })).rejects.toBeInstanceOf(BucketNotFound);
      // A HEAD's answer has no body: it can't say which of the two is missing.
      await expect(store.head({ bucket: "no-such-bucket", key: "a" })).rejects.toBeInstanceOf(ObjectNotFound);
    });
    test("a reader may leave early", async () => {
      await store.put({ bucket, key: "big", body: pattern(2 * MIB) });
      for await (const piece of (await store.get({ bucket, key: "big" })).body) {
        expect(piece.length).toBeGreaterThan(0);
        break;
      }
      expect((await store.head({ bucket, key: "big" })).size).toBe(2 * MIB);
    });
    test("only if absent: refuses a taken key, but not one hidden by a delete marker", async () => {
      await store.put({ bucket, key: "a", body: bytes("one"), onlyIfAbsent: true });
      await expect(store.put({ bucket, key: "a", body: bytes("two"), onlyIfAbsent: true })).rejects.toBeInstanceOf(
        ObjectExists,
      );
      expect((await readAll(await store.get({ bucket, key: "a" }))).toString()).toBe("one");
      await store.deleteBatch(bucket, [{ key: "a" }]);
      await store.put({ bucket, key: "a", body: bytes("three"), onlyIfAbsent: true });
      expect((await readAll(await store.get({ bucket, key: "a" }))).toString()).toBe("three");
    });
    test("only over the object that was seen: refuses another one, and an absent key", async () => {
      const { etag } = await store.put({ bucket, key: "a", body: bytes("one") });
      await store.put({ bucket, key: "a", body: bytes("two"), onlyIfMatch: etag });
      await expect(store.put({ bucket, key: "a", body: bytes("three"), onlyIfMatch: etag })).rejects.toBeInstanceOf(
        ObjectExists,
      );
      await expect(store.put({ bucket, key: "b", body: bytes("x"), onlyIfMatch: etag })).rejects.toBeInstanceOf(
        ObjectNotFound,
      );
      expect((await readAll(await store.get({ bucket, key: "a" }))).toString()).toBe("two");
    });
    test("a copy of what stands at a key without versions", async () => {
      const plain = `${bucket}-copies`;
      await under.createBucket(plain);
      const { etag } = await store.put({ bucket: plain, key: "a b/ü", body: bytes("one"), metadata: { owner: "app" } });
      await store.copy({ bucket: plain, key: "a b/ü", ifMatch: etag }, { bucket, key: "copy" });
      expect((await readAll(await store.get({ bucket, key: "copy" }))).toString()).toBe("one");
      expect((await store.head({ bucket, key: "copy" })).metadata).toEqual({ owner: "app" });
      await expect(
        store.copy({ bucket: plain, key: "gone", ifMatch: etag }, { bucket, key: "x" }),
      ).rejects.toBeInstanceOf(ObjectNotFound);
    });
    test("a bucket without versions has no version ids and forgets what is overwritten", async () => {
      await under.createBucket(`${bucket}-plain`);
      const plain = `${bucket}-plain`;
      expect((await store.put({ bucket: plain, key: "a", body: bytes("one") })).versionId).toBeUndefined();
      await store.put({ bucket: plain, key: "a", body: bytes("two") });
      const content = await store.get({ bucket: plain, key: "a" });
      expect(content.versionId).toBeUndefined();
      expect((await readAll(content)).toString()).toBe("two");
      expect(await store.deleteBatch(plain, [{ key: "a" }])).toEqual({ refused: [] });
      await expect(store.head({ bucket: plain, key: "a" })).rejects.toBeInstanceOf(ObjectNotFound);
    });
    test.each([
      "spaces and + signs",
      "percent %41",
      "umlaut ä/é",
      "emoji \u{1f600}",
      "tab\tand\u0001control",
      "a&b<c>\"d'",
      "dots/../x",
    ])("the key %j survives every call", async (key) => {
      const version = versionOf(await store.put({ bucket, key, body: bytes(key) }));
      expect((await readAll(await store.get({ bucket, key }))).toString()).toBe(key);
      expect((await store.list(bucket, { prefix: "" })).objects.map((one) => one.key)).toEqual([key]);
      expect((await store.listVersions(bucket, { prefix: "" })).versions.map((one) => one.key)).toEqual([key]);
      expect((await store.list(bucket, { prefix: key.slice(0, 4) })).objects).toHaveLength(1);
      await store.copy({ bucket, key, versionId: version }, { bucket, key: "copied" });
      expect((await readAll(await store.get({ bucket, key: "copied" }))).toString()).toBe(key);
      // XML 1.0, in which the batch travels, has no control characters.
      if (key.includes("\u0001")) return;
      expect(await store.deleteBatch(bucket, [{ key, versionId: version }])).toEqual({ refused: [] });
      await expect(store.head({ bucket, key })).rejects.toBeInstanceOf(ObjectNotFound);
    });
  });
};
