/**
 * The head of a stored dump, which is a segment of its own: archives are made of it and of the data behind it, by what the
 * manifest says of both. Gathered from the bytes that are read anyway. Memory: the compressed head.
 */
import { crc32 } from "node:zlib";
import { joinSums } from "../pack/gzip";
import { inflateSegment } from "../pack/inflate";
import type { DatabaseEntry } from "../snapshot/manifest";
import { ObjectDamaged } from "../storage/storage-errors";

/** How every segment ends. */
const FLUSH = Buffer.from([0x00, 0x00, 0xff, 0xff]);

export class HeadCheck {
  private readonly pieces: Uint8Array[] = [];
  private gathered = 0;
  private readonly wanted: number;

  constructor(private readonly entry: DatabaseEntry) {
    this.wanted = entry.head === undefined ? 0 : entry.segment.offset + entry.head.length;
  }

  /** Passes the stored object on. */
  async *through(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of stored) {
      if (this.gathered < this.wanted) {
        const taken = Buffer.from(piece.subarray(0, this.wanted - this.gathered));
        this.pieces.push(taken);
        this.gathered += taken.length;
      }
      yield piece;
    }
  }

  /** After the last piece, once the whole dump is known to be as stored: what is wrong, as a clause. */
  problem(): string | undefined {
    const { head, segment, dataCrc32, dumpCrc32, dumpSize } = this.entry;
    if (head === undefined) return undefined;
    const compressed = Buffer.concat(this.pieces).subarray(segment.offset);
    const bytes = compressed.subarray(-FLUSH.length).equals(FLUSH) ? inflated(compressed, head.rawLength) : undefined;
    if (bytes?.length !== head.rawLength || crc32(bytes) !== head.crc32)
      return "its table of contents is not where the manifest says, so no archive can be made of it";
    const data = { crc32: dataCrc32 ?? 0, rawLength: dumpSize - head.rawLength };
    return joinSums(head, data).crc32 === dumpCrc32
      ? undefined
      : "its data have another checksum than the manifest says, so no archive can be made of it";
  }
}

const inflated = (compressed: Buffer, rawLength: number): Buffer | undefined => {
  try {
    return inflateSegment(compressed, rawLength, "The head");
  } catch (error) {
    if (error instanceof ObjectDamaged) return undefined;
    throw error;
  }
};
