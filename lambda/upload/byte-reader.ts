/**
 * Takes a stream of bytes apart: so many bytes at once, or as a stream of their own. Holds one chunk of the source and
 * what was asked for. The reader's owner closes it; a failure of the source surfaces from whoever reads.
 */
const EMPTY = Buffer.alloc(0);

export class ByteReader {
  /** Bytes taken so far. */
  position = 0;
  private rest: Buffer = EMPTY;
  private readonly source: AsyncIterator<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** `count` bytes; fewer only at the end of the source. */
  async read(count: number): Promise<Buffer> {
    await this.fill(count);
    return this.take(count);
  }

  /** As `read`, but the bytes stay. */
  async peek(count: number): Promise<Buffer> {
    await this.fill(count);
    return this.rest.subarray(0, count);
  }

  /** The next `count` bytes, in pieces; fewer only at the end of the source. */
  async *pass(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0;) {
      const piece = await this.some(left);
      if (piece.length === 0) return;
      left -= piece.length;
      yield piece;
    }
  }

  /** One to `most` bytes, as they come; none only at the end. */
  async some(most = Number.POSITIVE_INFINITY): Promise<Buffer> {
    if (this.rest.length === 0) await this.fill(1);
    return this.take(most);
  }

  async close(): Promise<void> {
    this.rest = EMPTY;
    await this.source.return?.();
  }

  private take(count: number): Buffer {
    const taken = this.rest.subarray(0, count);
    this.rest = this.rest.subarray(taken.length);
    this.position += taken.length;
    return taken;
  }

  private async fill(count: number): Promise<void> {
    if (this.rest.length >= count) return;
    const chunks: Uint8Array[] = [this.rest];
    for (let length = this.rest.length; length < count;) {
      const { done, value } = await this.source.next();
      if (done === true) break;
      chunks.push(value);
      length += value.length;
    }
    const [first = EMPTY, second = EMPTY] = chunks;
    this.rest =
      chunks.length === 2 && first.length === 0
        ? Buffer.from(second.buffer, second.byteOffset, second.length)
        : Buffer.concat(chunks);
  }
}
