import { objectsOf } from "../../lambda/snapshot/manifest-objects";
import { FILES_BUCKET, fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import {
  call,
  callAll,
  item,
  planned,
  putTarget,
  removalKeys,
  request,
  runPreflight,
  runRestore,
  runSwap,
  standing,
} from "./restore-fixture";
import { asStanding, flip, noise, smallFiles, text } from "./test-files";
import { environment, sealSnapshot, SNAPSHOT, SOURCE, TARGET } from "./snapshot-fixture";

const restoreAll = async (c: FakeCollaborators, oldKeys: readonly string[] = []): Promise<void> => {
  expect((await planned(c)).outcome).toBe("go");
  expect((await callAll(c, "files")).outcome).toBe("done");
  await runRestore(c, oldKeys);
  expect((await callAll(c, "plan-removal")).outcome).toBe("done");
  await runSwap(c);
  expect((await call(c, "finish")).outcome).toBe("done");
};

const HOSTILE = [
  "../../etc/passwd",
  "a/../b",
  "ü/ß 日本",
  "\u{1F600}-astral",
  "\uFFFD-below-astral",
  "line\nbreak",
  "\u2028separator",
  'quote"back\\slash',
  "/leading",
  "trailing/",
  "a+b%20c&d=e",
  " ",
  `${"long-".repeat(180)}end`,
];

test("restores every file, byte for byte, hostile keys and all sizes included, and removes what only the old database named", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(300);
  for (const key of HOSTILE) files.set(key, text(key, 700));
  files.set("empty", Buffer.alloc(0));
  files.set("large", noise(20 * 1024 * 1024));
  files.set("large-but-compressible", Buffer.alloc(40 * 1024 * 1024, "abc"));
  files.set("here-already", text("here"));
  await sealSnapshot(c, { files, missing: ["was-missing"], linesPerPart: 70, packs: 3 });
  await putTarget(c, [
    ["here-already", text("here")],
    ["old-only", text("old")],
    ["in-neither", text("neither")],
    ["was-missing", text("m")],
  ]);

  await request(c, { acknowledged: ["FilesMissing"] });
  await call(c, "begin");
  await runPreflight(c);
  expect(await callAll(c, "plan")).toMatchObject({ outcome: "go" });
  expect((await item(c)).plan).toMatchObject({ filesToPut: files.size - 1, filesPresent: 1 });
  await callAll(c, "files");
  await runRestore(c, ["here-already", "old-only", "was-missing", ...HOSTILE]);
  await callAll(c, "plan-removal");
  expect(await removalKeys(c)).toEqual(["old-only"]);
  await runSwap(c);
  await call(c, "finish");

  const expected = [...files, ["in-neither", text("neither")] as const, ["was-missing", text("m")] as const];
  expect(standing(c)).toEqual(asStanding(expected));
  expect(c.store.uploads(FILES_BUCKET)).toEqual([]);
  expect(await item(c)).toMatchObject({
    state: "completed",
    files: { put: files.size - 1, kept: 1, done: true },
    statusMessage: expect.stringContaining("1 were removed") as string,
  });
  expect(await c.catalog.getLease(TARGET)).toBeUndefined();
  expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
});

test("20,000 small files are read in few requests and put in one each", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(20_000);
  const manifest = await sealSnapshot(c, { files, packs: 1, linesPerPart: 10_000 });
  await planned(c);
  c.store.resetRequests();
  await callAll(c, "files");
  const count = (operation: string): number => c.store.requests.filter((one) => one.operation === operation).length;
  // Manifest, each index part to verify and to read, and the pack in runs: per batch of 1,000 at most two.
  expect(count("get")).toBeLessThanOrEqual(1 + 2 * manifest.files.index.length + 2 * 20);
  // Each file, and each batch's record.
  expect(count("put")).toBe(20_000 + 20);
  expect(count("head")).toBe(0);
  expect(standing(c)).toHaveLength(20_000);
}, 120_000);

test("a second restore of the same files puts nothing and reads no pack", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(500);
  await sealSnapshot(c, { files });
  await putTarget(c, files);
  await planned(c);
  c.store.resetRequests();
  await callAll(c, "files");
  expect(c.store.requests.filter(({ operation }) => operation === "put")).toEqual([]);
  expect(c.store.requests.some(({ ref }) => ref.key?.includes("/packs/") === true)).toBe(false);
  expect((await item(c)).files).toMatchObject({ put: 0, kept: 500, done: true });
});

test("works a little at a time: every call gets on, and the counts come out right", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(150);
  files.set("big", noise(17 * 1024 * 1024));
  await sealSnapshot(c, { files, packs: 1, linesPerPart: 40 });
  await putTarget(c, [...files].slice(0, 10));
  await planned(c);
  c.remaining = 59_000;
  let calls = 0;
  while ((await call(c, "files")).outcome === "more") calls++;
  expect(calls).toBeGreaterThan(10);
  expect((await item(c)).files).toMatchObject({ put: 141, kept: 10, done: true });
  expect(standing(c)).toEqual(asStanding(files));
});

test("the plan compares a little at a time", async () => {
  const c = fakeCollaborators();
  await sealSnapshot(c, { files: smallFiles(50), linesPerPart: 20 });
  await putTarget(c, [...smallFiles(50)].slice(0, 20));
  await request(c);
  await call(c, "begin");
  await runPreflight(c);
  c.remaining = 59_000;
  expect((await call(c, "plan")).outcome).toBe("more");
  expect((await callAll(c, "plan")).outcome).toBe("go");
  expect((await item(c)).plan).toMatchObject({ filesToPut: 30, filesPresent: 20, bytesToPut: 1500 });
});

test("the removal is planned a little at a time", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(50);
  await sealSnapshot(c, { files, linesPerPart: 20 });
  await planned(c);
  await callAll(c, "files");
  await runRestore(c, [...files.keys(), ...Array.from({ length: 250 }, (_, n) => `old-${n}`)]);
  c.remaining = 59_000;
  expect((await call(c, "plan-removal")).outcome).toBe("more");
  expect((await item(c)).removal?.done).toBe(false);
  await callAll(c, "plan-removal");
  expect(new Set(await removalKeys(c)).size).toBe(250);
  expect((await item(c)).removal).toMatchObject({ count: 250, done: true });
});

test("equal bytes under another ETag are kept, other bytes are to be replaced, and the plan touches nothing", async () => {
  const c = fakeCollaborators();
  const files = new Map([
    ["multipart", noise(6 * 1024 * 1024)],
    ["plain", text("plain")],
  ]);
  await sealSnapshot(c, { files });
  const ref = { bucket: FILES_BUCKET, key: `${TARGET}/multipart` };
  const upload = await c.store.createMultipart(ref);
  const part = await c.store.uploadPart(ref, upload, 1, files.get("multipart") as Buffer);
  await c.store.completeMultipart(ref, upload, [part], {});
  expect((await planned(c)).outcome).toBe("go");
  expect((await item(c)).plan).toMatchObject({ filesToPut: 1, filesPresent: 1 });

  await putTarget(c, [["plain", text("other")]]);
  const before = standing(c);
  expect(await call(c, "plan")).toMatchObject({ outcome: "go" });
  expect((await item(c)).plan).toMatchObject({
    refusals: [],
    filesToPut: 0,
    filesToReplace: 1,
    bytesToReplace: text("plain").length,
  });
  expect(standing(c)).toEqual(before);
});

test("a file that appears with other bytes after the plan stops the restore and is left alone", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(20);
  await sealSnapshot(c, { files });
  await planned(c);
  const [victim] = [...files.keys()];
  // Between the listing and the put.
  c.store.onRequest = async (operation, { key }) => {
    if (operation !== "put" || key !== `${TARGET}/${victim}`) return;
    c.store.onRequest = undefined;
    await putTarget(c, [[victim as string, Buffer.from("mine")]]);
  };
  await expect(callAll(c, "files")).rejects.toMatchObject({ name: "FileConflict" });
  await callAll(c, "undo-files");
  expect(standing(c)).toEqual([[victim, "mine", false]]);
});

test("a file that appears with the same bytes is well; undoing takes it for ours, and the snapshot keeps it", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(20);
  await sealSnapshot(c, { files });
  await planned(c);
  const [twin = ""] = files.keys();
  c.store.onRequest = async (operation, { key }) => {
    if (operation !== "put" || key !== `${TARGET}/${twin}`) return;
    c.store.onRequest = undefined;
    await putTarget(c, [[twin, files.get(twin) as Buffer]]);
  };
  await callAll(c, "files");
  expect((await item(c)).files).toMatchObject({ put: 19, kept: 1 });
  await callAll(c, "undo-files");
  expect(standing(c)).toEqual([]);
});

test("a batch that has to stop halfway is finished by the next calls, and counted once", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(60);
  await sealSnapshot(c, { files, packs: 12 });
  await putTarget(c, [...files].slice(0, 3));
  await planned(c);
  const enough = c.remaining;
  // Time runs out with the first put of each call.
  c.store.onRequest = (operation, { bucket }) => {
    if (operation === "put" && bucket === FILES_BUCKET) c.remaining = 0;
  };
  let calls = 0;
  do {
    c.remaining = enough;
    calls++;
  } while ((await call(c, "files")).outcome === "more");
  expect(calls).toBeGreaterThan(2);
  expect((await item(c)).files).toMatchObject({ put: 57, kept: 3, done: true });
  expect(standing(c)).toEqual(asStanding(files));
});

test("the record of a crashed batch stands beside that of the next try, so that both are undone", async () => {
  const c = fakeCollaborators();
  await sealSnapshot(c, { files: smallFiles(1_200) });
  await planned(c);
  let puts = 0;
  c.store.onRequest = (operation, { bucket }) => {
    if (operation === "put" && bucket === FILES_BUCKET && ++puts > 500) throw new Error("crash");
  };
  await expect(callAll(c, "files")).rejects.toThrow("crash");
  c.store.onRequest = undefined;
  // This batch begins with what the first one left and reaches further.
  await callAll(c, "files");
  expect(standing(c)).toHaveLength(1_200);
  await callAll(c, "undo-files");
  expect(standing(c)).toEqual([]);
});

test("a delete marker on a pack, or on any object of the snapshot, does no harm", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(30);
  const manifest = await sealSnapshot(c, { files });
  const keys = objectsOf(manifest).map(({ key }) => ({ key }));
  const manifestEntry = (await c.catalog.getSnapshot(SOURCE, SNAPSHOT))?.manifest;
  await c.store.deleteBatch(c.settings.PRIMARY_BUCKET, [...keys, { key: manifestEntry?.key ?? "" }]);
  await restoreAll(c);
  expect(standing(c)).toEqual(asStanding(files));
  expect(c.log.lines.filter(({ level }) => level === "error")).toEqual([]);
});

describe("damage", () => {
  test("in a pack is healed from the replica, the oldest version there", async () => {
    const c = fakeCollaborators();
    const files = smallFiles(60);
    files.set("large", noise(20 * 1024 * 1024));
    const manifest = await sealSnapshot(c, { files, packs: 2 });
    for (const { key } of manifest.files.packs) {
      flip(c, key, 0.5);
      await c.replicaStore.put({ bucket: c.settings.REPLICA_BUCKET, key, body: Buffer.from("a later version") });
    }
    await restoreAll(c);
    expect(standing(c)).toEqual(asStanding(files));
    expect(c.log.lines).toContainEqual(expect.objectContaining({ level: "error" }));
  });

  test("in both regions fails with a sentence that names the pack, and leaves the target as it was", async () => {
    const c = fakeCollaborators();
    const manifest = await sealSnapshot(c, { files: smallFiles(60), packs: 2 });
    const key = manifest.files.packs[1]?.key ?? "";
    flip(c, key, 0.5);
    const [replica] = c.replicaStore.versions(c.settings.REPLICA_BUCKET, key);
    (replica as { body: Uint8Array }).body = new Uint8Array(manifest.files.packs[1]?.size ?? 0);
    await putTarget(c, [["mine", text("mine")]]);
    const before = standing(c);
    await planned(c);
    const failure = await callAll(c, "files").catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ name: "SnapshotDamaged", message: expect.stringContaining(key) as string });
    await callAll(c, "undo-files");
    await call(c, "fail", {
      Error: "SnapshotDamaged",
      Cause: JSON.stringify({ errorMessage: (failure as Error).message }),
    });
    expect(standing(c)).toEqual(before);
    expect(await item(c)).toMatchObject({ state: "failed", statusMessage: (failure as Error).message });
  });

  test("a pack that is missing in both regions is refused by the plan; missing in one, it is told", async () => {
    const c = fakeCollaborators();
    const manifest = await sealSnapshot(c, { files: smallFiles(20), packs: 2 });
    const [pack] = manifest.files.packs;
    const remove = { key: pack?.key ?? "", versionId: pack?.versionId ?? "" };
    await c.store.deleteBatch(c.settings.PRIMARY_BUCKET, [remove], { bypassGovernance: true });
    expect((await planned(c)).outcome).toBe("go");
    expect(c.notifier.told).toHaveLength(1);
    const [replica] = c.replicaStore.versions(c.settings.REPLICA_BUCKET, remove.key);
    const gone = { key: remove.key, versionId: replica?.versionId ?? "" };
    await c.replicaStore.deleteBatch(c.settings.REPLICA_BUCKET, [gone], { bypassGovernance: true });
    expect((await call(c, "plan")).outcome).toBe("refused");
    expect((await item(c)).plan?.refusals).toMatchObject([{ code: "SnapshotDamaged" }]);
  });

  test("in the manifest or the index is healed from the replica", async () => {
    const c = fakeCollaborators();
    const files = smallFiles(40);
    const manifest = await sealSnapshot(c, { files, linesPerPart: 10 });
    for (const { key } of manifest.files.index) flip(c, key, 0.5);
    flip(c, (await c.catalog.getSnapshot(SOURCE, SNAPSHOT))?.manifest?.key ?? "", 0.5);
    await restoreAll(c);
    expect(standing(c)).toEqual(asStanding(files));
  });
});

test("restores into the environment itself", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(20);
  await sealSnapshot(c, { files });
  for (const [key, body] of [...files].slice(5))
    await c.store.put({ bucket: FILES_BUCKET, key: `${SOURCE}/${key}`, body });
  await request(c, { targetEnvironmentId: SOURCE });
  await call(c, "begin");
  expect((await c.catalog.getLease(SOURCE))?.purpose).toBe("restore");
  await runPreflight(c);
  expect((await callAll(c, "plan")).outcome).toBe("go");
  await callAll(c, "files");
  expect(standing(c, SOURCE)).toEqual(asStanding(files));
});

test("a target bucket with versions is undone to its last version", async () => {
  const c = fakeCollaborators();
  const versioned = "test-versioned-files";
  c.store.createBucket(versioned, { versioned: true });
  const files = smallFiles(25);
  files.set("large", noise(17 * 1024 * 1024));
  await sealSnapshot(c, { files });
  const target = environment(TARGET);
  await c.catalog.updateEnvironment(TARGET, {
    registration: { ...target.registration, files: { ...target.registration.files, bucket: versioned, prefix: "" } },
  });
  const [deleted] = [...files.keys()];
  await c.store.put({ bucket: versioned, key: deleted as string, body: Buffer.from("older, deleted since") });
  await c.store.deleteBatch(versioned, [{ key: deleted as string }]);
  const before = JSON.stringify(c.store.versions(versioned));
  await planned(c);
  await callAll(c, "files");
  expect(c.store.versions(versioned)).toHaveLength(files.size + 2);
  expect((await callAll(c, "undo-files")).outcome).toBe("done");
  expect(JSON.stringify(c.store.versions(versioned))).toBe(before);
});

test("after the swap there is only forward: undo removes nothing", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(10);
  await sealSnapshot(c, { files });
  await planned(c);
  await callAll(c, "files");
  await runRestore(c, []);
  await callAll(c, "plan-removal");
  await runSwap(c);
  expect((await call(c, "undo-files")).outcome).toBe("forward");
  expect(standing(c)).toEqual(asStanding(files));
});

test("finish refuses a restore whose database has not been swapped", async () => {
  const c = fakeCollaborators();
  await sealSnapshot(c, { files: smallFiles(3) });
  await planned(c);
  await callAll(c, "files");
  await expect(call(c, "finish")).rejects.toMatchObject({ name: "RestoreNotSwapped" });
});

test("nothing is put once undoing has begun, or without the lease", async () => {
  const c = fakeCollaborators();
  await sealSnapshot(c, { files: smallFiles(10) });
  await planned(c);
  await callAll(c, "undo-files");
  await expect(call(c, "files")).rejects.toMatchObject({ name: "RestoreEnded" });
  await c.catalog.releaseLease(TARGET, (await item(c)).leaseToken ?? "");
  await expect(call(c, "files")).rejects.toMatchObject({ name: "LeaseLost" });
  await expect(call(c, "plan")).rejects.toMatchObject({ name: "LeaseLost" });
  expect(standing(c)).toEqual([]);
});

test("a forbidden or missing file bucket is told in one sentence", async () => {
  const c = fakeCollaborators();
  await sealSnapshot(c, { files: smallFiles(3) });
  const target = environment(TARGET);
  await c.catalog.updateEnvironment(TARGET, {
    registration: { ...target.registration, files: { ...target.registration.files, bucket: "gone" } },
  });
  await expect(planned(c)).rejects.toMatchObject({ name: "BucketMissing" });
});
