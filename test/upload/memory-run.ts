/**
 * Unpacks an archive of as many files, and with as large a dump, as its arguments say, against a store that keeps
 * nothing, and prints in MB the most that was really held at any request (`node --expose-gc`: without garbage).
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { crc32, createGzip } from "node:zlib";
import { examineUpload } from "../../lambda/database-task/unpack-examine";
import { storeUpload } from "../../lambda/database-task/unpack-store";
import type { ObjectStore } from "../../lambda/storage/object-store";
import { crc32ToBase64 } from "../../lambda/storage/crc32-text";
import { testSettings } from "../support/collaborators";
import { dumpWithRows } from "./dump-maker";
import { END, header, treeName } from "./tar-maker";

const [files = 0, bytes = 0, rows = 0] = process.argv.slice(2).map(Number);
const chunk = randomBytes(64 * 1024);
const WIDTH = 999;

let most = 0;
function look(): void {
  if (globalThis.gc === undefined) throw new Error("Run this with node --expose-gc.");
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  most = Math.max(most, heapUsed + external);
}

/** Keys in no order at all, each once. */
const keyOf = (n: number): string => `${String((n * 7919) % 1_000_003).padStart(8, "0")}-key`;
const padding = (size: number): Buffer => Buffer.alloc((512 - (size % 512)) % 512);

async function* archive(): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < files; n++) {
    yield header({ name: treeName(keyOf(n)), size: `${bytes.toString(8).padStart(11, "0")}\0` });
    for (let given = 0; given < bytes; given += chunk.length) yield chunk.subarray(0, bytes - given);
    yield padding(bytes);
  }
  let size = 0;
  for await (const piece of dumpWithRows(rows, WIDTH)) size += piece.length;
  yield header({ name: "db/db.backup", size: `${size.toString(8).padStart(11, "0")}\0` });
  yield* dumpWithRows(rows, WIDTH);
  yield padding(size);
  yield END;
}
// Stored, not compressed: what is measured is the reader.
const packed = (): AsyncIterable<Uint8Array> => Readable.from(archive()).pipe(createGzip({ level: 0 }));

const sizes = new Map<string, number>();
const store = {
  get: async () => ({ size: 0, etag: "e", metadata: {}, body: packed() }),
  put: async () => (look(), { versionId: "v", etag: "e" }),
  head: async ({ key }: { key: string }) => ({
    size: sizes.get(key) ?? 0,
    etag: "e",
    versionId: "v",
    metadata: {},
    lock: { mode: "GOVERNANCE", until: new Date("2100-01-01") },
  }),
  createMultipart: async () => "upload",
  async uploadPart({ key }: { key: string }, _id: string, partNumber: number, body: Uint8Array) {
    look();
    sizes.set(key, (sizes.get(key) ?? 0) + body.length);
    return { partNumber, etag: "e", crc32: crc32ToBase64(crc32(body)) };
  },
  completeMultipart: async () => ({ versionId: "v", etag: "e" }),
} as unknown as ObjectStore;

async function main(): Promise<void> {
  let size = 0;
  for await (const piece of packed()) size += piece.length;
  const folder = await mkdtemp(join(tmpdir(), "memory-"));
  const context = {
    store,
    settings: testSettings,
    clock: { now: () => new Date() },
    random: (count: number) => randomBytes(count),
    signal: new AbortController().signal,
    programs: { directory: "/usr/lib/postgresql/15/bin", majors: [15] },
  };
  const owner = {
    attempt: { snapshotId: "s", attemptId: "a" },
    environment: { environmentId: "e", replication: "single-region" as const },
  };
  const upload = { store, bucket: "b", key: "k", size };
  try {
    const examined = await examineUpload(context, upload, folder);
    look();
    const { parts } = await storeUpload(context, owner, upload, folder);
    const stored = parts.reduce((sum, part) => sum + part.entries, 0);
    if (examined.files !== files || stored !== files) throw new Error(`${examined.files} and ${stored} files`);
    console.log(Math.round(most / 1_000_000));
  } finally {
    await rm(folder, { recursive: true });
  }
}
void main();
