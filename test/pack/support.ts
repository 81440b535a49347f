/** Nights on the packer's level, without catalog and workflow: list, policy, shards, packer. */
import { createCipheriv, createHash } from "node:crypto";
import type { ListSegment, ShardProgress } from "../../lambda/catalog/items";
import type { FileFacts, FileSource, OpenFile } from "../../lambda/pack/file-source";
import { flat, ListWriter, readIndex } from "../../lambda/pack/index-io";
import { compareKeys, EVERYTHING, type KeyRange } from "../../lambda/pack/key-order";
import type { PackLimits } from "../../lambda/pack/pack-limits";
import { packShard, type PackOutcome, type PackShardInput } from "../../lambda/pack/pack-shard";
import { abandon } from "../../lambda/pack/ranged-read";
import { readSmallFile } from "../../lambda/pack/read-segment";
import { choosePacksToRepack } from "../../lambda/pack/repack";
import { mergePacks } from "../../lambda/pack/shard-output";
import type { Randomness } from "../../lambda/runtime/collaborators";
import type { IndexLine, ListLine } from "../../lambda/snapshot/file-index";
import type { IndexPartEntry, PackEntry } from "../../lambda/snapshot/manifest";
import { fileListKey, type EnvironmentPlace } from "../../lambda/storage/object-keys";
import type { ObjectStore } from "../../lambda/storage/object-store";
import { ObjectNotFound } from "../../lambda/storage/storage-errors";
import { MemoryStore } from "../support/memory-store";

export const BUCKET = "primary";
export const PLACE: EnvironmentPlace = { replication: "replicated", environmentId: "shop-production" };
export const LOCK = { mode: "GOVERNANCE", until: new Date("2100-01-01T00:00:00Z") } as const;

/** Mulberry32: the same numbers every time. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
/** Incompressible bytes. */
export function bytesOf(next: () => number, length: number): Buffer {
  const key = Buffer.alloc(16);
  for (let at = 0; at < 16; at += 4) key.writeUInt32LE(Math.floor(next() * 2 ** 32), at);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
export const randomness =
  (next: () => number): Randomness =>
  (bytes) =>
    bytesOf(next, bytes);
export const uuid = (next: () => number): string =>
  bytesOf(next, 16)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export function primaryStore(): MemoryStore {
  const store = new MemoryStore();
  store.createBucket(BUCKET, { objectLock: true });
  return store;
}

/** Files in a map. Counts what is opened; a missing key is a missing file. */
export class MapSource implements FileSource {
  opened: string[] = [];
  constructor(readonly files: Map<string, Buffer>) {}
  async open(key: string): Promise<OpenFile> {
    this.opened.push(key);
    const content = this.files.get(key);
    if (content === undefined) throw new ObjectNotFound(key);
    async function* body(bytes: Buffer): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
    }
    return { body: body(content), size: content.length, etag: sha256(content).slice(0, 32) };
  }
  async look(key: string): Promise<FileFacts> {
    const { body, ...facts } = await this.open(key);
    await abandon(body);
    return facts;
  }
}

/** A source of which nothing is asked but content. */
export const unasked: Pick<FileSource, "look"> = {
  look: (key) => Promise.reject(new Error(`"${key}" was asked about.`)),
};

export interface Packed {
  readonly parts: readonly IndexPartEntry[];
  readonly packs: readonly PackEntry[];
}
export interface NightOptions {
  readonly night: number;
  readonly keys: readonly string[];
  /** Instead of `keys`: as the list step makes them. */
  readonly lines?: AsyncIterable<ListLine>;
  /** Markers of a listing or of a query's second column. */
  readonly markers?: ReadonlyMap<string, string>;
  readonly source: FileSource;
  readonly base: Packed | null;
  readonly ranges?: readonly KeyRange[];
  readonly limits?: Partial<PackLimits>;
  readonly random: () => number;
  readonly remainingMs?: () => number;
  readonly repack?: readonly string[];
  readonly onOutcome?: (outcome: PackOutcome, shard: number) => void;
  readonly log?: PackShardInput["log"];
}
export interface NightResult extends Packed {
  readonly repacked: readonly string[];
  readonly missingKeys: readonly string[];
  readonly shards: readonly ShardProgress[];
}

export function* linesOf(keys: readonly string[], markers?: ReadonlyMap<string, string>): Generator<ListLine> {
  for (const key of keys.toSorted(compareKeys)) {
    const marker = markers?.get(key);
    yield marker === undefined ? { key } : { key, marker };
  }
}

export async function writeList(
  store: ObjectStore,
  night: number,
  lines: AsyncIterable<ListLine> | Iterable<ListLine>,
): Promise<ListSegment[]> {
  const writer = new ListWriter(store, {
    bucket: BUCKET,
    keyOf: (n) => fileListKey(PLACE, `s${night}`, `a${night}`, n),
    lock: LOCK,
    linesPerSegment: 700,
  });
  for await (const line of lines) await writer.add(line);
  return writer.finish();
}

export async function packNight(store: ObjectStore, options: NightOptions): Promise<NightResult> {
  const { night, base } = options;
  const { keys, markers, lines } = options;
  const list = await writeList(store, night, lines ?? linesOf(keys, markers));
  const repack = options.repack ?? choosePacksToRepack(base?.packs ?? []);
  const shards: ShardProgress[] = [];
  for (const [shard, range] of (options.ranges ?? [EVERYTHING]).entries()) {
    let progress: ShardProgress | undefined;
    let calls = 0;
    do {
      if (++calls > 10_000) throw new Error("The packer does not get on.");
      const outcome = await packShard({
        store,
        bucket: BUCKET,
        place: PLACE,
        snapshotId: `s${night}`,
        attemptId: `a${night}`,
        lock: LOCK,
        random: randomness(options.random),
        saveProgress: async (saved) => void (progress = structuredClone(saved)),
        source: options.source,
        shard,
        range,
        list,
        base,
        repack,
        progress,
        remainingMs: options.remainingMs ?? (() => 900_000),
        ...(options.limits === undefined ? {} : { limits: options.limits }),
        ...(options.log === undefined ? {} : { log: options.log }),
      });
      options.onOutcome?.(outcome, shard);
    } while (!isDone(progress));
    shards.push(progress);
  }
  return {
    parts: shards.flatMap((shard) => shard.parts),
    packs: mergePacks(shards.flatMap((shard) => shard.packs)),
    missingKeys: shards.flatMap((shard) => shard.missingKeys),
    repacked: repack,
    shards,
  };
}

const isDone = (progress: ShardProgress | undefined): progress is ShardProgress => progress?.done === true;

export async function indexLines(store: ObjectStore, packed: Packed): Promise<IndexLine[]> {
  const lines: IndexLine[] = [];
  for await (const line of flat(readIndex(store, BUCKET, packed.parts))) lines.push(line);
  return lines;
}

/** Everything the snapshot holds, each file read by its own ranged GET; missing files are undefined. */
export async function contents(store: ObjectStore, packed: Packed): Promise<Map<string, Buffer | undefined>> {
  const packs = new Map(packed.packs.map((pack) => [pack.packId, pack]));
  const found = new Map<string, Buffer | undefined>();
  for (const line of await indexLines(store, packed)) {
    if ("missing" in line) {
      found.set(line.key, undefined);
      continue;
    }
    const pack = packs.get(line.pack);
    if (pack === undefined) throw new Error(`No pack ${line.pack}.`);
    found.set(line.key, await readSmallFile(store, { bucket: BUCKET, pack }, line));
  }
  return found;
}
