/** Lists are complete, in order and in pages. */
import type { ObjectStore } from "../../../lambda/storage/object-store";
import { bytes, versionOf, type ContractContext, type StoreUnderTest } from "./support";

const keys = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `k/${String(index).padStart(5, "0")}`);

export const listContract = (on: ContractContext): void => {
  let store: ObjectStore;
  let bucket: string;
  let under: StoreUnderTest;
  beforeEach(() => {
    ({ store, bucket, under } = on);
  });

  const listAll = async (options: { prefix: string; startAfter?: string }): Promise<string[][]> => {
    const pages: string[][] = [];
    let token: string | undefined;
    do {
      const page = await store.list(bucket, { ...options, ...(token === undefined ? {} : { token }) });
      pages.push(page.objects.map((one) => one.key));
      token = page.nextToken;
    } while (token !== undefined);
    return pages;
  };
  const fill = async (names: readonly string[]): Promise<void> => {
    for (const key of names) await store.put({ bucket, key, body: bytes(key) });
  };

  describe("lists", () => {
    test("keys come in pages, in byte order, without hidden ones", async () => {
      const names = keys(under.pageLimit * 2 + 1);
      await fill(names.toReversed());
      await fill(["other"]);
      const hidden = names[1] ?? "";
      await store.deleteBatch(bucket, [{ key: hidden }]);
      const pages = await listAll({ prefix: "k/" });
      expect(pages.map((page) => page.length)).toEqual([under.pageLimit, under.pageLimit]);
      expect(pages.flat()).toEqual(names.filter((key) => key !== hidden));
      expect((await listAll({ prefix: "k/", startAfter: names[4] ?? "" })).flat()).toEqual(names.slice(5));
    });
    test("byte order is not the order of UTF-16 units", async () => {
      const names = ["\u{1f600}", "\uff5e", "Z", "a"];
      await fill(names);
      const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect((await listAll({ prefix: "" })).flat()).toEqual(sorted);
    });
    test("an empty list", async () => {
      expect(await store.list(bucket, { prefix: "none/" })).toEqual({ objects: [] });
      expect(await store.listVersions(bucket, { prefix: "none/" })).toEqual({ versions: [] });
    });
    test("versions and delete markers come in pages, newest first", async () => {
      const versions: string[] = [];
      for (const text of ["one", "two", "three"])
        versions.unshift(versionOf(await store.put({ bucket, key: "v/a", body: bytes(text) })));
      await store.deleteBatch(bucket, [{ key: "v/a" }]);
      const rest = Array.from({ length: under.pageLimit }, (_, index) => `v/b${String(index).padStart(5, "0")}`);
      await fill(rest);
      const first = await store.listVersions(bucket, { prefix: "v/" });
      expect(first.versions).toHaveLength(under.pageLimit);
      expect(first.next).toBeDefined();
      const second = await store.listVersions(bucket, { prefix: "v/", ...first.next });
      expect(second.next).toBeUndefined();
      const all = [...first.versions, ...second.versions];
      const ofA = all.filter((one) => one.key === "v/a");
      expect(ofA.map((one) => [one.isDeleteMarker, one.isLatest])).toEqual([
        [true, true],
        [false, false],
        [false, false],
        [false, false],
      ]);
      expect(ofA.slice(1).map((one) => one.versionId)).toEqual(versions);
      expect(ofA[1]).toMatchObject({ size: 5, etag: expect.any(String) as string });
      expect(all.slice(4).map((one) => one.key)).toEqual(rest);
    });
  });
};
