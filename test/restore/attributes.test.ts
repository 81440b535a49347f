/** Files with attributes, backed up and put again by a restore: on the store in memory and over HTTP on the strict server. */
import { S3FileSource } from "../../lambda/pack/s3-file-source";
import { FilePutter } from "../../lambda/restore/file-putter";
import { SnapshotReader, type ReaderCollaborators } from "../../lambda/restore/snapshot-reader";
import {
  attributesOf,
  differingAttributes,
  faultOfAttributes,
  keptAttributes,
  scratchAttributesOf,
} from "../../lambda/snapshot/file-attributes";
import type { IndexEntry } from "../../lambda/snapshot/file-index";
import { PLAIN_CONTENT_TYPE, type ObjectAttributes } from "../../lambda/storage/object-attributes";
import type { ObjectStore } from "../../lambda/storage/object-store";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { BUCKET, bytesOf, indexLines, packNight, primaryStore, seeded } from "../pack/support";
import { startS3Server, type Fault, type RunningS3Server } from "../support/s3-server/s3-server";
import { ATTRIBUTES, DIFFICULT, someAttributes } from "../support/some-attributes";

const FILES: Record<string, ObjectAttributes> = {
  "a plain one": {},
  ...ATTRIBUTES,
  ...DIFFICULT,
  ...Object.fromEntries(Array.from({ length: 20 }, (_, seed) => [`mixture ${seed}`, someAttributes(seed)])),
};
const LARGE = "large.mp4";

let server: RunningS3Server;
let fault: (number: number) => Fault = () => "none";
beforeAll(async () => (server = await startS3Server({ fault: (_request, number) => fault(number) })));
afterAll(() => server.stop());
afterEach(() => (fault = () => "none"));

const stores: Record<string, () => ObjectStore> = {
  "in memory": () => {
    const store = primaryStore();
    for (const name of ["files", "target"]) store.createBucket(name, { versioned: true });
    return store;
  },
  "over HTTP": () => {
    const { endpoint, credentials, store } = server;
    store.createBucket(BUCKET, { objectLock: true });
    for (const name of ["files", "target"]) store.createBucket(name, { versioned: true });
    return new S3Store(createS3Client({ region: "eu-central-1", endpoint, credentials }));
  },
};

const attributesAt = async (store: ObjectStore, bucket: string, key: string): Promise<ObjectAttributes> => {
  const { attributes, tagCount } = await store.head({ bucket, key });
  const tags = tagCount === undefined ? {} : { tags: await store.tags({ bucket, key }) };
  return { ...attributes, ...tags };
};

const roundTrip = async (
  store: ObjectStore,
  files: Record<string, ObjectAttributes>,
  scratch = false,
): Promise<void> => {
  const packed = await packNight(store, {
    night: 1,
    keys: Object.keys(files),
    source: new S3FileSource(store, { bucket: "files", prefix: "" }),
    base: null,
    random: seeded(1),
  });
  const reader = new SnapshotReader(
    { store, settings: { PRIMARY_BUCKET: BUCKET } } as unknown as ReaderCollaborators,
    false,
  );
  const putter = new FilePutter({
    reader,
    packs: new Map(packed.packs.map((pack) => [pack.packId, pack])),
    target: { store, bucket: "target", prefix: "" },
    firstRecordAt: async () => new Date(0),
    scratch,
  });
  const lines = await indexLines(store, packed);
  await putter.putAll(
    lines.filter((line): line is IndexEntry => !("missing" in line)),
    () => true,
  );
};

describe.each(Object.keys(stores))("%s", (name) => {
  test("small files come back the same, attribute by attribute", async () => {
    const store = stores[name]?.() as ObjectStore;
    for (const [key, attributes] of Object.entries(FILES))
      await store.put({ bucket: "files", key, body: Buffer.from(key), attributes });
    await roundTrip(store, FILES);
    for (const key of Object.keys(FILES))
      expect([key, await attributesAt(store, "target", key)]).toEqual([key, await attributesAt(store, "files", key)]);
  });

  test("a large file, which is put in parts, does too", async () => {
    const store = stores[name]?.() as ObjectStore;
    const attributes = {
      contentType: "video/mp4",
      storageClass: "STANDARD_IA",
      tags: { a: "b" },
      metadata: { c: "d" },
    };
    const ref = { bucket: "files", key: LARGE };
    const uploadId = await store.createMultipart({ ...ref, attributes });
    const next = seeded(2);
    const parts = [];
    for (const number of [1, 2, 3])
      parts.push(await store.uploadPart(ref, uploadId, number, bytesOf(next, 6 * 1024 ** 2)));
    await store.completeMultipart(ref, uploadId, parts, {});
    await roundTrip(store, { [LARGE]: attributes });
    expect(await attributesAt(store, "target", LARGE)).toEqual(attributes);
    expect((await store.head({ bucket: "target", key: LARGE })).etag).toMatch(/-\d+$/);
  });

  test("a drill's copies have all but the storage class", async () => {
    const store = stores[name]?.() as ObjectStore;
    const attributes = { contentType: "text/html", storageClass: "GLACIER_IR", tags: { a: "b" } };
    await store.put({ bucket: "files", key: "a", body: Buffer.from("a"), attributes });
    await roundTrip(store, { a: attributes }, true);
    expect(await attributesAt(store, "target", "a")).toEqual({ contentType: "text/html", tags: { a: "b" } });
  });
});

test("a request that is made again is signed and sent as before, also with headers beyond ASCII", async () => {
  const store = stores["over HTTP"]?.() as ObjectStore;
  const attributes = { contentType: "text/html", contentDisposition: 'attachment; filename="größe.txt"', expires: "0" };
  let failed = 0;
  fault = () => (failed++ < 2 ? "unavailable" : "none");
  await store.put({ bucket: "files", key: "again", body: Buffer.from("a"), attributes });
  expect(failed).toBeGreaterThan(2);
  expect(await attributesAt(store, "files", "again")).toEqual(attributes);
});

describe("rules", () => {
  test("no tags and no metadata are none, on either side", () => {
    const contentType = "text/html";
    for (const nothing of [{ tags: {} }, { metadata: {} }, { tags: {}, metadata: {} }]) {
      expect(differingAttributes({ contentType, ...nothing }, { contentType })).toEqual([]);
      expect(differingAttributes({ contentType }, { contentType, ...nothing })).toEqual([]);
    }
    expect(differingAttributes({ tags: {} }, { tags: { a: "" } })).toEqual(["tags"]);
  });
  test("a plain file has nothing in the index, and is put as what it was", () => {
    expect(keptAttributes({ contentType: PLAIN_CONTENT_TYPE, metadata: {} })).toBeUndefined();
    expect(attributesOf({})).toEqual({ contentType: PLAIN_CONTENT_TYPE });
  });
  test.each(["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "REDUCED_REDUNDANCY", "GLACIER_IR"])(
    "%s is put as it was",
    (storageClass) => {
      expect(attributesOf({ attributes: { storageClass } })).toMatchObject({ storageClass });
      expect(scratchAttributesOf({ attributes: { storageClass } })).not.toHaveProperty("storageClass");
    },
  );
  test.each(["GLACIER", "DEEP_ARCHIVE", "SNOW", "EXPRESS_ONEZONE", "OUTPOSTS"])(
    "%s can be read again",
    (storageClass) => {
      expect(attributesOf({ attributes: { storageClass } })).not.toHaveProperty("storageClass");
    },
  );
  test.each([[], "text", 1, null, { contentType: 1 }, { metadata: "a" }, { metadata: { a: 1 } }, { tags: [1] }])(
    "%j is no line's attributes",
    (attributes) => expect(faultOfAttributes(attributes)).toEqual(expect.any(String)),
  );
  test.each([undefined, {}, ...Object.values(FILES)])("%j may be a line's", (attributes) =>
    expect(faultOfAttributes(attributes)).toBeUndefined(),
  );
});
