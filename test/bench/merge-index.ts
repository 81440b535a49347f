/**
 * Benchmark: merges a 1,000,000-entry index with tonight's list, of which 0.1 % is new, as the packer does it. Prints
 * time and resident memory; exits with 1 when the merge takes more than 256 MB. The inputs are made by another
 * process, so that what is measured is the merge alone.
 *
 *   npx tsx test/bench/merge-index.ts [entries]
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ListSegment, ShardProgress } from "../../lambda/catalog/items";
import { IndexPartWriter, ListWriter } from "../../lambda/pack/index-io";
import { EVERYTHING } from "../../lambda/pack/key-order";
import { packShard } from "../../lambda/pack/pack-shard";
import type { IndexPartEntry, PackEntry } from "../../lambda/snapshot/manifest";
import { diskStore } from "./disk-store";

const LIMIT_MB = 256;
const BUCKET = "bench";
const LOCK = { mode: "GOVERNANCE", until: new Date("2100-01-01T00:00:00Z") } as const;
const PLACE = { replication: "replicated", environmentId: "bench" } as const;
const NEW_EACH = 1000;
const PART_LINES = 100_000;

interface Inputs {
  readonly list: readonly ListSegment[];
  readonly parts: readonly IndexPartEntry[];
  readonly packs: readonly PackEntry[];
}
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
/** Sorted keys in the form of UUIDs. */
const keyOf = (i: number): string => {
  const tail = digest(String(i));
  return `${i.toString(16).padStart(8, "0")}-${tail.slice(0, 4)}-4${tail.slice(4, 7)}-8${tail.slice(7, 10)}-${tail.slice(10, 22)}`;
};

async function prepare(folder: string, entries: number): Promise<void> {
  const store = diskStore(folder);
  const list = new ListWriter(store, { bucket: BUCKET, keyOf: (n) => `list-${n}` });
  const parts: IndexPartEntry[] = [];
  let part: IndexPartWriter | undefined;
  let offset = 10;
  for (let i = 0; i < entries; i++) {
    const key = keyOf(i);
    await list.add({ key });
    if (i % NEW_EACH === 0) continue;
    part ??= new IndexPartWriter(store, { bucket: BUCKET, key: `base-${parts.length}` });
    const hash = digest(key);
    const length = 3000 + (i % 5000);
    await part.add({
      key,
      size: 4000,
      version: hash.slice(0, 32),
      etag: hash.slice(32),
      sha256: digest(hash),
      pack: `pack-${i % 20}`,
      offset,
      length,
      crc32: parseInt(hash.slice(0, 8), 16),
      rawLength: 4608,
    });
    offset += length;
    if (part.lines < PART_LINES) continue;
    parts.push(await part.finish());
    part = undefined;
  }
  if (part !== undefined) parts.push(await part.finish());
  const packs = Array.from({ length: 20 }, (_, i) => ({
    packId: `pack-${i}`,
    key: `pack-${i}`,
    versionId: "v1",
    size: offset,
    sha256: digest(""),
    crc32: 0,
    segments: entries,
    liveSegments: entries,
    liveBytes: offset,
    lockedUntil: LOCK.until.toISOString(),
  }));
  writeFileSync(
    join(folder, "inputs.json"),
    JSON.stringify({ list: await list.finish(), parts, packs } satisfies Inputs),
  );
}

async function merge(folder: string, entries: number): Promise<void> {
  const { list, parts, packs } = JSON.parse(readFileSync(join(folder, "inputs.json"), "utf8")) as Inputs;
  const store = diskStore(folder);
  let progress: ShardProgress | undefined;
  let random = 0;
  const before = process.memoryUsage.rss();
  const started = process.hrtime.bigint();
  const outcome = await packShard({
    store,
    bucket: BUCKET,
    place: PLACE,
    snapshotId: "s",
    attemptId: "a",
    lock: LOCK,
    random: (bytes) => Buffer.alloc(bytes, ++random),
    source: {
      open: async () => ({ size: 5, etag: "e", body: oneFile() }),
      look: async () => ({ size: 5, etag: "e" }),
    },
    shard: 0,
    range: EVERYTHING,
    list,
    base: { parts, packs },
    repack: [],
    progress,
    remainingMs: () => 900_000,
    saveProgress: async (saved) => void (progress = saved),
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const lines = progress?.parts.reduce((sum, part) => sum + part.entries, 0) ?? 0;
  if (outcome !== "done" || lines !== entries) throw new Error(`The merge gave ${lines} lines (${outcome}).`);
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `Merged a ${entries.toLocaleString("en")}-entry index (${Math.ceil(entries / NEW_EACH)} new) in ${seconds.toFixed(1)} s, ` +
      `${store.requests} requests, ${Math.round(peak)} MB resident at most (${Math.round(before / 2 ** 20)} MB before; limit ${LIMIT_MB} MB).`,
  );
  if (peak > LIMIT_MB) process.exitCode = 1;
}

async function* oneFile(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("hello");
}

/** Runs this file in a process of its own. */
function step(name: string, folder: string, entries: number): number {
  const run = spawnSync(process.execPath, [...process.execArgv, __filename, name, folder, String(entries)], {
    stdio: "inherit",
  });
  return run.status ?? 1;
}

export function mergeIndexBenchmark(entries = 1_000_000): number {
  const folder = mkdtempSync(join(tmpdir(), "merge-index-"));
  try {
    return step("prepare", folder, entries) || step("merge", folder, entries);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (require.main === module) {
  const [first = "1000000", folder = "", entries = "0"] = process.argv.slice(2);
  if (first === "prepare") void prepare(folder, Number(entries));
  else if (first === "merge") void merge(folder, Number(entries));
  else process.exitCode = mergeIndexBenchmark(Number(first));
}
