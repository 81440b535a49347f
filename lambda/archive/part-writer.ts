/**
 * Writes an object of the transfer bucket from a stream: neither versioned nor locked, and replaced by a repetition.
 * Up to one part it is a single PutObject. Nothing is visible before `finish`; a crash leaves an unfinished upload,
 * which is swept.
 */
import { crc32 } from "node:zlib";
import { crc32ToBase64 } from "../storage/crc32-text";
import type { MultipartRequest, ObjectStore, PartResult } from "../storage/object-store";
import { nextPartBytes } from "../storage/part-size";
import { commitUpload } from "./commit-upload";

/** 10,000 parts of a size that grows with what has been written hold 5 TB. */
const FIRST_PART_BYTES = 8 * 1024 ** 2;

export class PartWriter {
  size = 0;
  private sum = 0;
  private buffer = Buffer.allocUnsafeSlow(FIRST_PART_BYTES);
  private filled = 0;
  private uploadId: string | undefined;
  private readonly parts: PartResult[] = [];
  private underWay: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: ObjectStore,
    private readonly target: MultipartRequest,
  ) {}

  async write(chunk: Uint8Array): Promise<void> {
    this.sum = crc32(chunk, this.sum);
    for (let taken = 0; taken < chunk.length;) {
      if (this.filled === this.buffer.length) await this.send(nextPartBytes(this.size, FIRST_PART_BYTES));
      const piece = chunk.subarray(taken, taken + this.buffer.length - this.filled);
      this.buffer.set(piece, this.filled);
      this.filled += piece.length;
      this.size += piece.length;
      taken += piece.length;
    }
  }

  async finish(): Promise<void> {
    if (this.uploadId === undefined) {
      await this.store.put({ ...this.target, body: this.buffer.subarray(0, this.filled) });
      return;
    }
    await this.send(0);
    await this.underWay;
    const upload = { uploadId: this.uploadId, parts: this.parts, size: this.size };
    await commitUpload(this.store, this.target, upload, { crc32: crc32ToBase64(this.sum) });
  }

  async abort(): Promise<void> {
    await this.underWay.catch(() => undefined);
    if (this.uploadId !== undefined) await this.store.abortMultipart(this.target, this.uploadId);
  }

  /** One part on its way while the next is filled. */
  private async send(next: number): Promise<void> {
    this.uploadId ??= await this.store.createMultipart(this.target);
    const uploadId = this.uploadId;
    const body = this.buffer.subarray(0, this.filled);
    await this.underWay;
    const number = this.parts.length + 1;
    this.underWay = this.store
      .uploadPart(this.target, uploadId, number, body)
      .then((part) => void this.parts.push({ ...part, crc32: crc32ToBase64(crc32(body)) }));
    this.underWay.catch(() => undefined); // surfaces when the next part is sent
    this.buffer = Buffer.allocUnsafeSlow(next);
    this.filled = 0;
  }
}
