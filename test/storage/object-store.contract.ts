/** What every ObjectStore must do. Run on the store in memory and on S3's client against a server. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { crc32ToBase64 } from "../../lambda/storage/crc32-text";
import type { ListedVersion, ObjectContent, ObjectStore, PartResult } from "../../lambda/storage/object-store";
import {
  AccessRefused,
  BucketNotFound,
  ObjectChanged,
  ObjectExists,
  ObjectNotFound,
  RangeOutside,
  StorageError,
} from "../../lambda/storage/storage-errors";

export interface StoreUnderTest {
  readonly store: ObjectStore;
  createBucket(name: string, options?: { objectLock?: boolean; versioned?: boolean }): Promise<void>;
  /** Requests that reached the server so far. */
  requests(): number;
  /** Keys a page holds. */
  readonly pageLimit: number;
  readonly now: () => Date;
  /** Whether the server refuses to shorten a lock; S3 does. */
  readonly refusesShortening: boolean;
  /** Whether the server minds `If-None-Match` on CopyObject; S3 does. */
  readonly conditionalCopies: boolean;
}

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const bytes = (text: string): Uint8Array => Buffer.from(text);
const pattern = (size: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + seed) & 0xff);
const readAll = async (content: ObjectContent): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of content.body) pieces.push(piece);
  return Buffer.concat(pieces);
};
const sha256 = (body: Uint8Array): string => createHash("sha256").update(body).digest("hex");
const versionOf = (result: { versionId?: string }): string => {
  if (result.versionId === undefined) throw new Error("no version id");
  return result.versionId;
};

export const objectStoreContract = (name: string, start: () => Promise<StoreUnderTest>): void => {
  describe(`${name} as an object store`, () => {
    let under: StoreUnderTest;
    let store: ObjectStore;
    let bucket: string;
    let counter = 0;
    const locked = (hours: number) => ({
      mode: "GOVERNANCE" as const,
      until: new Date(Math.ceil((under.now().getTime() + hours * HOUR_MS) / 1000) * 1000),
    });
    const allVersions = async (prefix: string): Promise<ListedVersion[]> => [
      ...(await store.listVersions(bucket, { prefix })).versions,
    ];

    beforeAll(async () => {
      under = await start();
      store = under.store;
    });
    beforeEach(async () => {
      bucket = `contract-${++counter}`;
      await under.createBucket(bucket, { objectLock: true });
    });

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

    describe("lists", () => {
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
      const keys = (count: number): string[] =>
        Array.from({ length: count }, (_, index) => `k/${String(index).padStart(5, "0")}`);
      const fill = async (names: readonly string[]): Promise<void> => {
        for (const key of names) await store.put({ bucket, key, body: bytes(key) });
      };

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
      test("retention can be set and lengthened, on the named version", async () => {
        const first = versionOf(await store.put({ bucket, key: "a", body: bytes("one") }));
        await store.put({ bucket, key: "a", body: bytes("two") });
        await store.retain({ bucket, key: "a", versionId: first }, locked(2));
        await store.retain({ bucket, key: "a", versionId: first }, locked(4));
        await store.retain({ bucket, key: "a", versionId: first }, locked(4));
        expect((await store.head({ bucket, key: "a", versionId: first })).lock).toEqual(locked(4));
        expect((await store.head({ bucket, key: "a" })).lock).toBeUndefined();
        if (under.refusesShortening) {
          await expect(store.retain({ bucket, key: "a", versionId: first }, locked(3))).rejects.toBeInstanceOf(
            AccessRefused,
          );
          expect((await store.head({ bucket, key: "a", versionId: first })).lock).toEqual(locked(4));
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
        expect((await store.listMultiparts(bucket, { prefix: "" })).uploads.map((one) => one.uploadId)).toEqual([
          other,
        ]);
        await expect(store.uploadPart(ref, uploadId, 2, bytes("y"))).rejects.toBeInstanceOf(StorageError);
        await expect(store.completeMultipart(ref, uploadId, [{ partNumber: 1, etag: "x" }], {})).rejects.toBeInstanceOf(
          StorageError,
        );
        expect((await store.list(bucket, { prefix: "" })).objects).toEqual([]);
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

    test("a batch deletes 1 to 1,000 objects", async () => {
      await expect(store.deleteBatch(bucket, [])).rejects.toBeInstanceOf(StorageError);
      await expect(
        store.deleteBatch(
          bucket,
          Array.from({ length: 1001 }, (_, index) => ({ key: `k${index}` })),
        ),
      ).rejects.toBeInstanceOf(StorageError);
    });

    test("each method makes exactly one request", async () => {
      const ref = { bucket, key: "counted" };
      let uploadId = "";
      let part: PartResult = { partNumber: 1, etag: "" };
      let versionId = "";
      const steps: Record<string, () => Promise<unknown>> = {
        put: async () => (versionId = versionOf(await store.put({ ...ref, body: bytes("x"), lock: locked(1) }))),
        get: async () => readAll(await store.get(ref)),
        head: () => store.head(ref),
        list: () => store.list(bucket, { prefix: "" }),
        listVersions: () => store.listVersions(bucket, { prefix: "" }),
        retain: () => store.retain({ ...ref, versionId }, locked(3)),
        copy: () => store.copy({ ...ref, versionId }, { bucket, key: "copy" }),
        createMultipart: async () => (uploadId = await store.createMultipart({ bucket, key: "multi" })),
        uploadPart: async () => (part = await store.uploadPart({ bucket, key: "multi" }, uploadId, 1, bytes("part"))),
        uploadPartCopy: async () =>
          (part = await store.uploadPartCopy({ bucket, key: "multi" }, uploadId, 1, { ...ref, versionId })),
        listMultiparts: () => store.listMultiparts(bucket, { prefix: "" }),
        completeMultipart: () => store.completeMultipart({ bucket, key: "multi" }, uploadId, [part], {}),
        abortMultipart: () => store.abortMultipart({ bucket, key: "multi" }, uploadId),
        deleteBatch: () => store.deleteBatch(bucket, [{ key: "copy" }]),
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
