/** Inflates an object's wanted bytes as they pass, and compares what comes out with the file index. Keeps nothing. */
import { finished } from "node:stream/promises";
import { constants, crc32, createInflateRaw } from "node:zlib";
import { ObjectDamaged } from "../storage/storage-errors";
import type { Source } from "./layout";

export class InflateCheck {
  private readonly inflate = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
  private written = 0;
  private length = 0;
  private crc32 = 0;
  private failure: Error | undefined;
  private wake: () => void = () => undefined;

  constructor(readonly source: Source) {
    this.inflate.on("data", (chunk: Uint8Array) => {
      this.crc32 = crc32(chunk, this.crc32);
      this.length += chunk.length;
      // More than there may be: damage, or a bomb.
      if (this.length > source.sum.rawLength) this.inflate.destroy(new Error("more than was stored"));
    });
    this.inflate.on("error", (error) => (this.failure ??= error));
    // zlib never answers the write that it fails on.
    this.inflate.on("close", () => this.wake());
  }

  /** Waits until the bytes are through, so that nothing piles up. */
  async write(chunk: Uint8Array): Promise<void> {
    this.written += chunk.length;
    if (this.failure !== undefined) throw this.damaged();
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.inflate.write(chunk, () => resolve());
    });
    if (this.failure !== undefined) throw this.damaged();
  }

  /** Throws ObjectDamaged. Where some of the object was copied and never passed here, nothing can be said. */
  async finish(): Promise<void> {
    if (this.written !== this.source.bytes) return this.abandon();
    this.inflate.end();
    await finished(this.inflate).catch((error: unknown) => (this.failure ??= error as Error));
    const { crc32: expected, rawLength } = this.source.sum;
    if (this.failure !== undefined || this.length !== rawLength || this.crc32 !== expected) throw this.damaged();
  }

  abandon(): void {
    this.inflate.destroy();
  }

  private damaged(): ObjectDamaged {
    return new ObjectDamaged(
      `The object ${this.source.entry.key} is damaged: its segments are not those of the file index.`,
      { cause: this.failure },
    );
  }
}
