/** Archives of a fresh snapshot and of old ones: contents, requests, hand-back, damage. */
import { createHash } from "node:crypto";
import { archiveStep } from "../../lambda/archive/archive.handler";
import { build } from "../../lambda/archive/build-archive";
import { PART_LIMITS } from "../../lambda/archive/part-plan";
import type { ArchiveDataType } from "../../lambda/catalog/items";
import { dumpOf, type Manifest } from "../../lambda/snapshot/manifest";
import { StorageError } from "../../lambda/storage/storage-errors";
import { tarPath } from "../../lambda/pack/tar-path";
import {
  PRIMARY_BUCKET,
  REPLICA_BUCKET,
  TRANSFER_BUCKET,
  fakeCollaborators,
  type FakeCollaborators,
} from "../support/collaborators";
import { bytesOf, seeded, uuid } from "../pack/support";
import {
  ARCHIVE,
  ask,
  begin,
  buildAll,
  archiveBytes,
  DUMP,
  item,
  make,
  seal,
  SMALL_PARTS,
  SMALL_STORE,
  SNAPSHOT,
  SOURCE,
} from "./archive-fixture";
import { entriesOf } from "./read-archive";

const KIB = 1024;
const MIB = 1024 ** 2;

/** Incompressible files of about `size` bytes, by UUID. */
const filesOf = (count: number, size: number, seed = 1): Map<string, Buffer> => {
  const next = seeded(seed);
  return new Map(Array.from({ length: count }, () => [uuid(next), bytesOf(next, Math.ceil(size * (0.5 + next())))]));
};
const digest = (entries: ReadonlyMap<string, Buffer>): Map<string, string> =>
  new Map([...entries].map(([path, content]) => [path, createHash("sha1").update(content).digest("hex")]));
const sorted = (entries: ReadonlyMap<string, string>): [string, string][] =>
  [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** What an archive of these files must hold. */
const expected = (
  files: ReadonlyMap<string, Buffer>,
  metadata: Record<string, string>,
  dump: Buffer | null = DUMP,
): [string, string][] =>
  sorted(
    digest(
      new Map([
        [".metadata", Buffer.from(JSON.stringify(metadata))],
        ...(dump === null ? [] : ([["db/db.backup", dump]] as const)),
        ...[...files].map(([key, content]) => [tarPath(key), content] as const),
      ]),
    ),
  );
const metadataOf = (files: ReadonlyMap<string, Buffer>, dump: Buffer | null = DUMP): Record<string, string> => ({
  duration: "630",
  dumpSize: String(dump?.length ?? 0),
  modelVersion: "1.2.3",
  databaseSize: dump === null ? "0" : "8000000",
  filesSize: String([...files.values()].reduce((sum, { length }) => sum + length, 0)),
});
const expectFiles = async (
  archive: Buffer,
  files: ReadonlyMap<string, Buffer>,
  dump: Buffer | null = DUMP,
): Promise<void> =>
  expect(sorted(digest(await entriesOf(archive)))).toEqual(expected(files, metadataOf(files, dump), dump));

const living = (files: ReadonlyMap<string, Buffer>, isDead: (key: string, number: number) => boolean) => {
  const keys = [...files.keys()].toSorted();
  return new Map(keys.filter((key, number) => !isDead(key, number)).map((key) => [key, files.get(key) as Buffer]));
};
const requests = (c: FakeCollaborators): number => c.store.requests.length + c.replicaStore.requests.length;
const count = (c: FakeCollaborators, operation: string): number =>
  c.store.requests.filter((one) => one.operation === operation).length;

let c: FakeCollaborators;
beforeEach(() => {
  c = fakeCollaborators(SMALL_STORE);
});
const small = { limits: SMALL_PARTS };

describe("an archive", () => {
  const files = new Map([
    ["a", Buffer.from("A")],
    ["b/ü ", Buffer.from("B")],
    ["empty", Buffer.alloc(0)],
    ["x".repeat(700), Buffer.from("long")],
    [uuid(seeded(9)), Buffer.alloc(70_000, "z")],
  ]);

  test("of everything holds .metadata first, the dump, and every file", async () => {
    await seal(c, { files, missing: ["gone"], packOf: (_key, number) => number % 2 });
    const archive = await make(c);
    await expectFiles(archive, files);
    const names = [...(await entriesOf(archive)).keys()];
    expect(names.slice(0, 2)).toEqual([".metadata", "db/db.backup"]);
    expect(await item(c)).toMatchObject({
      state: "completed",
      size: archive.length,
      bytesDone: archive.length,
      statusMessage: "",
      fileName: "shop-production-20261205T001000Z.tar.gz",
    });
    expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
    expect(c.store.uploads(TRANSFER_BUCKET)).toEqual([]);
  });

  test("of files only holds no database", async () => {
    await seal(c, { files });
    await expectFiles(await make(c, "files_only"), files, null);
    expect((await item(c)).fileName).toBe("shop-production-20261205T001000Z-files.tar.gz");
  });

  test("of the database only is the plain dump", async () => {
    const dump = Buffer.concat([Buffer.from("PGDMP"), bytesOf(seeded(3), 18 * MIB)]);
    await seal(c, { files, dump });
    expect((await make(c, "database_only")).equals(dump)).toBe(true);
    expect((await item(c)).fileName).toBe("shop-production-20261205T001000Z.backup");
  });

  test("of a snapshot without files is .metadata and the dump", async () => {
    await seal(c, { files: new Map() });
    await expectFiles(await make(c), new Map());
  });

  test("of a dump too large for the function is left to the task", async () => {
    await seal(c, { files });
    await ask(c, "database_only");
    await begin(c);
    expect((await buildAll(c, { functionBytes: DUMP.length - 1 })).outcome).toBe("task");
    expect((await buildAll(c, { functionBytes: DUMP.length })).outcome).toBe("done");
  });
});

describe("requests", () => {
  // S3's own rules and sizes.
  beforeEach(() => {
    c = fakeCollaborators();
  });

  test("of a fresh snapshot of 5,000 small files: at most one a pack, and 20", async () => {
    const files = filesOf(5_000, 2_500);
    const dump = bytesOf(seeded(2), 12 * MIB);
    const manifest = await seal(c, { files, dump });
    const archive = await make(c);
    expect(requests(c)).toBeLessThanOrEqual(manifest.files.packs.length + 20);
    expect(count(c, "uploadPartCopy")).toBe(2);
    await expectFiles(archive, files, dump);
  });

  test("of a fresh snapshot in 18 packs, large and small: at most one a pack, and 20", async () => {
    const large = filesOf(6, 7 * MIB, 2);
    const files = new Map([...filesOf(240, 10_000), ...large]);
    const keys = [...large.keys()];
    const packOf = (key: string, number: number): number => (large.has(key) ? keys.indexOf(key) : 6 + (number % 12));
    const manifest = await seal(c, { files, packOf });
    expect(manifest.files.packs).toHaveLength(18);
    const archive = await make(c);
    expect(requests(c)).toBeLessThanOrEqual(18 + 11);
    await expectFiles(archive, files);
  });

  test.each([1, 3])("with 10 %% dead files in %i packs: at most the parts, one a pack, and 20", async (packs) => {
    const files = filesOf(5_000, 5_000);
    const next = seeded(5);
    const dead = new Set([...files.keys()].filter(() => next() < 0.1));
    const isDead = (key: string): boolean => dead.has(key);
    await seal(c, { files, isDead, packOf: (_key, number) => number % packs });
    const archive = await make(c);
    const parts = count(c, "uploadPart") + count(c, "uploadPartCopy");
    expect(requests(c)).toBeLessThanOrEqual(parts + packs + 20);
    expect(parts).toBeLessThanOrEqual(Math.ceil(archive.length / PART_LIMITS.streamedPart) + 1);
    await expectFiles(archive, living(files, isDead));
  });
});

describe("packs of any make", () => {
  test.each<[string, Partial<Parameters<typeof seal>[1]>]>([
    ["with long dead stretches", { isDead: (_key, number) => number % 200 < 90 }],
    ["with one living file", { isDead: (_key, number) => number !== 7 }],
    ["whose segments are in no order", { order: (a, b) => (a.slice(4) < b.slice(4) ? -1 : 1) }],
    [
      "in no order and with dead files",
      { order: (a, b) => (a.slice(4) < b.slice(4) ? -1 : 1), isDead: (_key, number) => number % 3 === 0 },
    ],
    ["of very different sizes", { packOf: (_key, number) => (number < 3 ? number : 3) }],
  ])("%s", async (_name, options) => {
    const files = filesOf(700, 400);
    await seal(c, { files, ...options });
    await expectFiles(await make(c, "files_and_database", small), living(files, options.isDead ?? (() => false)));
  });
});

test("any mixture of copied and streamed, living and dead bytes", async () => {
  const next = seeded(31);
  let copied = 0;
  for (let round = 0; round < 40; round++) {
    c = fakeCollaborators(SMALL_STORE);
    const files = new Map<string, Buffer>();
    for (let left = 20 + Math.floor(next() * 60); left > 0; left--)
      files.set(uuid(next), bytesOf(next, Math.floor(next() < 0.15 ? next() * 30 * KIB : next() * 900)));
    const share = next() * 0.5;
    const dead = new Set([...files.keys()].filter(() => next() < share));
    const packs = 1 + Math.floor(next() * 4);
    const isDead = (key: string): boolean => dead.has(key);
    await seal(c, { files, isDead, packOf: (_key, number) => number % packs, dump: bytesOf(next, next() * 20 * KIB) });
    const { entries, requests: made } = await madeOf(c);
    copied += made.filter(({ operation }) => operation === "uploadPartCopy").length;
    // Nothing was taken for damaged.
    expect(c.replicaStore.requests).toEqual([]);
    expect(made.filter(({ operation }) => operation === "createMultipart").length).toBeLessThanOrEqual(1);
    const alive = living(files, isDead);
    expect([...entries.keys()].slice(2).toSorted()).toEqual([...alive.keys()].map(tarPath).toSorted());
    for (const [key, content] of alive) expect(entries.get(tarPath(key))?.equals(content)).toBe(true);
  }
  expect(copied).toBeGreaterThan(40);
});
const madeOf = async (collaborators: FakeCollaborators) => {
  const entries = await entriesOf(await make(collaborators, "files_and_database", small));
  return { entries, requests: collaborators.store.requests };
};

describe("time", () => {
  const files = filesOf(600, 400);
  const limits = { ...SMALL_PARTS, streamedPart: 5 * KIB, largestCopy: 10 * KIB };

  test("a build hands back and goes on where it stopped", async () => {
    await seal(c, { files, isDead: (_key, number) => number % 9 === 0, packOf: (_key, number) => number % 2 });
    await ask(c);
    await begin(c);
    // Time for a request or two a call.
    let calls = 0;
    Object.assign(c, { remainingMs: () => (calls++ % 3 < 2 ? 900_000 : 0) });
    const seen: number[] = [];
    const putItem = c.catalog.updateArchive.bind(c.catalog);
    c.catalog.updateArchive = async (id, change, states) => {
      if (change.bytesDone !== undefined) seen.push(change.bytesDone);
      return putItem(id, change, states);
    };
    const built = await buildAll(c, { limits });
    expect(built.outcome).toBe("done");
    expect(built.calls).toBeGreaterThan(2);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(new Set(seen).size).toBeGreaterThan(3);
    expect(count(c, "createMultipart")).toBe(1);
    await expectFiles(
      await archiveBytes(c),
      living(files, (_key, number) => number % 9 === 0),
    );
  });

  test("progress of another plan is given up", async () => {
    await seal(c, { files });
    await ask(c);
    await begin(c);
    let calls = 0;
    Object.assign(c, { remainingMs: () => (calls++ === 0 ? 900_000 : 0) });
    await build(c, { archiveId: ARCHIVE }, small);
    expect(c.store.uploads(TRANSFER_BUCKET)).toHaveLength(1);
    Object.assign(c, { remainingMs: () => 900_000 });
    await buildAll(c, { limits: { ...SMALL_PARTS, streamedPart: 6 * KIB, largestCopy: 11 * KIB } });
    expect(c.store.uploads(TRANSFER_BUCKET)).toEqual([]);
    await expectFiles(await archiveBytes(c), files);
  });

  test("an upload that was swept is begun anew", async () => {
    await seal(c, { files });
    await ask(c);
    await begin(c);
    let calls = 0;
    Object.assign(c, { remainingMs: () => (calls++ === 0 ? 900_000 : 0) });
    await build(c, { archiveId: ARCHIVE }, small);
    const [upload] = c.store.uploads(TRANSFER_BUCKET);
    await c.store.abortMultipart({ bucket: TRANSFER_BUCKET, key: upload?.key ?? "" }, upload?.uploadId ?? "");
    Object.assign(c, { remainingMs: () => 900_000 });
    await buildAll(c, small);
    await expectFiles(await archiveBytes(c), files);
  });
});

describe("damage at the primary", () => {
  const files = filesOf(300, 400);
  const isDead = (_key: string, number: number): boolean => number % 10 === 3;
  const remove = async (key: string): Promise<void> => {
    const [version] = c.store.versions(PRIMARY_BUCKET, key);
    await c.store.deleteBatch(PRIMARY_BUCKET, [{ key, versionId: version?.versionId ?? "" }], {
      bypassGovernance: true,
    });
  };
  const spoil = async (key: string): Promise<void> => {
    const [version] = c.store.versions(PRIMARY_BUCKET, key);
    const body = Buffer.from(version?.body ?? []);
    body.fill(0x55, body.length - 900, body.length - 800);
    Object.assign(version as object, { body });
  };
  const truncate = async (key: string): Promise<void> => {
    const [version] = c.store.versions(PRIMARY_BUCKET, key);
    Object.assign(version as object, { body: version?.body.subarray(0, 6 * KIB) });
  };

  test.each<[string, ArchiveDataType, boolean, (key: string) => Promise<void>]>([
    ["a copied pack is missing", "files_and_database", false, remove],
    ["a copied pack is cut off", "files_only", false, truncate],
    ["a copied pack has other bytes", "files_and_database", false, spoil],
    ["a streamed pack is missing", "files_and_database", true, remove],
    ["a streamed pack is cut off", "files_and_database", true, truncate],
    ["a streamed pack has other bytes", "files_only", true, spoil],
  ])("%s: its replica is read", async (_name, dataType, withDead, damage) => {
    const { files: stored } = await seal(c, { files, ...(withDead ? { isDead } : {}) });
    await damage(stored.packs[0]?.key ?? "");
    const archive = await make(c, dataType, withDead ? { limits: { ...SMALL_PARTS, copiedRun: 500 * KIB } } : small);
    await expectFiles(archive, withDead ? living(files, isDead) : files, dataType === "files_only" ? null : DUMP);
    expect(c.replicaStore.requests.some(({ operation }) => operation === "get")).toBe(true);
    expect(c.store.uploads(TRANSFER_BUCKET)).toEqual([]);
  });

  test("everything is missing, in more packs than an archive is begun anew: the replicas are read", async () => {
    const sealed = await seal(c, { files, packOf: (_key, number) => number % 25 });
    for (const { key } of [dumpOf(sealed), ...sealed.files.packs]) await remove(key);
    await expectFiles(await make(c, "files_and_database", small), files);
    expect(c.log.lines.filter(({ message }) => message === "An archive is begun anew.")).toHaveLength(1);
    expect(c.store.uploads(TRANSFER_BUCKET)).toEqual([]);
  });

  test("the dump is damaged: its replica is read", async () => {
    const dump = bytesOf(seeded(4), 70 * KIB);
    const sealed = await seal(c, { files, dump });
    await spoil(dumpOf(sealed).key);
    expect((await make(c, "database_only")).equals(dump)).toBe(true);
  });

  test("in both regions: the archive fails with one sentence, and nothing is left", async () => {
    const { files: stored } = await seal(c, { files });
    const key = stored.packs[0]?.key ?? "";
    await remove(key);
    const [version] = c.replicaStore.versions(REPLICA_BUCKET, key);
    Object.assign(version as object, { body: Buffer.from(version?.body ?? []).fill(0, 1_000, 2_000) });
    await ask(c);
    await begin(c);
    const failure = await buildAll(c, small).then(
      () => new Error("it was built"),
      (error: unknown) => error as Error,
    );
    expect(failure.name).toBe("SnapshotDamaged");
    const Cause = JSON.stringify({ errorType: failure.name, errorMessage: failure.message });
    const end = { step: "fail", archiveId: ARCHIVE, executionArn: "e", error: { Error: failure.name, Cause } } as const;
    await archiveStep(end, c);
    await archiveStep(end, c);
    const archive = await item(c);
    expect(archive).toMatchObject({ state: "failed", statusMessage: failure.message });
    expect(archive.statusMessage).toMatch(/^The snapshot is damaged: its object .* choose another snapshot\.$/);
    expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
    expect(c.store.uploads(TRANSFER_BUCKET)).toEqual([]);
  });

  test.each<[string, (manifest: Manifest) => Partial<Manifest["files"]>, string]>([
    ["lacks a pack", () => ({ packs: [] }), "names the pack pack-0, which the manifest lacks"],
    ["counts other files", ({ files: { count: number } }) => ({ count: number + 1 }), "holds 300 files instead of 301"],
    [
      "has a shorter pack",
      ({ files: { packs } }) => ({ packs: packs.map((pack) => ({ ...pack, size: 1_000 })) }),
      "reaches beyond the end of the pack pack-0",
    ],
  ])("a manifest that %s: one sentence", async (_name, change, sentence) => {
    const other = fakeCollaborators(SMALL_STORE);
    const manifest = await seal(other, { files });
    await seal(c, { files, manifest: { files: { ...manifest.files, ...change(manifest) } } });
    await ask(c);
    await begin(c);
    await expect(buildAll(c, small)).rejects.toMatchObject({
      code: "SnapshotDamaged",
      message: `The snapshot is damaged: its file index ${sentence}: choose another snapshot.`,
    });
  });

  test("a server that does not copy: everything is streamed", async () => {
    await seal(c, { files, packOf: (_key, number) => number % 2 });
    c.store.onRequest = (operation) => {
      if (operation === "uploadPartCopy") throw new StorageError("501");
    };
    await expectFiles(await make(c, "files_and_database", small), files);
    expect(count(c, "uploadPartCopy")).toBeGreaterThan(0);
  });
});

describe("asking", () => {
  test("is refused unless the snapshot is offered", async () => {
    await expect(ask(c)).rejects.toMatchObject({ code: "SnapshotNotFound" });
    await seal(c, { files: new Map() });
    await c.catalog.updateSnapshot(SOURCE, SNAPSHOT, { deleting: true });
    await expect(ask(c)).rejects.toMatchObject({ code: "SnapshotDeleted" });
    await c.catalog.updateSnapshot(SOURCE, SNAPSHOT, { deleting: false, state: "running" });
    await expect(ask(c)).rejects.toMatchObject({ code: "SnapshotNotCompleted" });
    await c.catalog.updateSnapshot(SOURCE, SNAPSHOT, { state: "completed" });
    c.clock.set("2026-12-19T00:10:00Z");
    await expect(ask(c)).rejects.toMatchObject({ code: "SnapshotExpired" });
    c.clock.set("2026-12-19T00:09:59Z");
    await ask(c);
    expect(c.workflows.started).toEqual([
      { stateMachineArn: c.settings.ARCHIVE_STATE_MACHINE_ARN, name: ARCHIVE, input: { archiveId: ARCHIVE } },
    ]);
    // It expires before the archive has pinned it.
    c.clock.set("2026-12-19T00:10:00Z");
    await expect(begin(c)).rejects.toMatchObject({ code: "SnapshotExpired" });
  });

  test("again with the same id is the same archive; with that id for another one it is refused", async () => {
    await seal(c, { files: new Map() });
    const archive = await ask(c);
    expect(await ask(c)).toEqual(archive);
    expect(c.workflows.started).toHaveLength(1);
    await expect(ask(c, "files_only")).rejects.toMatchObject({ code: "ArchiveIdTaken" });
  });

  test("pins the snapshot while it is built", async () => {
    await seal(c, { files: new Map() });
    await ask(c);
    await begin(c);
    expect((await c.catalog.listPins(SOURCE)).items).toMatchObject([{ snapshotId: SNAPSHOT, holder: ARCHIVE }]);
  });
});
