/**
 * Writes one object of unknown length from a stream of bytes, once and for all: never over another object, hashed on
 * the way, in bounded memory. Up to one part it is a single PutObject with its lock; beyond that a multipart upload,
 * whose lock and size are checked afterwards, because servers differ in honouring the lock of its creation.
 *
 * What a failure leaves behind: nothing, or the whole object under the lock asked for (perhaps not yet locked), or an
 * unfinished multipart upload that `abort` or the daily sweep removes. Writing the same bytes again is a success.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { StoredObjectEntry } from "../snapshot/manifest";
import { crc32ToBase64 } from "./crc32-text";
import { PART_BYTES, type MultipartRequest, type ObjectStore, type PartResult, type PutResult } from "./object-store";
import { secureStanding, standingIfOurs, type WrittenObject } from "./standing-object";
import { ObjectExists, StorageError, StoreUnavailable, UploadNotFound } from "./storage-errors";
import { nextPartBytes } from "./part-size";

export interface ObjectUploadOptions {
  /** Parts on their way at once; large parts go one by one. @default 3 */
  readonly concurrency?: number;
  /** Size of the first parts, and of the largest object that is a single request. @default PART_BYTES */
  readonly partBytes?: number;
}

const FIRST_BUFFER_BYTES = 64 * 1024;

export class ObjectUpload {
  private readonly sha256 = createHash("sha256");
  private crc32 = 0;
  private written = 0;
  private buffer = Buffer.alloc(0);
  private filled = 0;
  private readonly partBytes: number;
  private capacity: number;
  private uploadId: string | undefined;
  private partsBegun = 0;
  private readonly parts: PartResult[] = [];
  private readonly underWay = new Map<Promise<void>, number>();
  private failure: { readonly error: unknown } | undefined;
  private closed = false;

  constructor(
    private readonly store: ObjectStore,
    private readonly target: MultipartRequest,
    private readonly options: ObjectUploadOptions = {},
  ) {
    this.partBytes = options.partBytes ?? PART_BYTES;
    this.capacity = this.partBytes;
  }

  /** Bytes taken so far. */
  get size(): number {
    return this.written;
  }

  /** Takes the bytes (the caller may reuse its buffer) and waits while enough parts are under way. One at a time. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.closed) throw new StorageError(`The upload of ${this.target.key} is closed.`);
    this.sha256.update(chunk);
    this.crc32 = crc32(chunk, this.crc32);
    this.written += chunk.length;
    for (let taken = 0; taken < chunk.length;) {
      if (this.filled === this.capacity) await this.sendPart();
      taken += this.take(chunk.subarray(taken));
    }
  }

  /** Stores the object. After a failure there is no upload left; the same bytes may be written again from the start. */
  async finish(): Promise<StoredObjectEntry> {
    if (this.closed) throw new StorageError(`The upload of ${this.target.key} is closed.`);
    try {
      const entry = this.uploadId === undefined ? await this.putWhole() : await this.complete(this.uploadId);
      this.closed = true;
      return entry;
    } catch (error) {
      // The first failure is the one to tell; what can't be aborted now is swept within a day.
      await this.abort().catch(() => undefined);
      throw error;
    }
  }

  /** Gives up: no parts are left at the server. Harmless after `finish` and when called twice. */
  async abort(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all(this.underWay.keys());
    this.buffer = Buffer.alloc(0);
    if (this.uploadId !== undefined) await this.store.abortMultipart(this.target, this.uploadId);
  }

  private take(chunk: Uint8Array): number {
    const count = Math.min(chunk.length, this.capacity - this.filled);
    if (this.filled + count > this.buffer.length) this.grow(this.filled + count);
    this.buffer.set(chunk.subarray(0, count), this.filled);
    this.filled += count;
    return count;
  }

  /** Small objects, of which there are many, need no buffer of a whole part. */
  private grow(needed: number): void {
    const size =
      this.uploadId === undefined ? Math.max(needed, 2 * this.buffer.length, FIRST_BUFFER_BYTES) : this.capacity;
    const larger = Buffer.allocUnsafeSlow(Math.min(size, this.capacity));
    larger.set(this.buffer.subarray(0, this.filled));
    this.buffer = larger;
  }

  private async sendPart(): Promise<void> {
    this.uploadId ??= await this.store.createMultipart(this.target);
    const uploadId = this.uploadId;
    const body = this.buffer.subarray(0, this.filled);
    this.buffer = Buffer.alloc(0);
    this.filled = 0;
    await this.room(body.length);
    const partNumber = ++this.partsBegun;
    const sent: Promise<void> = this.store
      .uploadPart(this.target, uploadId, partNumber, body)
      .then((part) => void this.parts.push(part))
      .catch((error: unknown) => void (this.failure ??= { error }))
      .finally(() => this.underWay.delete(sent));
    this.underWay.set(sent, body.length);
    this.capacity = nextPartBytes(this.written, this.partBytes);
  }

  /** Waits until a part of `bytes` may go: few parts, and few bytes unless it is alone. */
  private async room(bytes: number): Promise<void> {
    const limit = (this.options.concurrency ?? 3) * this.partBytes;
    for (;;) {
      if (this.failure !== undefined) throw this.failure.error;
      const flying = [...this.underWay.values()].reduce((sum, size) => sum + size, 0);
      if (flying === 0 || flying + bytes <= limit) return;
      await Promise.race(this.underWay.keys());
    }
  }

  private async putWhole(): Promise<StoredObjectEntry> {
    const body = this.buffer.subarray(0, this.filled);
    const object = this.object();
    try {
      const result = await this.store.put({ ...this.target, body, onlyIfAbsent: true });
      if (result.versionId !== undefined) return this.entry(object, result.versionId);
      return this.entry(object, await secureStanding(this.store, object));
    } catch (error) {
      return this.entry(object, await this.settle(object, error));
    }
  }

  private async complete(uploadId: string): Promise<StoredObjectEntry> {
    if (this.filled > 0) await this.sendPart();
    await Promise.all(this.underWay.keys());
    if (this.failure !== undefined) throw this.failure.error;
    const parts = this.parts.toSorted((a, b) => a.partNumber - b.partNumber);
    const object = this.object();
    let result: PutResult;
    try {
      result = await this.store.completeMultipart(this.target, uploadId, parts, {
        onlyIfAbsent: true,
        crc32: crc32ToBase64(object.crc32),
      });
    } catch (error) {
      const versionId = await this.settle(object, error);
      // Our parts are of no use any more; what can't be aborted now is swept within a day.
      if (error instanceof ObjectExists) await this.store.abortMultipart(this.target, uploadId).catch(() => undefined);
      return this.entry(object, versionId);
    }
    return this.entry(object, await secureStanding(this.store, object, result.versionId));
  }

  /** A refused or unanswered commit is a success if the object that stands there is ours; otherwise `error` is thrown. */
  private async settle(object: WrittenObject, error: unknown): Promise<string> {
    if (!(error instanceof ObjectExists || error instanceof UploadNotFound || error instanceof StoreUnavailable))
      throw error;
    const versionId = await standingIfOurs(this.store, object).catch(() => undefined);
    if (versionId === undefined) throw error;
    return secureStanding(this.store, object, versionId);
  }

  private object(): WrittenObject {
    const { bucket, key, lock } = this.target;
    return {
      bucket,
      key,
      size: this.written,
      sha256: this.sha256.copy().digest("hex"),
      crc32: this.crc32,
      ...(lock === undefined ? {} : { lock }),
    };
  }

  private entry(object: WrittenObject, versionId: string): StoredObjectEntry {
    const { key, size, sha256 } = object;
    return { key, versionId, size, sha256, crc32: object.crc32 };
  }
}
