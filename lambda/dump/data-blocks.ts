/**
 * The data of a dump in custom format, block by block: each is the data of one entry of the table of contents. The
 * format is that of PostgreSQL's src/bin/pg_dump/pg_backup_custom.c: a kind, the entry's number, pieces with their
 * lengths, and a length of zero; large objects follow one another within one block. Memory: a piece of the source.
 */
import { TocUnreadable, type Toc } from "./toc";

export interface DataBlock {
  readonly dumpId: number;
  /** As they stand, perhaps compressed. To be read, or left, before the next block is asked for. */
  readonly bytes: AsyncGenerator<Uint8Array>;
}
export type DumpCompression = "none" | "gzip" | "lz4" | "zstd";

const DATA = 1;
const LARGE_OBJECTS = 3;
/** Magic, three of the version, sizes of numbers and offsets, format. */
const COMPRESSION_AT = 11;
const ALGORITHMS: readonly DumpCompression[] = ["none", "gzip", "lz4", "zstd"];

/** Of the data inside the dump. Up to 1.14 the head says a level of gzip, 0 being none. */
export const compressionOf = ({ beginning, minor }: Pick<Toc, "beginning" | "minor">): DumpCompression => {
  if (minor >= 15) return ALGORITHMS[beginning[COMPRESSION_AT] ?? 0] ?? "zstd";
  return beginning.readUInt32LE(COMPRESSION_AT + 1) === 0 ? "none" : "gzip";
};

/** What follows a dump's head, read to its end. Throws TocUnreadable, and what `data` throws. */
export async function* dataBlocks(data: AsyncIterable<Uint8Array>): AsyncGenerator<DataBlock> {
  const source = new Source(data);
  try {
    for (let kind = await source.byteOrEnd(); kind !== undefined; kind = await source.byteOrEnd()) {
      if (kind !== DATA && kind !== LARGE_OBJECTS) throw damaged();
      const dumpId = await source.number();
      const bytes = kind === DATA ? pieces(source) : largeObjects(source);
      yield { dumpId, bytes };
      for await (const _rest of bytes) continue;
    }
  } finally {
    await source.close();
  }
}

async function* pieces(source: Source): AsyncGenerator<Uint8Array> {
  for (let left = await source.number(); left > 0; left = await source.number()) {
    while (left > 0) {
      const piece = await source.some(left);
      left -= piece.length;
      yield piece;
    }
  }
}
/** None of their bytes are wanted; a number of zero ends them. */
// oxlint-disable-next-line require-yield
async function* largeObjects(source: Source): AsyncGenerator<Uint8Array> {
  while ((await source.number()) !== 0) for await (const _bytes of pieces(source)) continue;
}

class Source {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private chunk: Uint8Array = new Uint8Array(0);

  constructor(data: AsyncIterable<Uint8Array>) {
    this.chunks = data[Symbol.asyncIterator]();
  }
  async close(): Promise<void> {
    await this.chunks.return?.();
  }
  /** One byte at least, `most` at most. */
  async some(most: number): Promise<Uint8Array> {
    if (!(await this.fill())) throw damaged();
    const piece = this.chunk.subarray(0, most);
    this.chunk = this.chunk.subarray(piece.length);
    return piece;
  }
  async byteOrEnd(): Promise<number | undefined> {
    return (await this.fill()) ? (await this.some(1))[0] : undefined;
  }
  /** A sign and four little-endian bytes. */
  async number(): Promise<number> {
    const bytes = Buffer.alloc(5);
    for (let filled = 0; filled < bytes.length;) {
      const piece = await this.some(bytes.length - filled);
      bytes.set(piece, filled);
      filled += piece.length;
    }
    if (bytes[0] !== 0) throw damaged();
    return bytes.readUInt32LE(1);
  }
  private async fill(): Promise<boolean> {
    while (this.chunk.length === 0) {
      const next = await this.chunks.next();
      if (next.done === true) return false;
      this.chunk = next.value;
    }
    return true;
  }
}

const damaged = (): TocUnreadable =>
  new TocUnreadable("damaged", "the data behind its dump's table of contents are damaged");
