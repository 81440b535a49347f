/** Locks hold, and deletion says what it didn't do. */
import type { ListedVersion, ObjectStore } from "../../../lambda/storage/object-store";
import { AccessRefused, ObjectNotFound, StorageError } from "../../../lambda/storage/storage-errors";
import { HOUR_MS, bytes, versionOf, governance, type ContractContext, type StoreUnderTest } from "./support";

export const lockContract = (on: ContractContext): void => {
  let store: ObjectStore;
  let bucket: string;
  let under: StoreUnderTest;
  beforeEach(() => {
    ({ store, bucket, under } = on);
  });
  const locked = (hours: number) => governance(under, hours);
  const allVersions = async (prefix: string): Promise<ListedVersion[]> => [
    ...(await store.listVersions(bucket, { prefix })).versions,
  ];

  describe("locks and deletion", () => {
    test("a governance lock refuses deletion by version, unless bypassed", async () => {
      const lock = locked(2);
      const versionId = versionOf(await store.put({ bucket, key: "a", body: bytes("x"), lock }));
      expect((await store.head({ bucket, key: "a" })).lock).toEqual(lock);
      const { refused } = await store.deleteBatch(bucket, [{ key: "a", versionId }]);
      expect(refused).toMatchObject([{ key: "a", versionId, code: "AccessDenied" }]);
      expect((await store.head({ bucket, key: "a", versionId })).size).toBe(1);
      expect(await store.deleteBatch(bucket, [{ key: "a", versionId }], { bypassGovernance: true })).toEqual({
        refused: [],
      });
      await expect(store.head({ bucket, key: "a", versionId })).rejects.toBeInstanceOf(ObjectNotFound);
    });
    test("a compliance lock refuses even then", async () => {
      const versionId = versionOf(
        await store.put({ bucket, key: "a", body: bytes("x"), lock: { ...locked(2), mode: "COMPLIANCE" } }),
      );
      const { refused } = await store.deleteBatch(bucket, [{ key: "a", versionId }], { bypassGovernance: true });
      expect(refused).toHaveLength(1);
      expect((await store.head({ bucket, key: "a", versionId })).lock?.mode).toBe("COMPLIANCE");
    });
    test("some of a batch may be refused; what is absent counts as deleted", async () => {
      const kept = versionOf(await store.put({ bucket, key: "kept", body: bytes("x"), lock: locked(2) }));
      const gone = versionOf(await store.put({ bucket, key: "gone", body: bytes("x") }));
      await store.deleteBatch(bucket, [{ key: "gone", versionId: gone }]);
      const { refused } = await store.deleteBatch(bucket, [
        { key: "kept", versionId: kept },
        { key: "gone", versionId: gone },
      ]);
      expect(refused.map((one) => one.key)).toEqual(["kept"]);
      expect((await allVersions("")).map((one) => one.key)).toEqual(["kept"]);
    });
    test("a plain delete hides a locked object and harms nothing", async () => {
      const versionId = versionOf(await store.put({ bucket, key: "a", body: bytes("x"), lock: locked(2) }));
      expect(await store.deleteBatch(bucket, [{ key: "a" }])).toEqual({ refused: [] });
      expect((await store.list(bucket, { prefix: "" })).objects).toEqual([]);
      expect((await store.head({ bucket, key: "a", versionId })).size).toBe(1);
      const marker = (await allVersions("a")).find((one) => one.isDeleteMarker);
      await store.deleteBatch(bucket, [{ key: "a", versionId: marker?.versionId ?? "" }]);
      expect((await store.head({ bucket, key: "a" })).versionId).toBe(versionId);
    });
    test("one object is deleted by its key or its version, whatever the key holds; a lock refuses", async () => {
      const key = "tab\tand\u0010control ü/%20+.";
      const versionId = versionOf(await store.put({ bucket, key, body: bytes("x") }));
      // The XML of a batch can't carry it, so the server refuses all of the batch.
      await expect(store.deleteBatch(bucket, [{ key: "other" }, { key }])).rejects.toBeInstanceOf(StorageError);
      await store.delete({ bucket, key });
      await expect(store.head({ bucket, key })).rejects.toBeInstanceOf(ObjectNotFound);
      await store.delete({ bucket, key, versionId });
      expect((await allVersions("")).map((one) => one.isDeleteMarker)).toEqual([true]);
      await store.delete({ bucket, key: "absent" });
      const lock = versionOf(await store.put({ bucket, key: "a", body: bytes("x"), lock: locked(2) }));
      await expect(store.delete({ bucket, key: "a", versionId: lock })).rejects.toBeInstanceOf(AccessRefused);
      expect((await store.head({ bucket, key: "a" })).versionId).toBe(lock);
    });
    test("retention can be set and lengthened, on the named version", async () => {
      // Made once: two calls may fall into two seconds.
      const [two, three, four] = [locked(2), locked(3), locked(4)];
      const first = versionOf(await store.put({ bucket, key: "a", body: bytes("one") }));
      await store.put({ bucket, key: "a", body: bytes("two") });
      await store.retain({ bucket, key: "a", versionId: first }, two);
      await store.retain({ bucket, key: "a", versionId: first }, four);
      await store.retain({ bucket, key: "a", versionId: first }, four);
      expect((await store.head({ bucket, key: "a", versionId: first })).lock).toEqual(four);
      expect((await store.head({ bucket, key: "a" })).lock).toBeUndefined();
      if (under.refusesShortening) {
        await expect(store.retain({ bucket, key: "a", versionId: first }, three)).rejects.toBeInstanceOf(AccessRefused);
        expect((await store.head({ bucket, key: "a", versionId: first })).lock).toEqual(four);
      }
    });
    test("a lock's date is rounded up to the second", async () => {
      const until = new Date(locked(2).until.getTime() + 1);
      const versionId = versionOf(
        await store.put({ bucket, key: "a", body: bytes("x"), lock: { mode: "GOVERNANCE", until } }),
      );
      expect((await store.head({ bucket, key: "a" })).lock?.until.getTime()).toBe(until.getTime() + 999);
      await store.retain(
        { bucket, key: "a", versionId },
        { mode: "GOVERNANCE", until: new Date(until.getTime() + HOUR_MS) },
      );
      expect((await store.head({ bucket, key: "a" })).lock?.until.getTime()).toBe(until.getTime() + HOUR_MS + 999);
    });
  });
};
