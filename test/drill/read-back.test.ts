/** A drill reads back what it has put, bytes and attributes. */
import { createHash } from "node:crypto";
import { unlikeRestored } from "../../lambda/drill/read-back";
import { scratchAttributesOf } from "../../lambda/snapshot/file-attributes";
import type { IndexEntry } from "../../lambda/snapshot/file-index";
import type { ObjectAttributes } from "../../lambda/storage/object-attributes";
import { AccessRefused } from "../../lambda/storage/storage-errors";
import { MemoryStore } from "../support/memory-store";
import { ATTRIBUTES, DIFFICULT } from "../support/some-attributes";

const BODY = "hello";
const entryWith = (attributes?: ObjectAttributes): IndexEntry => ({
  key: "a",
  size: BODY.length,
  etag: "e",
  sha256: createHash("sha256").update(BODY).digest("hex"),
  pack: "p",
  offset: 0,
  length: 1,
  crc32: 0,
  rawLength: 1024,
  ...(attributes === undefined ? {} : { attributes }),
});
const put = async (attributes: ObjectAttributes | undefined, body = BODY) => {
  const store = new MemoryStore();
  store.createBucket("transfer");
  await store.put({
    bucket: "transfer",
    key: "drills/1/a",
    body: Buffer.from(body),
    ...(attributes === undefined ? {} : { attributes }),
  });
  return { store, bucket: "transfer", prefix: "drills/1/" };
};

test.each([["a plain file", undefined], ...Object.entries({ ...ATTRIBUTES, ...DIFFICULT })] as const)(
  "%s is found as it was put",
  async (_name, attributes) => {
    const entry = entryWith(attributes);
    expect(await unlikeRestored(await put(scratchAttributesOf(entry)), entry)).toBeUndefined();
  },
);

test.each<[string, ObjectAttributes, ObjectAttributes, string]>([
  ["another content type", { contentType: "text/css" }, { contentType: "text/html" }, "contentType"],
  ["the default instead", {}, { contentType: "text/html" }, "contentType"],
  ["metadata left out", { contentType: "text/html" }, { contentType: "text/html", metadata: { a: "b" } }, "metadata"],
  ["another value", { metadata: { a: "c" } }, { metadata: { a: "b" } }, "metadata"],
  ["metadata more", { metadata: { a: "b", c: "d" } }, { metadata: { a: "b" } }, "metadata"],
  ["a tag left out", { tags: { a: "b" } }, { tags: { a: "b", c: "d" } }, "tags"],
  ["no tags", {}, { tags: { a: "b" } }, "tags"],
  ["no encoding", {}, { contentEncoding: "gzip" }, "contentEncoding"],
  ["another date", { expires: "0" }, { expires: "-1" }, "expires"],
  ["two at once", {}, { cacheControl: "no-cache", contentLanguage: "nl" }, "cacheControl, contentLanguage"],
])("%s is told", async (_name, found, attributes, names) => {
  const target = await put({ contentType: "application/octet-stream", ...found });
  expect(await unlikeRestored(target, entryWith(attributes))).toBe(`other attributes (${names})`);
});

test("the storage class is none of a drill's", async () => {
  expect(await unlikeRestored(await put({}), entryWith({ storageClass: "GLACIER_IR" }))).toBeUndefined();
});

test("other bytes, and nothing", async () => {
  expect(await unlikeRestored(await put({}, "other"), entryWith())).toBe("other bytes");
  expect(await unlikeRestored({ ...(await put({})), prefix: "drills/2/" }, entryWith())).toBe("nothing");
});

test("tags that can't be read back are the target's failure, not the snapshot's", async () => {
  const target = await put({ tags: { a: "b" } });
  target.store.onRequest = (operation) => {
    if (operation === "tags") throw new AccessRefused("Reading the tags of a is refused: AccessDenied");
  };
  await expect(unlikeRestored(target, entryWith({ tags: { a: "b" } }))).rejects.toMatchObject({
    code: "BucketForbidden",
  });
});
