/** A sealed snapshot in the primary bucket and the catalog, made with the service's own writers, from files in a map. */
import { completedSnapshot } from "../support/completed-snapshot";
import { createHash } from "node:crypto";
import type { EnvironmentItem } from "../../lambda/catalog/items";
import { registration } from "../../lambda/catalog/registration";
import { storeDump } from "../../lambda/pack/dump-segment";
import { IndexPartWriter } from "../../lambda/pack/index-io";
import { compareKeys } from "../../lambda/pack/key-order";
import { PackWriter } from "../../lambda/pack/pack-writer";
import { fileSegment } from "../../lambda/pack/segment";
import type { IndexLine } from "../../lambda/snapshot/file-index";
import type { IndexPartEntry, Manifest, PackEntry } from "../../lambda/snapshot/manifest";
import { databaseKey, fileIndexKey, manifestKey } from "../../lambda/storage/object-keys";
import { ObjectUpload } from "../../lambda/storage/object-upload";
import { smallDump } from "../upload/dump-maker";
import { FILES_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";

export const SNAPSHOT = "2026-12-05-shop";
export const SOURCE = "shop-production";
export const TARGET = "shop-acceptance";
const LOCK = { mode: "GOVERNANCE", until: new Date("2100-01-01T00:00:00Z") } as const;

export interface SnapshotOptions {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly missing?: readonly string[];
  /** Files are dealt out to this many packs in turn. @default 2 */
  readonly packs?: number;
  /** @default 1000 */
  readonly linesPerPart?: number;
  readonly manifest?: Partial<Manifest>;
  /** As sealed before attributes were kept. @default false */
  readonly withoutAttributes?: boolean;
  readonly database?: Partial<Manifest["database"]>;
  /** @default a small one of one table */
  readonly dump?: Buffer;
  /** As the files' own bucket gives it. @default the MD5 */
  readonly etagOf?: (content: Buffer) => string;
}

export const environment = (environmentId: string, change: Partial<EnvironmentItem> = {}): EnvironmentItem => ({
  environmentId,
  registration: registration.parse({
    environmentId,
    appId: "shop",
    region: "eu-central-1",
    database: { host: "localhost", name: environmentId, secret: "secret" },
    network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
    files: { bucket: FILES_BUCKET, prefix: `${environmentId}/` },
  }),
  replication: "replicated",
  registeredAt: "2026-01-01T00:00:00Z",
  firstStartedAt: "2026-01-01T00:00:00Z",
  running: false,
  modelVersion: "1.2.3",
  lastDurationSeconds: null,
  lastSnapshotId: null,
  probe: null,
  ...change,
});

/** Registers source and target, seals the snapshot and replicates it. */
export const sealSnapshot = async (c: FakeCollaborators, options: SnapshotOptions): Promise<Manifest> => {
  const source = environment(SOURCE);
  await c.catalog.createEnvironment(source);
  await c.catalog.createEnvironment(environment(TARGET));
  const place = { replication: source.replication, environmentId: SOURCE };
  const bucket = c.settings.PRIMARY_BUCKET;
  const stored = await storeDump(
    pieces(options.dump ?? smallDump()),
    new ObjectUpload(c.store, { bucket, key: databaseKey(place, SNAPSHOT, "attempt-1"), lock: LOCK }),
  );
  const { lines, packs } = await packAll(c, options);
  const told = await indexAll(c, lines, options.linesPerPart ?? 1_000);
  const index = options.withoutAttributes === true ? told.map(({ attributes: _told, ...part }) => part) : told;
  const missing = options.missing ?? [];
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
    completedAt: "2026-12-05T00:20:00Z",
    expiresAt: "2026-12-19T00:10:00Z",
    createdBy: "Nightly",
    comment: "",
    modelVersion: "1.2.3",
    consistency: "reference-query",
    baseSnapshotId: null,
    database: {
      ...stored,
      databaseSize: 8_000_000,
      serverVersion: "15.14",
      dumpVersion: "15.14",
      privileges: true,
      encoding: "UTF8",
      collate: "C",
      ctype: "C",
      extensions: [{ name: "plpgsql", version: "1.0" }],
      policyRoles: [],
      ...options.database,
    },
    files: {
      count: options.files.size,
      bytes: [...options.files.values()].reduce((sum, file) => sum + file.length, 0),
      missing: { count: missing.length, keys: [...missing].slice(0, 1_000) },
      index,
      packs,
    },
    warnings: [],
    ...options.manifest,
  };
  const upload = new ObjectUpload(c.store, { bucket, key: manifestKey(place, SNAPSHOT), lock: LOCK });
  await upload.write(Buffer.from(JSON.stringify(manifest)));
  await c.catalog.createSnapshot(completedSnapshot(manifest, await upload.finish()));
  c.store.replicateTo(c.replicaStore, bucket, REPLICA_BUCKET);
  return manifest;
};

const md5 = (content: Buffer): string => createHash("md5").update(content).digest("hex");

const packAll = async (
  c: FakeCollaborators,
  { files, missing = [], packs: count = 2, etagOf = md5 }: SnapshotOptions,
) => {
  const place = { replication: "replicated", environmentId: SOURCE } as const;
  const writers = Array.from({ length: count }, (_, number) => {
    const packId = `pack-${number}`;
    return new PackWriter(c.store, { bucket: c.settings.PRIMARY_BUCKET, place, packId, lock: LOCK });
  });
  const lines: IndexLine[] = missing.map((key) => ({ key, missing: true }));
  let turn = 0;
  const sorted = [...files].toSorted(([a], [b]) => compareKeys(a, b));
  for (const [key, content] of sorted) {
    const writer = writers[turn++ % count] as PackWriter;
    const segment = await fileSegment(key, content.length, pieces(content));
    const { sha256, crc32, rawLength } = segment;
    const etag = etagOf(content);
    lines.push({ key, size: content.length, etag, sha256, crc32, rawLength, ...(await writer.add(segment)) });
  }
  const packs: PackEntry[] = [];
  for (const writer of writers) packs.push(await writer.finish());
  return { lines: lines.toSorted((a, b) => compareKeys(a.key, b.key)), packs };
};

const indexAll = async (c: FakeCollaborators, lines: readonly IndexLine[], size: number): Promise<IndexPartEntry[]> => {
  const place = { replication: "replicated", environmentId: SOURCE } as const;
  const parts: IndexPartEntry[] = [];
  for (let from = 0; from === 0 || from < lines.length; from += size) {
    const key = fileIndexKey(place, SNAPSHOT, "attempt-1", 0, parts.length);
    const writer = new IndexPartWriter(c.store, { bucket: c.settings.PRIMARY_BUCKET, key, lock: LOCK });
    for (const line of lines.slice(from, from + size)) await writer.add(line);
    parts.push(await writer.finish());
  }
  return parts;
};

export async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
