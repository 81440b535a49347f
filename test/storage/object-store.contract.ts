/** What every ObjectStore must do. Run on the store in memory and on S3's client against a server. */
import type { PartResult } from "../../lambda/storage/object-store";
import { StorageError } from "../../lambda/storage/storage-errors";
import { attributesContract } from "./contract/attributes.contract";
import { listContract } from "./contract/lists.contract";
import { lockContract } from "./contract/locks.contract";
import { multipartContract } from "./contract/multiparts.contract";
import { readingContract } from "./contract/reading.contract";
import { bytes, governance, readAll, versionOf, type ContractContext, type StoreUnderTest } from "./contract/support";

export const objectStoreContract = (name: string, start: () => Promise<StoreUnderTest>): void => {
  describe(`${name} as an object store`, () => {
    const on = {} as ContractContext;
    let counter = 0;

    beforeAll(async () => {
      on.under = await start();
      on.store = on.under.store;
    });
    beforeEach(async () => {
      on.bucket = `contract-${++counter}`;
      await on.under.createBucket(on.bucket, { objectLock: true });
    });

    readingContract(on);
    listContract(on);
    lockContract(on);
    multipartContract(on);
    attributesContract(on);

    test("a batch deletes 1 to 1,000 objects", async () => {
      const { store, bucket } = on;
      await expect(store.deleteBatch(bucket, [])).rejects.toBeInstanceOf(StorageError);
      await expect(
        store.deleteBatch(
          bucket,
          Array.from({ length: 1001 }, (_, index) => ({ key: `k${index}` })),
        ),
      ).rejects.toBeInstanceOf(StorageError);
    });

    test("each method makes exactly one request", async () => {
      const { store, bucket, under } = on;
      const ref = { bucket, key: "counted" };
      let uploadId = "";
      let part: PartResult = { partNumber: 1, etag: "" };
      let versionId = "";
      const steps: Record<string, () => Promise<unknown>> = {
        put: async () =>
          (versionId = versionOf(await store.put({ ...ref, body: bytes("x"), lock: governance(under, 1) }))),
        get: async () => readAll(await store.get(ref)),
        head: () => store.head(ref),
        tags: () => store.tags(ref),
        list: () => store.list(bucket, { prefix: "" }),
        listVersions: () => store.listVersions(bucket, { prefix: "" }),
        retain: () => store.retain({ ...ref, versionId }, governance(under, 3)),
        copy: () => store.copy({ ...ref, versionId }, { bucket, key: "copy" }),
        createMultipart: async () => (uploadId = await store.createMultipart({ bucket, key: "multi" })),
        uploadPart: async () => (part = await store.uploadPart({ bucket, key: "multi" }, uploadId, 1, bytes("part"))),
        uploadPartCopy: async () =>
          (part = await store.uploadPartCopy({ bucket, key: "multi" }, uploadId, 1, { ...ref, versionId })),
        listMultiparts: () => store.listMultiparts(bucket, { prefix: "" }),
        listParts: () => store.listParts({ bucket, key: "multi" }, uploadId),
        completeMultipart: () => store.completeMultipart({ bucket, key: "multi" }, uploadId, [part], {}),
        abortMultipart: () => store.abortMultipart({ bucket, key: "multi" }, uploadId),
        deleteBatch: () => store.deleteBatch(bucket, [{ key: "copy" }]),
        delete: () => store.delete({ bucket, key: "copy" }),
      };
      const made: Record<string, number> = {};
      for (const [step, run] of Object.entries(steps)) {
        const before = under.requests();
        await run();
        made[step] = under.requests() - before;
      }
      expect(made).toEqual(Object.fromEntries(Object.keys(steps).map((step) => [step, 1])));
    });
  });
};
