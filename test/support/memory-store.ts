/**
 * An S3 server in memory, for tests that need speed, faults and a clock of their own. It does what S3 does with
 * versions, delete markers, Object Lock, conditional writes, multiparts and paging; where S3's answer is unknown it
 * refuses. Faults: `onRequest` runs before an operation's effect, `onReply` between the effect and the answer (a
 * throw there is a lost reply), `onBody` around the bytes of a get.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { crc32ToBase64 } from "../../lambda/storage/crc32-text";
import type {
  CompleteOptions,
  CopySource,
  DeleteOptions,
  DeleteResult,
  GetOptions,
  ListOptions,
  ListPage,
  Lock,
  MultipartListOptions,
  MultipartPage,
  MultipartRequest,
  ObjectContent,
  ObjectInfo,
  ObjectRef,
  ObjectStore,
  PartResult,
  PartsPage,
  PutRequest,
  PutResult,
  PutTarget,
  VersionListOptions,
  VersionPage,
  VersionRef,
  VersionToDelete,
} from "../../lambda/storage/object-store";
import {
  AccessRefused,
  BucketNotFound,
  ObjectChanged,
  ObjectExists,
  ObjectNotFound,
  RangeOutside,
  StorageError,
} from "../../lambda/storage/storage-errors";
import { wholeSecondUp } from "../../lambda/storage/whole-second";
import { attributesOf, carriedOver, refuseArchived, replaces } from "./memory-attributes";
import { MemoryBucket, refuseMalformed, sequenceOf, type MemoryVersion } from "./memory-bucket";
import { pageOfParts, pageOfUploads, partsToJoin } from "./memory-uploads";
import { replicate } from "./replicate";

export type { MemoryVersion } from "./memory-bucket";

export type StoreOperation = Exclude<keyof ObjectStore, symbol>;
/** What a request is about. Lists have `prefix`; deleteBatch has `objects`; the rest has `key`. */
export interface RequestRef {
  readonly bucket: string;
  readonly key?: string;
  readonly versionId?: string;
  readonly prefix?: string;
  readonly objects?: readonly VersionToDelete[];
  readonly uploadId?: string;
  readonly partNumber?: number;
}
export type StoreHook = (operation: StoreOperation, ref: RequestRef) => void | Promise<void>;

export interface MemoryStoreOptions {
  /** @default the machine's time */
  readonly now?: () => Date;
  /** @default 1000 */
  readonly pageLimit?: number;
  /** Smallest part but the last. @default 5 MiB */
  readonly minPartBytes?: number;
  /** Ranges are copied only from larger objects. @default 5 MiB */
  readonly minCopySourceBytes?: number;
  /** Distinguishes the version ids of stores. @default "v" */
  readonly name?: string;
  /** Some servers drop the lock headers of multipart uploads and copies. @default false */
  readonly dropsMultipartLocks?: boolean;
  /** Some servers know no full-object checksum of multipart uploads. @default false */
  readonly noMultipartChecksums?: boolean;
}

const MIB = 1024 * 1024;
const READ_PIECE = 64 * 1024;
const md5 = (body: Uint8Array): string => createHash("md5").update(body).digest("hex");

export class MemoryStore implements ObjectStore {
  onRequest: StoreHook | undefined;
  onReply: StoreHook | undefined;
  onBody: ((ref: ObjectRef, body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) | undefined;
  /** Every request made, in order. */
  readonly requests: { operation: StoreOperation; ref: RequestRef }[] = [];

  private readonly buckets = new Map<string, MemoryBucket>();
  private readonly peers: MemoryStore[] = [];
  private readonly now: () => Date;
  private readonly pageLimit: number;
  private readonly minPartBytes: number;
  private sequence = 0;

  constructor(private readonly options: MemoryStoreOptions = {}) {
    this.now = options.now ?? (() => new Date());
    this.pageLimit = options.pageLimit ?? 1000;
    this.minPartBytes = options.minPartBytes ?? 5 * MIB;
  }

  // For tests

  /** Remembers what the buckets hold; calling the result puts it back. */
  save(): () => void {
    const undo = [...this.buckets.values()].map((bucket) => bucket.save());
    return () => {
      for (const step of undo) step();
      this.resetRequests();
    };
  }

  createBucket(name: string, options: { readonly objectLock?: boolean; readonly versioned?: boolean } = {}): void {
    const objectLock = options.objectLock ?? false;
    const bucket = new MemoryBucket({
      name,
      objectLock,
      versioned: objectLock || (options.versioned ?? false),
      idPrefix: this.options.name ?? "v",
      nextSequence: () => ++this.sequence,
      now: this.now,
    });
    this.buckets.set(name, bucket);
  }
  /** Copies may read from the other region's buckets, as S3's do. */
  link(other: MemoryStore): void {
    this.peers.push(other);
    other.peers.push(this);
  }
  /** All versions of a bucket or of one key, newest first within a key; no request, no fault. Live objects: damage them at will. */
  versions(bucket: string, key?: string): MemoryVersion[] {
    return this.bucket(bucket).versions(key);
  }
  /** Unfinished multipart uploads of a bucket; no request. */
  uploads(bucket: string): { key: string; uploadId: string; parts: number }[] {
    return [...this.bucket(bucket).uploads.values()].map((upload) => ({
      key: upload.key,
      uploadId: upload.uploadId,
      parts: upload.parts.size,
    }));
  }
  /** Bytes of the current version, without a request. */
  bytes(bucket: string, key: string): Buffer {
    return Buffer.from(this.visible({ bucket, key }).body);
  }
  /** Forgets what was counted so far. */
  resetRequests(): void {
    this.requests.length = 0;
  }
  /** What S3's own replication does: every version of `sourceBucket` under `prefix` that `target` lacks. */
  replicateTo(target: MemoryStore, sourceBucket: string, targetBucket: string, prefix = "replicated/"): void {
    replicate(this.bucket(sourceBucket), target.bucket(targetBucket), prefix);
  }

  // ObjectStore

  put(request: PutRequest): Promise<PutResult> {
    return this.request("put", request, () => {
      const bucket = this.bucket(request.bucket);
      bucket.refuseIfTaken(request);
      const body = new Uint8Array(request.body);
      return bucket.store(request, body, md5(body), crc32ToBase64(crc32(body)));
    });
  }

  async get(ref: ObjectRef, options: GetOptions = {}): Promise<ObjectContent> {
    return this.request("get", ref, () => {
      const version = this.visible(ref);
      refuseArchived(version);
      if (options.ifMatch !== undefined && unquoted(options.ifMatch) !== unquoted(version.etag)) {
        throw new ObjectChanged(`The object ${ref.key} is another one now.`);
      }
      let body = version.body;
      if (options.range !== undefined) {
        const [first, last] = options.range;
        if (first >= body.length || last < first) throw new RangeOutside(`The range lies outside ${ref.key}.`);
        body = body.subarray(first, last + 1);
      }
      const pieces = inPieces(body);
      return {
        ...this.info(version, ref.bucket),
        size: body.length,
        body: this.onBody === undefined ? pieces : this.onBody(ref, pieces),
      };
    });
  }

  head(ref: ObjectRef): Promise<ObjectInfo> {
    return this.request("head", ref, () => {
      // A HEAD has no body: a missing bucket cannot be told from a missing object.
      if (!this.buckets.has(ref.bucket)) throw new ObjectNotFound(`No object ${ref.key} in ${ref.bucket}.`);
      return this.info(this.visible(ref), ref.bucket);
    });
  }

  tags(ref: ObjectRef): Promise<Readonly<Record<string, string>>> {
    return this.request("tags", ref, () => ({ ...this.visible(ref).attributes?.tags }));
  }

  list(bucket: string, options: ListOptions): Promise<ListPage> {
    return this.request("list", { bucket, prefix: options.prefix }, () => {
      const found = this.bucket(bucket);
      const after =
        options.token === undefined ? options.startAfter : Buffer.from(options.token, "base64url").toString();
      const objects = [];
      for (const key of found.keysAfter(options.prefix, after)) {
        const version = found.versions(key)[0];
        if (version === undefined || version.isDeleteMarker) continue;
        if (objects.length === this.pageLimit) {
          const last = objects[objects.length - 1]?.key ?? "";
          return { objects, nextToken: Buffer.from(last).toString("base64url") };
        }
        objects.push({ key, size: version.body.length, etag: version.etag, lastModified: version.lastModified });
      }
      return { objects };
    });
  }

  listVersions(bucket: string, options: VersionListOptions): Promise<VersionPage> {
    return this.request("listVersions", { bucket, prefix: options.prefix }, () => {
      const found = this.bucket(bucket);
      const versions = [];
      const { keyMarker, versionIdMarker } = options;
      const before = versionIdMarker === undefined ? undefined : sequenceOf(versionIdMarker);
      for (const key of found.keysAfter(options.prefix, keyMarker, versionIdMarker !== undefined)) {
        for (const [position, version] of found.versions(key).entries()) {
          if (key === keyMarker && (before === undefined || version.sequence >= before)) continue;
          if (versions.length === this.pageLimit) {
            const last = versions[versions.length - 1];
            return { versions, next: { keyMarker: last?.key ?? "", versionIdMarker: last?.versionId ?? "" } };
          }
          versions.push({
            key,
            versionId: version.versionId,
            isLatest: position === 0,
            isDeleteMarker: version.isDeleteMarker,
            size: version.body.length,
            ...(version.isDeleteMarker ? {} : { etag: version.etag }),
            lastModified: version.lastModified,
          });
        }
      }
      return { versions };
    });
  }

  deleteBatch(bucket: string, objects: readonly VersionToDelete[], options: DeleteOptions = {}): Promise<DeleteResult> {
    return this.request("deleteBatch", { bucket, objects }, () => {
      const found = this.bucket(bucket);
      if (objects.length === 0 || objects.length > 1000)
        throw new StorageError("DeleteObjects takes 1 to 1,000 objects.");
      refuseMalformed(objects);
      if (options.bypassGovernance === true && !found.objectLock) {
        throw new StorageError("x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.");
      }
      const refused = objects.flatMap((one) => found.delete(one, options));
      return { refused };
    });
  }

  delete(ref: ObjectRef): Promise<void> {
    return this.request("delete", ref, () => {
      const [no] = this.bucket(ref.bucket).delete(ref);
      if (no !== undefined) throw new AccessRefused(no.message);
    });
  }

  retain(ref: VersionRef, lock: Lock): Promise<void> {
    return this.request("retain", ref, () => {
      const bucket = this.bucket(ref.bucket);
      bucket.checkLock(lock);
      const version = bucket.visible(ref);
      const until = wholeSecondUp(lock.until);
      const standing = bucket.activeLock(version);
      if (standing !== undefined && (until < standing.until || lock.mode !== standing.mode)) {
        throw new AccessRefused(`The lock of ${ref.key} can't be shortened or changed.`);
      }
      version.lock = { mode: lock.mode, until };
    });
  }

  createMultipart(request: MultipartRequest): Promise<string> {
    return this.request("createMultipart", request, () => {
      const bucket = this.bucket(request.bucket);
      if (request.lock !== undefined) bucket.checkLock(request.lock);
      return bucket.beginUpload(request);
    });
  }

  uploadPart(ref: ObjectRef, uploadId: string, partNumber: number, body: Uint8Array): Promise<PartResult> {
    return this.request("uploadPart", { ...ref, uploadId, partNumber }, () =>
      this.addPart(ref, uploadId, partNumber, body),
    );
  }

  uploadPartCopy(
    ref: ObjectRef,
    uploadId: string,
    partNumber: number,
    source: CopySource,
    range?: readonly [number, number],
  ): Promise<PartResult> {
    return this.request("uploadPartCopy", { ...ref, uploadId, partNumber }, () => {
      let body = this.source(source).body;
      if (range !== undefined) {
        if (body.length <= (this.options.minCopySourceBytes ?? 5 * MIB))
          throw new StorageError("Range specified is not valid for source object of 5 MB or less.");
        if (range[1] >= body.length || range[1] < range[0])
          throw new RangeOutside("Range specified is not valid for source object.");
        body = body.subarray(range[0], range[1] + 1);
      }
      return this.addPart(ref, uploadId, partNumber, body);
    });
  }

  completeMultipart(
    ref: ObjectRef,
    uploadId: string,
    parts: readonly PartResult[],
    options: CompleteOptions,
  ): Promise<PutResult> {
    return this.request("completeMultipart", { ...ref, uploadId }, () => {
      const bucket = this.bucket(ref.bucket);
      const upload = bucket.upload(ref.key, uploadId);
      const bodies = partsToJoin(upload, parts, this.minPartBytes);
      const body = Buffer.concat(bodies.map((part) => part.body));
      const whole = crc32ToBase64(crc32(body));
      const checked = this.options.noMultipartChecksums !== true && options.crc32 !== undefined;
      if (checked && options.crc32 !== whole) throw new StorageError("BadDigest: the CRC-32 is not the object's.");
      bucket.refuseIfTaken({ ...ref, ...options });
      const { lock, ...request } = upload.request;
      const target = lock === undefined || this.options.dropsMultipartLocks === true ? request : { ...request, lock };
      const joined = createHash("md5")
        .update(Buffer.concat(bodies.map((part) => Buffer.from(part.etag, "hex"))))
        .digest("hex");
      bucket.uploads.delete(uploadId);
      const contentType = target.contentType ?? target.attributes?.contentType ?? "binary/octet-stream";
      return bucket.store({ ...target, contentType }, body, `${joined}-${bodies.length}`, checked ? whole : undefined);
    });
  }

  abortMultipart(ref: ObjectRef, uploadId: string): Promise<void> {
    return this.request("abortMultipart", { ...ref, uploadId }, () => {
      this.bucket(ref.bucket).uploads.delete(uploadId);
    });
  }

  listMultiparts(bucket: string, options: MultipartListOptions): Promise<MultipartPage> {
    return this.request("listMultiparts", { bucket, prefix: options.prefix }, () =>
      pageOfUploads([...this.bucket(bucket).uploads.values()], options, this.pageLimit),
    );
  }

  listParts(ref: ObjectRef, uploadId: string, after = 0): Promise<PartsPage> {
    return this.request("listParts", { ...ref, uploadId }, () =>
      pageOfParts(this.bucket(ref.bucket).upload(ref.key, uploadId), after, this.pageLimit),
    );
  }

  copy(source: CopySource, target: PutTarget): Promise<PutResult> {
    return this.request("copy", target, () => {
      const bucket = this.bucket(target.bucket);
      const from = this.source(source);
      bucket.refuseIfTaken(target);
      const { lock, ...rest } = target;
      const carried = {
        ...rest,
        ...(lock === undefined || this.options.dropsMultipartLocks === true ? {} : { lock }),
        ...(replaces(target) ? {} : carriedOver(from)),
      };
      const body = new Uint8Array(from.body);
      return bucket.store(carried, body, md5(body), crc32ToBase64(crc32(body)));
    });
  }

  // Inside

  /** One request: counted, then the fault, then the effect, then perhaps a lost reply. */
  private async request<T>(operation: StoreOperation, ref: RequestRef, effect: () => T): Promise<T> {
    const { bucket, key, versionId, prefix, objects, uploadId, partNumber } = ref;
    const said: RequestRef = {
      bucket,
      ...(key === undefined ? {} : { key }),
      ...(versionId === undefined ? {} : { versionId }),
      ...(prefix === undefined ? {} : { prefix }),
      ...(objects === undefined ? {} : { objects }),
      ...(uploadId === undefined ? {} : { uploadId }),
      ...(partNumber === undefined ? {} : { partNumber }),
    };
    this.requests.push({ operation, ref: said });
    await this.onRequest?.(operation, said);
    const result = effect();
    await this.onReply?.(operation, said);
    return result;
  }

  private bucket(name: string): MemoryBucket {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) throw new BucketNotFound(`The bucket ${name} does not exist.`);
    return bucket;
  }

  private visible(ref: ObjectRef): MemoryVersion {
    return this.bucket(ref.bucket).visible(ref);
  }

  private source(ref: CopySource): MemoryVersion {
    const home = [this, ...this.peers].find((store) => store.buckets.has(ref.bucket)) ?? this;
    const version = home.visible(ref);
    if (ref.ifMatch !== undefined && unquoted(ref.ifMatch) !== unquoted(version.etag))
      throw new ObjectExists(`The source ${ref.key} is another one now.`);
    return version;
  }

  private info(version: MemoryVersion, bucket: string): ObjectInfo {
    const tagCount = Object.keys(version.attributes?.tags ?? {}).length;
    return {
      size: version.body.length,
      etag: version.etag,
      lastModified: version.lastModified,
      metadata: version.metadata,
      attributes: attributesOf(version),
      ...(tagCount === 0 ? {} : { tagCount }),
      ...(this.bucket(bucket).versioned ? { versionId: version.versionId } : {}),
      ...(version.crc32 === undefined ? {} : { crc32: version.crc32 }),
      ...(version.lock === undefined ? {} : { lock: version.lock }),
      ...(version.replicationStatus === undefined ? {} : { replicationStatus: version.replicationStatus }),
    };
  }

  private addPart(ref: ObjectRef, uploadId: string, partNumber: number, body: Uint8Array): PartResult {
    const upload = this.bucket(ref.bucket).upload(ref.key, uploadId);
    if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > 10_000) {
      throw new StorageError("Part number must be 1 to 10,000.");
    }
    const part = { body: new Uint8Array(body), etag: md5(body), crc32: crc32ToBase64(crc32(body)) };
    upload.parts.set(partNumber, part);
    return { partNumber, etag: part.etag, crc32: part.crc32 };
  }
}

const unquoted = (etag: string): string => etag.replace(/^"|"$/g, "");

async function* inPieces(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < body.length; position += READ_PIECE) {
    yield body.slice(position, position + READ_PIECE);
  }
}
