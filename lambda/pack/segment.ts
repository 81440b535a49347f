/**
 * A segment: one file as a whole tar entry (header, content, padding), as raw deflate ended by a full flush, so
 * that segments can be joined, copied and inflated independently. Nothing is stored here: a failure leaves nothing
 * behind but the bytes already given to the sink, whose owner must discard them.
 */
import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { constants, crc32, createDeflateRaw } from "node:zlib";
import { deflateSegment, SEGMENT_LEVEL, type RawSum } from "./gzip";
import { tarHeader, tarPadding } from "./tar-header";
import { tarPath } from "./tar-path";

/** What the file index keeps of a segment, besides its place. */
export interface SegmentFacts extends RawSum {
  /** Compressed bytes. */
  readonly length: number;
  /** Of the content alone. */
  readonly sha256: string;
}
export interface Segment extends SegmentFacts {
  readonly bytes: readonly Uint8Array[];
}
export type Sink = (chunk: Uint8Array) => void | Promise<void>;

/** The source gave more or fewer bytes than it announced: the file changed, or the connection broke. */
export class ContentSizeDiffers extends Error {
  override name = "ContentSizeDiffers";
}

/** Up to this size a file is compressed in one step; above it by a stream, off the main thread. */
const ONE_STEP_BYTES = 256 * 1024;
const CHUNK = 64 * 1024;

/** A whole segment in memory, for small files. Throws ContentSizeDiffers. */
export async function fileSegment(key: string, size: number, content: AsyncIterable<Uint8Array>): Promise<Segment> {
  if (size <= ONE_STEP_BYTES) return segmentOf(key, await collect(key, size, content));
  const bytes: Uint8Array[] = [];
  const facts = await streamFileSegment(key, size, content, (chunk) => void bytes.push(chunk));
  return { ...facts, bytes };
}

/** A segment of a content in memory. */
export function segmentOf(key: string, content: Uint8Array): Segment {
  const raw = Buffer.concat([
    tarHeader(tarPath(key), content.length),
    content,
    Buffer.alloc(tarPadding(content.length)),
  ]);
  const bytes = deflateSegment(raw);
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { bytes: [bytes], length: bytes.length, crc32: crc32(raw), rawLength: raw.length, sha256 };
}

/** Streams a file of any size as a segment into `sink`. Throws ContentSizeDiffers, after bytes have been given. */
export async function streamFileSegment(
  key: string,
  size: number,
  content: AsyncIterable<Uint8Array>,
  sink: Sink,
): Promise<SegmentFacts> {
  const hash = createHash("sha256");
  async function* entry(): AsyncGenerator<Uint8Array> {
    yield tarHeader(tarPath(key), size);
    for await (const chunk of checkedLength(key, size, content)) {
      hash.update(chunk);
      yield chunk;
    }
    yield new Uint8Array(tarPadding(size));
  }
  return { ...(await deflateStream(entry(), sink)), sha256: hash.digest("hex") };
}

/** Streams any raw bytes as a segment into `sink`: its length, and the sum of what went in. */
export async function deflateStream(
  raw: AsyncIterable<Uint8Array>,
  sink: Sink,
): Promise<RawSum & { readonly length: number }> {
  let sum = 0;
  let rawLength = 0;
  let length = 0;
  await pipeline(
    async function* () {
      for await (const chunk of raw) {
        if (chunk.length === 0) continue;
        sum = crc32(chunk, sum);
        rawLength += chunk.length;
        yield chunk;
      }
    },
    createDeflateRaw({ finishFlush: constants.Z_FULL_FLUSH, level: SEGMENT_LEVEL, chunkSize: CHUNK }),
    async (compressed: AsyncIterable<Uint8Array>) => {
      for await (const chunk of compressed) {
        length += chunk.length;
        await sink(chunk);
      }
    },
  );
  return { crc32: sum, rawLength, length };
}

async function* checkedLength(
  key: string,
  size: number,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of content) {
    read += chunk.length;
    if (read > size) break;
    yield chunk;
  }
  if (read !== size) {
    throw new ContentSizeDiffers(
      `The file "${key}" was announced with ${size} bytes and gave ${read > size ? "more" : `only ${read}`}.`,
    );
  }
}

async function collect(key: string, size: number, content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of checkedLength(key, size, content)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
