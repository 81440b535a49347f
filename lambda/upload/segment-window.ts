/**
 * Brings files that come in any order into packs whose files are in key order: segments are gathered on local disk up
 * to a pack's size, then written as one pack. Memory: a line for each gathered segment, and one piece of one of them.
 */
import { createHash, type Hash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { compareKeys } from "../pack/key-order";
import { PACK_BYTES, type PackWriter, type PlaceInPack } from "../pack/pack-writer";
import { fileSegment, streamFileSegment, type SegmentFacts, type Sink } from "../pack/segment";
import type { IndexEntry } from "../snapshot/file-index";
import type { PackEntry } from "../snapshot/manifest";

export interface WindowLimits {
  /** Compressed bytes on disk, and segments. A file larger than half of it gets a pack of its own. */
  readonly bytes: number;
  readonly segments: number;
}
export const WINDOW_LIMITS: WindowLimits = { bytes: PACK_BYTES, segments: 50_000 };

export interface WindowOutput {
  readonly newPack: () => PackWriter;
  readonly onEntry: (entry: IndexEntry) => Promise<void> | undefined;
}

interface Gathered {
  readonly key: string;
  readonly size: number;
  readonly facts: SegmentFacts;
  readonly md5: string;
  /** In the file on disk. */
  readonly position: number;
}

/** Larger segments are streamed to disk instead of being made in memory. */
const IN_MEMORY_BYTES = 1024 * 1024;
const PIECE = 256 * 1024;

export class SegmentWindow {
  readonly packs: PackEntry[] = [];
  private gathered: Gathered[] = [];
  private written = 0;
  private disk: FileHandle | undefined;

  constructor(
    private readonly folder: string,
    private readonly output: WindowOutput,
    private readonly limits: WindowLimits = WINDOW_LIMITS,
  ) {}

  async add(key: string, size: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (size > this.limits.bytes / 2) return this.addAlone(key, size, content);
    const md5 = createHash("md5");
    if (this.written + size > this.limits.bytes || this.gathered.length >= this.limits.segments) await this.flush();
    const position = this.written;
    if (size > IN_MEMORY_BYTES) {
      const facts = await streamFileSegment(key, size, hashed(content, md5), (chunk) => this.write(chunk));
      this.gathered.push({ key, size, facts, md5: md5.digest("hex"), position });
      return;
    }
    const { bytes, ...facts } = await fileSegment(key, size, hashed(content, md5));
    for (const chunk of bytes) await this.write(chunk);
    this.gathered.push({ key, size, facts, md5: md5.digest("hex"), position });
  }

  async finish(): Promise<readonly PackEntry[]> {
    await this.flush();
    return this.packs;
  }

  /** Safe to call at any time; what is on disk goes with its folder. */
  async close(): Promise<void> {
    await this.disk?.close();
    this.disk = undefined;
  }

  private async flush(): Promise<void> {
    if (this.gathered.length === 0) return;
    const sorted = this.gathered.toSorted((a, b) => compareKeys(a.key, b.key));
    await this.inPack(async (pack) => {
      for (const one of sorted) {
        const { place } = await pack.addStream(async (sink) => {
          await this.read(one, sink);
          return one.facts;
        });
        await this.output.onEntry(entryOf(one, place));
      }
    });
    this.gathered = [];
    this.written = 0;
  }

  private async addAlone(key: string, size: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    const md5 = createHash("md5");
    await this.inPack(async (pack) => {
      const { place, facts } = await pack.addStream((sink) => streamFileSegment(key, size, hashed(content, md5), sink));
      await this.output.onEntry(entryOf({ key, size, facts, md5: md5.digest("hex") }, place));
    });
  }

  private async inPack(fill: (pack: PackWriter) => Promise<void>): Promise<void> {
    const pack = this.output.newPack();
    try {
      await fill(pack);
      this.packs.push(await pack.finish());
    } catch (error) {
      await pack.abort().catch(() => undefined); // the first failure is the one to tell
      throw error;
    }
  }

  private async write(chunk: Uint8Array): Promise<void> {
    this.disk ??= await open(join(this.folder, "segments"), "w+", 0o600);
    for (let done = 0; done < chunk.length;) {
      const { bytesWritten } = await this.disk.write(chunk, done, chunk.length - done, this.written);
      done += bytesWritten;
      this.written += bytesWritten;
    }
  }

  private async read({ position, facts, key }: Gathered, sink: Sink): Promise<void> {
    for (let done = 0; done < facts.length;) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE, facts.length - done));
      const { bytesRead = 0 } = (await this.disk?.read(piece, 0, piece.length, position + done)) ?? {};
      if (bytesRead === 0) throw new Error(`The local disk lost the segment of "${key}".`);
      await sink(piece.subarray(0, bytesRead));
      done += bytesRead;
    }
  }
}

async function* hashed(content: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

/** An uploaded file has no source object: its ETag is the one that S3 gives the file where it encrypts with its own key. */
const entryOf = ({ key, size, facts, md5 }: Omit<Gathered, "position">, place: PlaceInPack): IndexEntry => ({
  key,
  size,
  etag: md5,
  sha256: facts.sha256,
  ...place,
  crc32: facts.crc32,
  rawLength: facts.rawLength,
});
