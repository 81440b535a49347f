/**
 * Reads live segments out of packs that are being repacked, in key order: one sequential GET a pack, reopened where
 * it stopped. Every segment is inflated and checked before it is given, so that damage is not carried on.
 */
import { crc32 } from "node:zlib";
import type { IndexEntry } from "../snapshot/file-index";
import type { PackEntry } from "../snapshot/manifest";
import type { ObjectStore } from "../storage/object-store";
import { ObjectDamaged } from "../storage/storage-errors";
import { FLUSH_MARK } from "./gzip";
import { inflateSegment, inflateSegmentStream } from "./inflate";
import { readRange } from "./ranged-read";
import { checkedRaw, packRef } from "./read-segment";
import type { Segment, Sink } from "./segment";

/** Dead segments up to this many bytes are read through; beyond, a new request is cheaper. */
const SKIP_BYTES = 8 * 1024 * 1024;
/** Connections held open at once, one a pack; the one unused for longest is closed. */
const OPEN_PACKS = 16;

export class SegmentCopier {
  /** In order of use, the latest last. */
  private readonly open = new Map<string, SequentialReader>();

  constructor(
    private readonly store: ObjectStore,
    private readonly bucket: string,
    private readonly packs: ReadonlyMap<string, PackEntry>,
  ) {}

  /** A checked segment in memory. Throws ObjectDamaged, ObjectNotFound. */
  async small(entry: IndexEntry): Promise<Segment> {
    const bytes = Buffer.concat(await collected(await this.bytes(entry)));
    const name = nameOf(entry);
    const raw = inflateSegment(bytes, entry.rawLength, name);
    if (
      raw.length !== entry.rawLength ||
      crc32(raw) !== entry.crc32 ||
      !bytes.subarray(-FLUSH_MARK.length).equals(FLUSH_MARK)
    ) {
      throw new ObjectDamaged(`${name} is damaged: length, CRC-32 or end is not what was stored.`);
    }
    return { ...entry, bytes: [bytes] };
  }

  /**
   * Reads a large segment once, with a request of its own, only to check it: what has been written to a pack can't be
   * taken back. Gives the CRC-32 of its compressed bytes. Throws ObjectDamaged, ObjectNotFound.
   */
  async check(entry: IndexEntry): Promise<number> {
    const ref = packRef({ bucket: this.bucket, pack: this.packOf(entry) });
    const name = nameOf(entry);
    let sum = 0;
    let end = Buffer.alloc(0);
    async function* summed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of source) {
        sum = crc32(chunk, sum);
        end = Buffer.concat([end, chunk.subarray(-FLUSH_MARK.length)]).subarray(-FLUSH_MARK.length);
        yield chunk;
      }
    }
    const compressed = summed(readRange(this.store, ref, entry.offset, entry.offset + entry.length - 1));
    for await (const _raw of checkedRaw(inflateSegmentStream(compressed, name), entry, name));
    if (!end.equals(FLUSH_MARK)) throw new ObjectDamaged(`${name} is damaged: it does not end as segments do.`);
    return sum;
  }

  /** Copies a large segment that was checked just before, and fails if its bytes are others now. */
  async copy(entry: IndexEntry, checked: number, sink: Sink): Promise<IndexEntry> {
    let sum = 0;
    for await (const chunk of await this.bytes(entry)) {
      sum = crc32(chunk, sum);
      await sink(chunk);
    }
    if (sum !== checked) throw new ObjectDamaged(`${nameOf(entry)} gave other bytes than a moment before.`);
    return entry;
  }

  async close(): Promise<void> {
    await Promise.all([...this.open.values()].map((reader) => reader.close()));
    this.open.clear();
  }

  private async bytes({ pack, offset, length }: IndexEntry): Promise<AsyncGenerator<Uint8Array>> {
    const entry = this.packOf({ pack });
    let reader = this.open.get(pack);
    this.open.delete(pack);
    if (reader !== undefined && (offset < reader.position || offset - reader.position > SKIP_BYTES)) {
      await reader.close();
      reader = undefined;
    }
    reader ??= new SequentialReader(
      readRange(this.store, packRef({ bucket: this.bucket, pack: entry }), offset, entry.size - 1),
      offset,
    );
    this.open.set(pack, reader);
    const [oldest] = this.open;
    if (this.open.size > OPEN_PACKS && oldest !== undefined) {
      this.open.delete(oldest[0]);
      await oldest[1].close();
    }
    return reader.read(offset, length);
  }

  private packOf({ pack }: Pick<IndexEntry, "pack">): PackEntry {
    const found = this.packs.get(pack);
    if (found === undefined)
      throw new ObjectDamaged(`The file index names the pack "${pack}", which its manifest lacks.`);
    return found;
  }
}

/** Takes byte ranges, one after another, out of one stream. */
export class SequentialReader {
  private rest: Uint8Array = new Uint8Array();

  constructor(
    private readonly stream: AsyncGenerator<Uint8Array>,
    public position: number,
  ) {}

  async *read(offset: number, length: number): AsyncGenerator<Uint8Array> {
    for await (const _dead of this.take(offset - this.position));
    yield* this.take(length);
  }

  close(): Promise<unknown> {
    return this.stream.return(undefined);
  }

  private async *take(bytes: number): AsyncGenerator<Uint8Array> {
    for (let wanted = bytes; wanted > 0;) {
      if (this.rest.length === 0) {
        const next = await this.stream.next();
        if (next.done === true) throw new ObjectDamaged("A pack ended within a segment.");
        this.rest = next.value;
      }
      const piece = this.rest.subarray(0, wanted);
      this.rest = this.rest.subarray(piece.length);
      this.position += piece.length;
      wanted -= piece.length;
      yield piece;
    }
  }
}

const nameOf = (entry: IndexEntry): string => `The segment of "${entry.key}" in the pack "${entry.pack}"`;

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}
