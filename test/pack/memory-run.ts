/**
 * Packs as many files as its arguments say against a store that keeps nothing, and prints in MB the most that was
 * really held at any request: garbage is collected before each look (`node --expose-gc`), so chance has no part in it.
 */
import { randomBytes } from "node:crypto";
import type { ListLine } from "../../lambda/snapshot/file-index";
import { ListWriter } from "../../lambda/pack/index-io";
import { EVERYTHING } from "../../lambda/pack/key-order";
import { packShard } from "../../lambda/pack/pack-shard";
import type { ObjectStore } from "../../lambda/storage/object-store";
import { crc32ToBase64 } from "../../lambda/storage/crc32-text";
import { crc32 } from "node:zlib";
import { BUCKET, LOCK, PLACE } from "./support";

const [smallFiles = 0, smallBytes = 0, largeFiles = 0, largeBytes = 0] = process.argv.slice(2).map(Number);
const lists = new Map<string, Uint8Array>();
const sizes = new Map<string, number>();
const chunk = randomBytes(64 * 1024);

let most = 0;
/** What is held at this moment: heap and buffers, without garbage. */
function look(): void {
  if (globalThis.gc === undefined) throw new Error("Run this with node --expose-gc.");
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  most = Math.max(most, heapUsed + external);
}

const store = {
  async put({ key, body }: { key: string; body: Uint8Array }) {
    look();
    if (key.startsWith("list")) lists.set(key, Uint8Array.from(body));
    return { versionId: "v", etag: "e" };
  },
  async get({ key }: { key: string }) {
    const body = lists.get(key) ?? new Uint8Array();
    return {
      size: body.length,
      etag: "e",
      metadata: {},
      body: (async function* () {
        yield body;
      })(),
    };
  },
  async head({ key }: { key: string }) {
    return { size: sizes.get(key) ?? 0, etag: "e", versionId: "v", metadata: {}, lock: LOCK };
  },
  createMultipart: async () => "upload",
  async uploadPart({ key }: { key: string }, _id: string, partNumber: number, body: Uint8Array) {
    look();
    sizes.set(key, (sizes.get(key) ?? 0) + body.length);
    return { partNumber, etag: "e", crc32: crc32ToBase64(crc32(body)) };
  },
  completeMultipart: async () => ({ versionId: "v", etag: "e" }),
} as unknown as ObjectStore;

async function* content(size: number): AsyncGenerator<Uint8Array> {
  for (let given = 0; given < size; given += chunk.length) {
    await new Promise(setImmediate);
    yield chunk.subarray(0, size - given);
  }
}
const sizeOf = (key: string): number => (key.startsWith("l") ? largeBytes : smallBytes);

async function main(): Promise<void> {
  const list = new ListWriter(store, { bucket: BUCKET, keyOf: (n) => `list-${n}` });
  const lines: ListLine[] = [
    ...Array.from({ length: largeFiles }, (_, i) => ({ key: `l${String(i).padStart(6, "0")}` })),
    ...Array.from({ length: smallFiles }, (_, i) => ({ key: `s${String(i).padStart(6, "0")}` })),
  ];
  for (const line of lines) await list.add(line);
  const outcome = await packShard({
    store,
    bucket: BUCKET,
    place: PLACE,
    snapshotId: "s",
    attemptId: "a",
    lock: LOCK,
    random: (bytes) => randomBytes(bytes),
    source: {
      open: async (key) => ({ size: sizeOf(key), etag: "e", body: content(sizeOf(key)) }),
      look: async (key) => ({ size: sizeOf(key), etag: "e" }),
    },
    shard: 0,
    range: EVERYTHING,
    list: await list.finish(),
    base: null,
    repack: [],
    progress: undefined,
    remainingMs: () => 900_000,
    saveProgress: async () => undefined,
  });
  if (outcome !== "done") throw new Error(outcome);
  console.log(Math.round(most / 1_000_000));
}
void main();
