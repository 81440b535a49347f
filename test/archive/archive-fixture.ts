/** A sealed snapshot with packs of any make, dead segments and any dump; and an archive of it, step by step. */
import { completedSnapshot } from "../support/completed-snapshot";
import { build, type BuildOptions } from "../../lambda/archive/build-archive";
import { archiveStep } from "../../lambda/archive/archive.handler";
import type { PartLimits } from "../../lambda/archive/part-plan";
import { requestArchive } from "../../lambda/archive/request-archive";
import type { ArchiveDataType, ArchiveItem, ArchivePart } from "../../lambda/catalog/items";
import { storeDump } from "../../lambda/pack/dump-segment";
import { IndexPartWriter } from "../../lambda/pack/index-io";
import { compareKeys } from "../../lambda/pack/key-order";
import { PackWriter } from "../../lambda/pack/pack-writer";
import { segmentOf } from "../../lambda/pack/segment";
import type { IndexEntry, IndexLine } from "../../lambda/snapshot/file-index";
import type { IndexPartEntry, Manifest, PackEntry } from "../../lambda/snapshot/manifest";
import { databaseKey, fileIndexKey, manifestKey, type EnvironmentPlace } from "../../lambda/storage/object-keys";
import { ObjectUpload } from "../../lambda/storage/object-upload";
import { REPLICA_BUCKET, TRANSFER_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { storeOneSegment } from "../support/one-segment-dump";
import { environment, pieces, SOURCE } from "../restore/snapshot-fixture";

export { SOURCE };
export const SNAPSHOT = "00000000-0000-8000-8000-000000000001";
export const ARCHIVE = "archive-1";
const EXECUTION = "arn:aws:states:eu-central-1:111111111111:execution:archive:archive-1";
const PLACE = { replication: "replicated", environmentId: SOURCE } as const;
const LOCK = { mode: "GOVERNANCE", until: new Date("2100-01-01T00:00:00Z") } as const;

export interface WorldOptions {
  /** Every file that was ever packed, by key. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Files that the snapshot no longer holds, though their packs do. */
  readonly isDead?: (key: string, number: number) => boolean;
  readonly missing?: readonly string[];
  /** Besides what every line of the index says. */
  readonly more?: (key: string) => Partial<IndexEntry>;
  /** Which pack a file is in. @default all in one */
  readonly packOf?: (key: string, number: number) => number;
  /** Lines of a part of the file index. @default 10,000 */
  readonly partLines?: number;
  /** The order of segments in their packs. @default key order */
  readonly order?: (a: string, b: string) => number;
  readonly dump?: Buffer;
  /** Stored as before heads were segments of their own. */
  readonly oneSegment?: true;
  readonly manifest?: Partial<Manifest>;
}

const KIB = 1024;
/** S3's rules, a thousand times smaller, for a store that keeps them so: `fakeCollaborators(SMALL_STORE)`. */
export const SMALL_STORE = { store: { minPartBytes: 5 * KIB, minCopySourceBytes: 5 * KIB } };
export const SMALL_PARTS: PartLimits = {
  smallestPart: 5 * KIB,
  smallestSource: 5 * KIB,
  copiedRun: 5 * KIB,
  largestCopy: 1024 * KIB,
  streamedPart: 16 * KIB,
  mostParts: 10_000,
};

export const DUMP = Buffer.from("PGDMP and what follows. ".repeat(500));

/** The objects of a snapshot, and what its manifest says of them. */
export const storeContents = async (
  c: Pick<FakeCollaborators, "store" | "settings">,
  place: EnvironmentPlace,
  snapshotId: string,
  options: WorldOptions,
) => {
  const bucket = c.settings.PRIMARY_BUCKET;
  const dump = options.dump ?? DUMP;
  const object = new ObjectUpload(c.store, { bucket, key: databaseKey(place, snapshotId, "attempt-1"), lock: LOCK });
  const database =
    options.oneSegment === true ? await storeOneSegment(dump, object) : await storeDump(pieces(dump), object);
  const { lines, packs } = await packAll(c, place, options);
  const index: IndexPartEntry[] = [];
  const { partLines = 10_000 } = options;
  for (let from = 0; from === 0 || from < lines.length; from += partLines) {
    const key = fileIndexKey(place, snapshotId, "attempt-1", 0, index.length);
    const writer = new IndexPartWriter(c.store, { bucket, key, lock: LOCK });
    for (const line of lines.slice(from, from + partLines)) await writer.add(line);
    index.push(await writer.finish());
  }
  const live = lines.filter((line): line is IndexEntry => !("missing" in line));
  const files = {
    count: live.length,
    bytes: live.reduce((sum, { size }) => sum + size, 0),
    missing: { count: options.missing?.length ?? 0, keys: [...(options.missing ?? [])] },
    index,
    packs,
  };
  return { database, files };
};

export const seal = async (c: FakeCollaborators, options: WorldOptions): Promise<Manifest> => {
  const bucket = c.settings.PRIMARY_BUCKET;
  await c.catalog.createEnvironment(environment(SOURCE));
  const { database, files } = await storeContents(c, PLACE, SNAPSHOT, options);
  const manifest: Manifest = {
    format: 1,
    snapshotId: SNAPSHOT,
    attemptId: "attempt-1",
    environmentId: SOURCE,
    appId: "shop",
    region: "eu-central-1",
    replication: "replicated",
    replicationRegion: "eu-west-1",
    tier: "nightly",
    night: "2026-12-05",
    createdAt: "2026-12-05T00:10:00Z",
    completedAt: "2026-12-05T00:20:30Z",
    expiresAt: "2026-12-19T00:10:00Z",
    createdBy: "Nightly",
    comment: "",
    modelVersion: "1.2.3",
    consistency: "reference-query",
    baseSnapshotId: null,
    database: {
      ...database,
      databaseSize: 8_000_000,
      serverVersion: "15.14",
      dumpVersion: "15.14",
      encoding: "UTF8",
      collate: "C",
      ctype: "C",
      extensions: [],
      policyRoles: [],
    },
    files,
    warnings: [],
    ...options.manifest,
  };
  const upload = new ObjectUpload(c.store, { bucket, key: manifestKey(PLACE, SNAPSHOT), lock: LOCK });
  await upload.write(Buffer.from(JSON.stringify(manifest)));
  await c.catalog.createSnapshot(completedSnapshot(manifest, await upload.finish()));
  c.store.replicateTo(c.replicaStore, bucket, REPLICA_BUCKET);
  c.store.resetRequests();
  c.replicaStore.resetRequests();
  return manifest;
};

const packAll = async (
  c: Pick<FakeCollaborators, "store" | "settings">,
  place: EnvironmentPlace,
  options: WorldOptions,
) => {
  const { files, missing = [], isDead = () => false, packOf = () => 0, order = compareKeys } = options;
  const lines: IndexLine[] = missing.map((key) => ({ key, missing: true }));
  const writers = new Map<number, PackWriter>();
  const live = new Map<number, { segments: number; bytes: number }>();
  const inOrder = new Map([...files.keys()].toSorted(compareKeys).map((key, number) => [key, number]));
  for (const key of [...files.keys()].toSorted(order)) {
    const content = files.get(key) ?? Buffer.alloc(0);
    const number = inOrder.get(key) ?? 0;
    const pack = packOf(key, number);
    const target = { bucket: c.settings.PRIMARY_BUCKET, place, packId: `pack-${pack}`, lock: LOCK };
    const writer = writers.get(pack) ?? new PackWriter(c.store, target);
    writers.set(pack, writer);
    const { bytes: _bytes, ...segment } = segmentOf(key, content);
    const at = await writer.add({ ...segment, bytes: _bytes });
    if (isDead(key, number)) continue;
    lines.push({
      ...segment,
      key,
      size: content.length,
      etag: segment.sha256.slice(0, 32),
      ...at,
      ...options.more?.(key),
    });
    const counted = live.get(pack) ?? { segments: 0, bytes: 0 };
    live.set(pack, { segments: counted.segments + 1, bytes: counted.bytes + at.length });
  }
  const packs: PackEntry[] = [];
  for (const [pack, writer] of writers) {
    const entry = await writer.finish();
    const { segments, bytes } = live.get(pack) ?? { segments: 0, bytes: 0 };
    if (segments > 0) packs.push({ ...entry, liveSegments: segments, liveBytes: bytes });
  }
  return { lines: lines.toSorted((a, b) => compareKeys(a.key, b.key)), packs };
};

export const ask = (
  c: FakeCollaborators,
  dataType: ArchiveDataType = "files_and_database",
  part: ArchivePart = {},
  archiveId = ARCHIVE,
): Promise<ArchiveItem> =>
  requestArchive(c, {
    environmentId: SOURCE,
    snapshotId: SNAPSHOT,
    dataType,
    requestedBy: "operator@example.com",
    archiveId,
    ...part,
  });

export const begin = (c: FakeCollaborators) =>
  archiveStep({ step: "begin", archiveId: ARCHIVE, executionArn: EXECUTION }, c);

/** Calls the build until it no longer says `more`; returns its last word and how often it was called. */
export const buildAll = async (c: FakeCollaborators, options: BuildOptions = {}) => {
  for (let calls = 1; calls < 1_000; calls++) {
    const { outcome } = await build(c, { archiveId: ARCHIVE }, options);
    if (outcome !== "more") return { outcome, calls };
  }
  throw new Error("The build does not get on.");
};

/** Asked for, begun, built: the archive's bytes. */
export const make = async (
  c: FakeCollaborators,
  dataType: ArchiveDataType = "files_and_database",
  options: BuildOptions = {},
  part: ArchivePart = {},
): Promise<Buffer> => {
  await ask(c, dataType, part);
  await begin(c);
  expect((await buildAll(c, options)).outcome).toBe("done");
  return archiveBytes(c);
};

export const item = async (c: FakeCollaborators): Promise<ArchiveItem> => {
  const archive = await c.catalog.getArchive(ARCHIVE);
  if (archive === undefined) throw new Error("There is no archive.");
  return archive;
};
export const archiveBytes = async (c: FakeCollaborators): Promise<Buffer> =>
  c.store.bytes(TRANSFER_BUCKET, (await item(c)).key);
