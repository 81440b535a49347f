/**
 * Files that stand at the target with the same bytes and other attributes: the snapshot's come back, an undo gives back
 * what they were, and where nothing can have changed nobody asks.
 */
import { compareFiles } from "../../lambda/restore/compare-files";
import { listedMarker } from "../../lambda/pack/listed-marker";
import { lookAt } from "../../lambda/restore/set-aside";
import type { IndexEntry } from "../../lambda/snapshot/file-index";
import { PLAIN_CONTENT_TYPE, type ObjectAttributes } from "../../lambda/storage/object-attributes";
import { FILES_BUCKET, fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { callAll, item, planned } from "./restore-fixture";
import { environment, sealSnapshot, type SnapshotOptions, TARGET } from "./snapshot-fixture";
import { noise, smallFiles } from "./test-files";

const VERSIONED = "test-versioned-files";
const PAGE: ObjectAttributes = {
  contentType: "text/html",
  cacheControl: "max-age=60",
  metadata: { owner: "app" },
  tags: { class: "secret" },
};

/** A target that holds the snapshot's files, plain ones, as they are; `there` with these attributes. */
const targetOf = async (
  there: Readonly<Record<string, ObjectAttributes>>,
  change: {
    readonly bucket?: string;
    readonly immutableKeys?: boolean;
  } & Pick<SnapshotOptions, "manifest" | "withoutAttributes" | "etagOf">,
): Promise<FakeCollaborators> => {
  const { bucket = FILES_BUCKET, immutableKeys = false, ...sealed } = change;
  const c = fakeCollaborators();
  const files = smallFiles(20);
  files.set("large", noise(17 * 1024 * 1024));
  await sealSnapshot(c, { files, ...sealed });
  c.store.createBucket(VERSIONED, { versioned: true });
  const { registration } = environment(TARGET);
  await c.catalog.updateEnvironment(TARGET, {
    registration: { ...registration, files: { ...registration.files, bucket, immutableKeys } },
  });
  const keys = [...files.keys()];
  for (const [key, body] of files) {
    const attributes = there[key] ?? there[String(keys.indexOf(key))] ?? {};
    await c.store.put({ bucket, key: `${TARGET}/${key}`, body, attributes });
  }
  c.store.resetRequests();
  return c;
};
const current = (c: FakeCollaborators, bucket: string) => {
  const keys = new Set(c.store.versions(bucket).map(({ key }) => key));
  return [...keys].flatMap((key) => c.store.versions(bucket, key).slice(0, 1));
};
const attributesAt = (c: FakeCollaborators, bucket: string): readonly (readonly unknown[])[] =>
  current(c, bucket).map(({ key, etag, contentType, metadata, attributes = {} }) => {
    const { cacheControl, tags } = attributes;
    return [key, etag, contentType ?? PLAIN_CONTENT_TYPE, metadata, cacheControl, tags];
  });
const asked = (c: FakeCollaborators): number =>
  c.store.requests.filter(({ ref, operation }) => ref.bucket === FILES_BUCKET && operation !== "list").length;

describe.each([FILES_BUCKET, VERSIONED])("in the bucket %s", (bucket) => {
  const there = { 0: PAGE, 3: { metadata: { owner: "another" } }, 5: { tags: { class: "x" } }, large: PAGE };

  test("the snapshot's attributes come back, counted as files that are replaced", async () => {
    const c = await targetOf(there, { bucket });
    await planned(c);
    expect((await item(c)).plan).toMatchObject({ filesToPut: 0, filesToReplace: 4, filesPresent: 17 });
    await callAll(c, "files");
    expect((await item(c)).files).toMatchObject({ put: 0, replaced: 4, kept: 17 });
    expect(current(c, bucket)).toHaveLength(21);
    for (const { contentType, metadata, attributes = {} } of current(c, bucket)) {
      expect([metadata, attributes.cacheControl, attributes.tags]).toEqual([{}, undefined, undefined]);
      expect(contentType ?? "application/octet-stream").toBe("application/octet-stream");
    }
  });

  test("an undo gives back what they were, and so does a second one", async () => {
    const c = await targetOf(there, { bucket });
    const was = attributesAt(c, bucket);
    await planned(c);
    await callAll(c, "files");
    expect(attributesAt(c, bucket)).not.toEqual(was);
    await callAll(c, "undo-files");
    expect(attributesAt(c, bucket)).toEqual(was);
    await callAll(c, "undo-files");
    expect(attributesAt(c, bucket)).toEqual(was);
  });

  test("so it is where the snapshot's bucket gave other ETags, as under a key of KMS", async () => {
    const c = await targetOf(there, { bucket, etagOf: (content) => `kms-${content.length}` });
    const was = attributesAt(c, bucket);
    await planned(c);
    await callAll(c, "files");
    expect((await item(c)).files).toMatchObject({ put: 0, replaced: 4, kept: 17 });
    await callAll(c, "undo-files");
    expect(attributesAt(c, bucket)).toEqual(was);
  });

  test("a put that was made twice, because its answer was lost, is undone twice", async () => {
    const c = await targetOf(there, { bucket });
    const was = attributesAt(c, bucket);
    await planned(c);
    await callAll(c, "files");
    const owned = new Set(was.filter(([, , , metadata]) => JSON.stringify(metadata) !== "{}").map(([key]) => key));
    expect(owned.size).toBe(3);
    for (const { key, body, attributes = {} } of current(c, bucket))
      if (owned.has(key) && body.length < 1_000_000) await c.store.put({ bucket, key, body, attributes });
    await callAll(c, "undo-files");
    expect(attributesAt(c, bucket)).toEqual(was);
  });

  test.each([0, 1, 2, 3])(
    "a restore that stops before its write number %d and is undone leaves them as they were",
    async (at) => {
      const c = await targetOf(there, { bucket });
      const was = attributesAt(c, bucket);
      await planned(c);
      let writes = 0;
      c.store.onRequest = async (operation, ref) => {
        const writing = operation === "put" || operation === "copy" || operation === "createMultipart";
        if (writing && (ref.bucket === bucket || ref.key?.includes("/aside/") === true) && writes++ === at)
          throw new Error("stopped");
      };
      const ended = await callAll(c, "files").catch((error: Error) => error.message);
      expect(ended).toBe("stopped");
      c.store.onRequest = undefined;
      await callAll(c, "undo-files");
      expect(attributesAt(c, bucket)).toEqual(was);
    },
  );
});

test("one request a file tells; none where keys are never overwritten, or where the snapshot knows no attributes", async () => {
  const looked = await targetOf({}, {});
  await planned(looked);
  await callAll(looked, "files");
  expect(asked(looked)).toBe(21);
  const immutable = await targetOf({}, { immutableKeys: true });
  const uploaded = await targetOf({}, { manifest: { consistency: "uploaded" } });
  for (const c of [immutable, uploaded]) {
    await planned(c);
    await callAll(c, "files");
    expect(asked(c)).toBe(0);
  }
});

test("no request where the file was written in the second that the snapshot noted", async () => {
  const c = fakeCollaborators();
  await c.store.put({ bucket: FILES_BUCKET, key: "a", body: Buffer.from("a"), attributes: PAGE });
  const [listed] = (await c.store.list(FILES_BUCKET, { prefix: "" })).objects;
  if (listed === undefined) throw new Error("nothing is listed");
  const entry = { key: "a", size: 1, etag: listed.etag } as IndexEntry;
  const target = { store: c.store, bucket: FILES_BUCKET, prefix: "" };
  const stateOf = async (marker: string): Promise<string | undefined> => {
    async function* lines() {
      yield { ...entry, marker };
    }
    c.store.resetRequests();
    for await (const { state } of compareFiles(target, lines(), { after: null, attributes: true })) return state;
    return undefined;
  };
  expect(await stateOf(listedMarker(listed))).toBe("same");
  expect(asked(c)).toBe(0);
  expect(await stateOf(`${listedMarker(listed)}1`)).toBe("other");
});

describe.each([
  ["uploaded", { manifest: { consistency: "uploaded" as const } }],
  ["from before attributes were kept", { withoutAttributes: true }],
])("a snapshot that is %s", (_name, change) => {
  test("leaves the attributes of files that it replaces, and puts others as plain ones", async () => {
    const c = await targetOf({}, change);
    const own = { "restore-id": `restore-${"0".repeat(32)}` };
    const put = (key: string, attributes: ObjectAttributes) =>
      c.store.put({ bucket: FILES_BUCKET, key: `${TARGET}/${key}`, body: Buffer.from("another"), attributes });
    const [first = "", second = "", absent = ""] = smallFiles(3).keys();
    await put(first, { ...PAGE, storageClass: "STANDARD_IA" });
    await put("large", { ...PAGE, metadata: { ...PAGE.metadata, ...own } });
    await put(second, { cacheControl: "no-store", storageClass: "GLACIER_IR" });
    await c.store.delete({ bucket: FILES_BUCKET, key: `${TARGET}/${absent}` });
    await planned(c);
    await callAll(c, "files");
    expect((await item(c)).files).toMatchObject({ put: 1, replaced: 3, kept: 17 });
    const at = async (key: string) =>
      (await lookAt({ store: c.store, bucket: FILES_BUCKET, prefix: `${TARGET}/` }, { key }))?.attributes;
    expect(await at(first)).toEqual({ ...PAGE, storageClass: "STANDARD_IA" });
    expect(await at("large")).toEqual(PAGE);
    expect(await at(second)).toEqual({
      contentType: PLAIN_CONTENT_TYPE,
      cacheControl: "no-store",
      storageClass: "GLACIER_IR",
    });
    expect(await at(absent)).toEqual({ contentType: PLAIN_CONTENT_TYPE });
  });
});

test.each([0, 1])("a file whose tags are told as %d and are none is a file without tags", async (tagCount) => {
  const c = await targetOf({ 0: PAGE }, {});
  const head = c.store.head.bind(c.store);
  const tags = c.store.tags.bind(c.store);
  c.store.head = async (ref) => ({ ...(await head(ref)), tagCount });
  c.store.tags = async (ref) => (tagCount === 0 ? tags(ref) : {});
  await planned(c);
  expect((await item(c)).plan).toMatchObject({ filesToReplace: 1, filesPresent: 20 });
  const was = await lookAt({ store: c.store, bucket: FILES_BUCKET, prefix: `${TARGET}/` }, { key: "large" });
  expect(was?.attributes).toEqual({ contentType: PLAIN_CONTENT_TYPE });
});
