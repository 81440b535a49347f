/**
 * Reads one object from its first byte to its last in a single sequential pass, hashing everything, and gives the
 * ranges that are asked for on the way. When the connection breaks, reading goes on where it stopped.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { readRange } from "../pack/ranged-read";
import { ObjectDamaged } from "../storage/storage-errors";
import type { Copy } from "./snapshot-reader";

export class PackScan {
  private readonly sha256 = createHash("sha256");
  private crc32 = 0;
  private position = 0;
  private rest: Uint8Array = new Uint8Array();
  private readonly chunks: AsyncGenerator<Uint8Array>;

  constructor(
    copy: Copy,
    private readonly entry: {
      readonly key: string;
      readonly size: number;
      readonly sha256: string;
      readonly crc32: number;
    },
  ) {
    this.chunks = readRange(copy.store, copy.ref, 0, entry.size - 1);
  }

  /** Sends the request, so that a missing object is told before anything of it is asked for. */
  async begin(): Promise<void> {
    if (this.entry.size > 0 && this.position === 0) await this.fill();
  }

  /** The next bytes from `offset` on, which must not lie behind. Read it to its end before the next one. */
  async *range(offset: number, length: number): AsyncGenerator<Uint8Array> {
    if (offset < this.position) throw new ObjectDamaged(`The segments in ${this.entry.key} are not in key order.`);
    await this.skip(offset - this.position);
    yield* this.take(length);
  }

  /** Reads what is left and checks the whole object. Throws ObjectDamaged. */
  async finish(): Promise<void> {
    const { key, size, sha256 } = this.entry;
    await this.skip(size - this.position);
    if (this.sha256.digest("hex") !== sha256) throw new ObjectDamaged(`The SHA-256 of ${key} is not the manifest's.`);
    if (this.crc32 !== this.entry.crc32) throw new ObjectDamaged(`The CRC-32 of ${key} is not the manifest's.`);
  }

  /** Gives up reading. */
  async close(): Promise<void> {
    await this.chunks.return(undefined);
  }

  private async skip(length: number): Promise<void> {
    const skipped = this.take(length);
    while ((await skipped.next()).done !== true);
  }

  private async *take(length: number): AsyncGenerator<Uint8Array> {
    let missing = length;
    while (missing > 0) {
      if (this.rest.length === 0) await this.fill();
      const piece = this.rest.subarray(0, missing);
      this.rest = this.rest.subarray(piece.length);
      this.position += piece.length;
      missing -= piece.length;
      yield piece;
    }
  }

  private async fill(): Promise<void> {
    const next = await this.chunks.next();
    if (next.done === true) throw new ObjectDamaged(`The object ${this.entry.key} is shorter than the manifest says.`);
    this.rest = next.value;
    this.sha256.update(this.rest);
    this.crc32 = crc32(this.rest, this.crc32);
  }
}
