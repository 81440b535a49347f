/**
 * Files that stand at the target with other bytes: put back by the restore, and what stood there put back by an undo,
 * exactly, on buckets with and without versions, whoever else writes there.
 */
import { gzipSync } from "node:zlib";
import { restoreAsideKey } from "../../lambda/storage/object-keys";
import { AccessRefused } from "../../lambda/storage/storage-errors";
import { FILES_BUCKET, fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { call, callAll, item, planned, RESTORE, runRestore, runSwap, standing } from "./restore-fixture";
import { environment, sealSnapshot, TARGET } from "./snapshot-fixture";
import { asStanding, noise, smallFiles } from "./test-files";

const VERSIONED = "test-versioned-files";
const LOCKED = "test-locked-files";
const buckets = [FILES_BUCKET, VERSIONED, LOCKED] as const;
type Bucket = (typeof buckets)[number];

/** A target whose bucket is this one, with these files in it. */
const targetOf = async (
  files: ReadonlyMap<string, Buffer>,
  bucket: Bucket,
  there: Iterable<readonly [string, Buffer]>,
): Promise<FakeCollaborators> => {
  const c = fakeCollaborators();
  await sealSnapshot(c, { files, linesPerPart: 40 });
  c.store.createBucket(VERSIONED, { versioned: true });
  c.store.createBucket(LOCKED, { objectLock: true });
  const { registration } = environment(TARGET);
  await c.catalog.updateEnvironment(TARGET, {
    registration: { ...registration, files: { ...registration.files, bucket } },
  });
  for (const [key, body] of there)
    await c.store.put({
      bucket,
      key: `${TARGET}/${key}`,
      body,
      attributes: {
        contentType: "text/plain",
        cacheControl: "no-store",
        metadata: { owner: `app of ${key.length}` },
        tags: { class: "secret" },
        storageClass: "STANDARD_IA",
      },
    });
  return c;
};
/** Everything that anyone can see at the target: bytes, ETags, attributes. */
const seen = (c: FakeCollaborators, bucket: string): unknown =>
  Object.fromEntries(
    [...new Set(c.store.versions(bucket).map(({ key }) => key))].flatMap((key) => {
      const [current] = c.store.versions(bucket, key);
      if (current === undefined || current.isDeleteMarker) return [];
      const { body, etag, metadata, contentType, attributes = {} } = current;
      const { cacheControl, tags, storageClass } = attributes;
      const bytes = Buffer.from(body).toString("base64").slice(0, 200);
      return [[key, { bytes, etag, metadata, contentType, cacheControl, tags, storageClass }]];
    }),
  );
const bytesOf = (c: FakeCollaborators, bucket: string, key: string): string =>
  c.store.bytes(bucket, `${TARGET}/${key}`).toString();
const finish = async (c: FakeCollaborators): Promise<void> => {
  await runRestore(c, []);
  await callAll(c, "plan-removal");
  await runSwap(c);
  await call(c, "finish");
};
const before = (
  bucket: string,
  key: string,
  then: () => Promise<unknown>,
  c: FakeCollaborators,
  what = "put",
): void => {
  c.store.onRequest = async (operation, ref) => {
    if (operation !== what || ref.bucket !== bucket || ref.key !== `${TARGET}/${key}`) return;
    c.store.onRequest = undefined;
    await then();
  };
};

describe.each(buckets)("in the bucket %s", (bucket) => {
  test("the night after ransomware: every file is put back, counted in plan and result, and carries no mark", async () => {
    const files = smallFiles(1_200);
    const encrypted = [...files].map(([key, body]) => [key, Buffer.from(body.map((byte) => byte ^ 0x5a))] as const);
    const c = await targetOf(files, bucket, encrypted.slice(100));
    expect((await planned(c)).outcome).toBe("go");
    expect((await item(c)).plan).toMatchObject({
      filesToPut: 100,
      filesToReplace: 1_100,
      filesPresent: 0,
      refusals: [],
      warnings: [],
    });
    await callAll(c, "files");
    await finish(c);
    for (const [key, body] of files) expect(bytesOf(c, bucket, key)).toBe(body.toString());
    expect((await item(c)).files).toMatchObject({ put: 100, replaced: 1_100, kept: 0 });
    expect((await item(c)).statusMessage).toContain(
      "100 files were put, 1,100 were put back over what stood there, 0 were there already",
    );
    for (const { metadata } of c.store.versions(bucket).filter(({ sequence }) => sequence === 0))
      expect(metadata).toEqual({});
    expect(JSON.stringify(c.store.versions(bucket).map(({ metadata }) => metadata))).not.toContain("restore");
  }, 60_000);

  test("an undo puts back what stood there, exactly", async () => {
    const files = smallFiles(60);
    files.set("empty-now", Buffer.from("was more"));
    files.set("more-now", Buffer.alloc(0));
    files.set("large", noise(17 * 1024 * 1024));
    const there = [...files].slice(20).map(([key, body]) => [key, Buffer.concat([body, Buffer.from("!")])] as const);
    const c = await targetOf(files, bucket, [
      ...there,
      ["empty-now", Buffer.alloc(0)],
      ["stray", Buffer.from("stray")],
    ]);
    const was = seen(c, bucket);
    const versions = c.store.versions(bucket).map(({ key, versionId }) => [key, versionId]);
    await planned(c);
    await callAll(c, "files");
    expect(seen(c, bucket)).not.toEqual(was);
    await callAll(c, "undo-files");
    expect(seen(c, bucket)).toEqual(was);
    expect(c.store.versions(bucket).map(({ key, versionId }) => [key, versionId])).toEqual(versions);
    await callAll(c, "undo-files");
    expect(seen(c, bucket)).toEqual(was);
    expect(c.store.uploads(bucket)).toEqual([]);
  });

  test("whoever writes after the file was looked at keeps what he wrote: the restore fails and undoes", async () => {
    const files = smallFiles(10);
    const [first = "", second = ""] = files.keys();
    const c = await targetOf(files, bucket, [
      [first, Buffer.from("old")],
      [second, Buffer.from("old too")],
    ]);
    await planned(c);
    before(bucket, first, () => c.store.put({ bucket, key: `${TARGET}/${first}`, body: Buffer.from("mine") }), c);
    await expect(callAll(c, "files")).rejects.toMatchObject({ name: "FileConflict" });
    await callAll(c, "undo-files");
    expect(bytesOf(c, bucket, first)).toBe("mine");
    expect(bytesOf(c, bucket, second)).toBe("old too");
  });

  test("a file that goes after it was looked at is not made up for: the restore fails and undoes", async () => {
    const files = smallFiles(10);
    const [first = ""] = files.keys();
    const c = await targetOf(files, bucket, [[first, Buffer.from("old")]]);
    await planned(c);
    before(bucket, first, () => c.store.delete({ bucket, key: `${TARGET}/${first}` }), c);
    await expect(callAll(c, "files")).rejects.toMatchObject({ name: "FileConflict" });
    await callAll(c, "undo-files");
    expect(Object.keys(seen(c, bucket) as object)).toEqual([]);
  });

  test("what is written over a file that was put back stays, also when the restore is undone", async () => {
    const files = smallFiles(10);
    const [first = ""] = files.keys();
    const c = await targetOf(files, bucket, [[first, Buffer.from("old")]]);
    await planned(c);
    await callAll(c, "files");
    await c.store.put({ bucket, key: `${TARGET}/${first}`, body: Buffer.from("later") });
    await callAll(c, "undo-files");
    expect(bytesOf(c, bucket, first)).toBe("later");
  });

  test("a file that changes between two tries comes back as it was last", async () => {
    const files = smallFiles(10);
    const [first = ""] = files.keys();
    const c = await targetOf(files, bucket, [[first, Buffer.from("at first")]]);
    await planned(c);
    // The first try dies halfway through its batch, and somebody writes.
    let puts = 0;
    c.store.onRequest = (operation, ref) => {
      if (operation === "put" && ref.bucket === bucket && ++puts === 2) throw new Error("crash");
    };
    await callAll(c, "files").catch(() => undefined);
    c.store.onRequest = undefined;
    await c.store.put({ bucket, key: `${TARGET}/${first}`, body: Buffer.from("in between") });
    await callAll(c, "files");
    expect(bytesOf(c, bucket, first)).toBe(files.get(first)?.toString());
    await callAll(c, "undo-files");
    expect(bytesOf(c, bucket, first)).toBe("in between");
  });

  test("twins do each other no harm", async () => {
    const files = smallFiles(30);
    const there = [...files].map(([key, body]) => [key, Buffer.concat([body, Buffer.from("!")])] as const);
    for (const undone of [false, true]) {
      const c = await targetOf(files, bucket, there);
      const was = seen(c, bucket);
      await planned(c);
      const [one, other] = await Promise.allSettled([callAll(c, "files"), callAll(c, "files")]);
      expect([one?.status, other?.status]).toContain("fulfilled");
      if (undone) await callAll(c, "undo-files");
      if (undone) expect(seen(c, bucket)).toEqual(was);
      else for (const [key, body] of files) expect(bytesOf(c, bucket, key)).toBe(body.toString());
    }
  });
});

test("where a version may not be deleted, what stood there is put over it again", async () => {
  const files = smallFiles(10);
  const [first = "", second = ""] = files.keys();
  const c = await targetOf(files, LOCKED, [[first, Buffer.from("old")]]);
  const was = seen(c, LOCKED);
  await planned(c);
  await callAll(c, "files");
  const lock = { mode: "GOVERNANCE" as const, until: new Date("2030-01-01T00:00:00Z") };
  for (const key of [first, second])
    for (const version of c.store.versions(LOCKED, `${TARGET}/${key}`)) version.lock = lock;
  await callAll(c, "undo-files");
  expect(seen(c, LOCKED)).toEqual(was);
  await callAll(c, "undo-files");
  expect(seen(c, LOCKED)).toEqual(was);
});

test("a version that the bucket's rules have taken meanwhile can't come back: that file stays, no other does, and the undo says so", async () => {
  const files = smallFiles(1_200);
  const c = await targetOf(
    files,
    VERSIONED,
    [...files.keys()].map((key) => [key, Buffer.from(`old ${key}`)] as const),
  );
  // One of the newest record, which is undone first.
  const gone = [...files.keys()].toSorted().at(-1) ?? "";
  const [old] = c.store.versions(VERSIONED, `${TARGET}/${gone}`);
  await planned(c);
  await callAll(c, "files");
  expect((await item(c)).files.batches).toBe(2);
  await c.store.delete({ bucket: VERSIONED, key: `${TARGET}/${gone}`, versionId: old?.versionId ?? "" });
  for (const _try of [1, 2])
    await expect(callAll(c, "undo-files")).rejects.toMatchObject({
      name: "UndoRefused",
      message: expect.stringContaining(
        `"${TARGET}/${gone}" in bucket ${VERSIONED}, over which a failed restore put a file, is gone`,
      ),
    });
  for (const [key, body] of files)
    expect(bytesOf(c, VERSIONED, key)).toBe(key === gone ? body.toString() : `old ${key}`);
  expect((await item(c)).files.undoStuck).toContain("is gone");
}, 60_000);

test("under a key of KMS, where ETags say nothing, both ways are the same", async () => {
  const files = smallFiles(20);
  const there = [...files].map(([key, body]) => [key, Buffer.from(body.map((byte) => byte ^ 1))] as const);
  const c = await targetOf(files, FILES_BUCKET, []);
  const upload = async (key: string, body: Buffer): Promise<void> => {
    const ref = { bucket: FILES_BUCKET, key: `${TARGET}/${key}` };
    const id = await c.store.createMultipart(ref);
    await c.store.completeMultipart(ref, id, [await c.store.uploadPart(ref, id, 1, body)], {});
  };
  for (const [key, body] of there) await upload(key, body);
  for (const [key, body] of [...files].slice(0, 5)) await upload(key, body);
  await planned(c);
  expect((await item(c)).plan).toMatchObject({ filesToReplace: 15, filesPresent: 5, filesToPut: 0 });
  await callAll(c, "files");
  expect(standing(c)).toEqual(asStanding(files));
  await callAll(c, "undo-files");
  expect(standing(c)).toEqual(
    asStanding([...files].map(([key, body], place) => [key, place < 5 ? body : (there[place]?.[1] ?? body)])),
  );
});

test("what is copied aside stands among the restore's records, which retention sweeps", async () => {
  const files = smallFiles(3);
  const [first = ""] = files.keys();
  const c = await targetOf(files, FILES_BUCKET, [[first, Buffer.from("old")]]);
  await planned(c);
  await callAll(c, "files");
  const place = [...files.keys()].toSorted().indexOf(first);
  const key = restoreAsideKey({ replication: "replicated", environmentId: TARGET }, RESTORE, 0, place);
  expect(key).toContain(`/records/restores/${RESTORE}/`);
  expect(c.store.bytes(c.settings.PRIMARY_BUCKET, key).toString()).toBe("old");
});

describe("files of 3 GiB, which are copied before others are put over them", () => {
  /** Ten of them, as the listing has it: nobody reads them, since the snapshot's have other sizes. */
  const tenLarge = async (): Promise<FakeCollaborators> => {
    const files = smallFiles(10);
    const c = await targetOf(
      files,
      FILES_BUCKET,
      [...files.keys()].map((key) => [key, Buffer.from("old")] as const),
    );
    const list = c.store.list.bind(c.store);
    c.store.list = async (bucket, options) => {
      const { objects, ...rest } = await list(bucket, options);
      return { ...rest, objects: objects.map((one) => ({ ...one, size: one.size === 3 ? 3 * 1024 ** 3 : one.size })) };
    };
    await planned(c);
    c.store.resetRequests();
    return c;
  };
  const copies = (c: FakeCollaborators): number =>
    c.store.requests.filter(({ operation }) => operation === "copy").length;

  test("make batches of three", async () => {
    const c = await tenLarge();
    expect((await callAll(c, "files")).outcome).toBe("done");
    expect((await item(c)).files).toMatchObject({ batches: 4, replaced: 10, kept: 0 });
    expect(copies(c)).toBe(10);
  });

  test("are left to the next call where the time is too short for another batch, and none is copied twice", async () => {
    const c = await tenLarge();
    c.remaining = 120_000;
    for (const [batches, outcome] of [
      [1, "more"],
      [2, "more"],
      [3, "more"],
      [4, "more"],
      [5, "done"],
    ] as const) {
      expect((await call(c, "files")).outcome).toBe(outcome);
      expect([(await item(c)).files.batches, copies(c)]).toEqual([batches, batches * 2]);
    }
    expect((await item(c)).files).toMatchObject({ replaced: 10, kept: 0, done: true });
  });
});

test("a bucket whose files may not be read can't be put back, and nothing has been touched", async () => {
  const files = smallFiles(3);
  const [first = ""] = files.keys();
  const c = await targetOf(files, FILES_BUCKET, [[first, Buffer.from("old")]]);
  const was = seen(c, FILES_BUCKET);
  await planned(c);
  c.store.onRequest = (operation) => {
    if (operation === "copy") throw new AccessRefused("403");
  };
  await expect(callAll(c, "files")).rejects.toMatchObject({ name: "BucketForbidden" });
  c.store.onRequest = undefined;
  await callAll(c, "undo-files");
  expect(seen(c, FILES_BUCKET)).toEqual(was);
});

test("a restore that the version before this one began is undone by its mark", async () => {
  const files = smallFiles(4);
  const c = await targetOf(files, FILES_BUCKET, []);
  await planned(c);
  const [first = "", second = ""] = files.keys();
  const metadata = { "restore-id": RESTORE };
  await c.store.put({ bucket: FILES_BUCKET, key: `${TARGET}/${first}`, body: Buffer.from("x"), metadata });
  await c.store.put({ bucket: FILES_BUCKET, key: `${TARGET}/${second}`, body: Buffer.from("x") });
  const record = `replicated/${TARGET}/records/restores/${RESTORE}/put/000000.ndjson.gz`;
  const lines = [first, second].map((key) => JSON.stringify({ key, size: 50 })).join("\n");
  await c.store.put({ bucket: c.settings.PRIMARY_BUCKET, key: record, body: gzipSync(`${lines}\n`) });
  await callAll(c, "undo-files");
  expect(standing(c)).toEqual([[second, "x", false]]);
});

test("mixtures: whatever stood there, undone it is as before, and restored as the snapshot", async () => {
  let seed = 8;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 12; round++) {
    const bucket = buckets[round % buckets.length] ?? FILES_BUCKET;
    const files = smallFiles(5 + random(40));
    const there = [...files].flatMap(([key, body]): [string, Buffer][] => {
      const kind = random(4);
      if (kind === 0) return [];
      if (kind === 1) return [[key, body]];
      return [[key, kind === 2 ? Buffer.from(body.map((byte) => byte ^ 7)) : Buffer.alloc(random(2_000), key)]];
    });
    const c = await targetOf(files, bucket, there);
    const was = seen(c, bucket);
    await planned(c);
    const crashAt = random(60);
    let requests = 0;
    c.store.onRequest = () => {
      if (requests++ === crashAt) throw new Error("crash");
    };
    await callAll(c, "files").catch(() => undefined);
    c.store.onRequest = undefined;
    if (random(2) === 0) {
      await callAll(c, "files");
      for (const [key, body] of files) expect(bytesOf(c, bucket, key)).toBe(body.toString());
    }
    await callAll(c, "undo-files");
    expect(seen(c, bucket)).toEqual(was);
  }
});
