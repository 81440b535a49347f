/** Objects made of parts and copies. */
import { crc32 } from "node:zlib";
import { crc32ToBase64 } from "../../../lambda/storage/crc32-text";
import type { ObjectStore, PartResult } from "../../../lambda/storage/object-store";
import { ObjectExists, ObjectNotFound, StorageError, UploadNotFound } from "../../../lambda/storage/storage-errors";
import {
  MIB,
  bytes,
  pattern,
  readAll,
  sha256,
  versionOf,
  governance,
  type ContractContext,
  type StoreUnderTest,
} from "./support";

export const multipartContract = (on: ContractContext): void => {
  let store: ObjectStore;
  let bucket: string;
  let under: StoreUnderTest;
  beforeEach(() => {
    ({ store, bucket, under } = on);
  });
  const locked = (hours: number) => governance(under, hours);

  describe("multipart uploads and copies", () => {
    test("parts are joined; the whole object's checksum is given and none other", async () => {
      const [one, two] = [pattern(5 * MIB, 1), pattern(1000, 2)];
      const ref = { bucket, key: "big" };
      const whole = Buffer.concat([one, two]);
      const uploadId = await store.createMultipart({ ...ref, metadata: { made: "here" }, lock: locked(2) });
      const parts = [await store.uploadPart(ref, uploadId, 1, one), await store.uploadPart(ref, uploadId, 2, two)];
      expect(parts.map((part) => part.partNumber)).toEqual([1, 2]);
      const { versionId } = await store.completeMultipart(ref, uploadId, parts, {
        onlyIfAbsent: true,
        crc32: crc32ToBase64(crc32(whole)),
      });
      const info = await store.head(ref);
      expect(info).toMatchObject({ size: whole.length, metadata: { made: "here" } });
      expect([undefined, crc32ToBase64(crc32(whole))]).toContain(info.crc32);
      if (versionId !== undefined) expect(info.versionId).toBe(versionId);
      expect(sha256(await readAll(await store.get(ref)))).toBe(sha256(whole));
    });
    test("without a checksum of the whole, none is made up", async () => {
      const ref = { bucket, key: "big" };
      const uploadId = await store.createMultipart(ref);
      const parts = [
        await store.uploadPart(ref, uploadId, 1, pattern(5 * MIB, 1)),
        await store.uploadPart(ref, uploadId, 2, bytes("end")),
      ];
      await store.completeMultipart(ref, uploadId, parts, {});
      const { crc32: found, size } = await store.head(ref);
      expect(size).toBe(5 * MIB + 3);
      expect([undefined, crc32ToBase64(crc32(Buffer.concat([pattern(5 * MIB, 1), bytes("end")])))]).toContain(found);
    });
    test("a part sent twice counts once, the later one", async () => {
      const ref = { bucket, key: "big" };
      const uploadId = await store.createMultipart(ref);
      await store.uploadPart(ref, uploadId, 1, bytes("first"));
      const part = await store.uploadPart(ref, uploadId, 1, bytes("second"));
      await store.completeMultipart(ref, uploadId, [part], {});
      expect((await readAll(await store.get(ref))).toString()).toBe("second");
    });
    test("completing over a taken key is refused", async () => {
      const ref = { bucket, key: "taken" };
      const uploadId = await store.createMultipart(ref);
      const part = await store.uploadPart(ref, uploadId, 1, bytes("second"));
      await store.put({ ...ref, body: bytes("first") });
      await expect(store.completeMultipart(ref, uploadId, [part], { onlyIfAbsent: true })).rejects.toBeInstanceOf(
        ObjectExists,
      );
      expect((await readAll(await store.get(ref))).toString()).toBe("first");
    });
    test("unfinished uploads are listed until aborted; aborting again is harmless", async () => {
      const ref = { bucket, key: "up/unfinished" };
      const uploadId = await store.createMultipart(ref);
      await store.uploadPart(ref, uploadId, 1, bytes("x"));
      const other = await store.createMultipart({ bucket, key: "other" });
      const { uploads, next } = await store.listMultiparts(bucket, { prefix: "up/" });
      expect(uploads).toMatchObject([{ key: "up/unfinished", uploadId }]);
      expect(uploads[0]?.initiated).toBeInstanceOf(Date);
      expect(next).toBeUndefined();
      await store.abortMultipart(ref, uploadId);
      await store.abortMultipart(ref, uploadId);
      expect((await store.listMultiparts(bucket, { prefix: "" })).uploads.map((one) => one.uploadId)).toEqual([other]);
      await expect(store.uploadPart(ref, uploadId, 2, bytes("y"))).rejects.toBeInstanceOf(StorageError);
      await expect(store.completeMultipart(ref, uploadId, [{ partNumber: 1, etag: "x" }], {})).rejects.toBeInstanceOf(
        StorageError,
      );
      expect((await store.list(bucket, { prefix: "" })).objects).toEqual([]);
    });
    test("the parts of an unfinished upload are listed with their sizes, and complete it", async () => {
      const ref = { bucket, key: "up/listed" };
      const uploadId = await store.createMultipart({ ...ref, partsWithoutChecksums: true });
      expect(await store.listParts(ref, uploadId)).toEqual({ parts: [] });
      const first = pattern(5 * MIB, 1);
      await store.uploadPart(ref, uploadId, 2, bytes("end"));
      await store.uploadPart(ref, uploadId, 1, first);
      const { parts, next } = await store.listParts(ref, uploadId);
      expect(parts.map(({ partNumber, size }) => [partNumber, size])).toEqual([
        [1, 5 * MIB],
        [2, 3],
      ]);
      expect(next).toBeUndefined();
      expect((await store.listParts(ref, uploadId, 1)).parts).toMatchObject([{ partNumber: 2, size: 3 }]);
      await store.completeMultipart(ref, uploadId, parts, { onlyIfAbsent: true });
      expect(sha256(await readAll(await store.get(ref)))).toBe(sha256(Buffer.concat([first, bytes("end")])));
      await expect(store.listParts(ref, uploadId)).rejects.toBeInstanceOf(UploadNotFound);
    });
    test("parts may be copied from ranges of another version, hidden ones too", async () => {
      const source = pattern(6 * MIB, 3);
      const versionId = versionOf(await store.put({ bucket, key: "source", body: source }));
      await store.deleteBatch(bucket, [{ key: "source" }]);
      const ref = { bucket, key: "joined" };
      const uploadId = await store.createMultipart(ref);
      const parts: PartResult[] = [
        await store.uploadPartCopy(ref, uploadId, 1, { bucket, key: "source", versionId }, [10, 10 + 5 * MIB - 1]),
        await store.uploadPart(ref, uploadId, 2, bytes("end")),
      ];
      await store.completeMultipart(ref, uploadId, parts, {});
      const expected = Buffer.concat([source.subarray(10, 10 + 5 * MIB), bytes("end")]);
      expect(sha256(await readAll(await store.get(ref)))).toBe(sha256(expected));
    });
    test("a copy carries bytes and metadata of the named version, not its lock", async () => {
      const versionId = versionOf(
        await store.put({ bucket, key: "a", body: bytes("old"), metadata: { from: "a" }, lock: locked(2) }),
      );
      await store.put({ bucket, key: "a", body: bytes("new") });
      await under.createBucket(`${bucket}-target`, { objectLock: true });
      const target = { bucket: `${bucket}-target`, key: "b" };
      const { versionId: copied } = await store.copy({ bucket, key: "a", versionId }, target);
      const info = await store.head(target);
      expect(info).toMatchObject({
        versionId: copied,
        size: 3,
        metadata: { from: "a" },
        crc32: crc32ToBase64(crc32(bytes("old"))),
      });
      expect(info.lock).toBeUndefined();
      await store.copy(
        { bucket, key: "a", versionId },
        { bucket: `${bucket}-target`, key: "c", metadata: { from: "c" } },
      );
      expect((await store.head({ bucket: `${bucket}-target`, key: "c" })).metadata).toEqual({ from: "c" });
    });
    test("a copy of what is absent, or over what stands", async () => {
      const versionId = versionOf(await store.put({ bucket, key: "a", body: bytes("x") }));
      await expect(store.copy({ bucket, key: "none", versionId }, { bucket, key: "b" })).rejects.toBeInstanceOf(
        ObjectNotFound,
      );
      await store.copy({ bucket, key: "a", versionId }, { bucket, key: "b", onlyIfAbsent: true });
      if (under.conditionalCopies) {
        await expect(
          store.copy({ bucket, key: "a", versionId }, { bucket, key: "b", onlyIfAbsent: true }),
        ).rejects.toBeInstanceOf(ObjectExists);
      }
    });
  });
};
