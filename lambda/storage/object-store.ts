import type { ObjectAttributes } from "./object-attributes";

/**
 * What the service needs of an S3 server. Every method is exactly one S3 request (retries aside), so that calls
 * can be counted and a crash can be placed between any two of them. Implementations turn the server's exceptions
 * into the errors of `storage-errors.ts`, which keep their `cause`. A store is bound to one region. ETags are
 * without quotes; lock dates are rounded up to the second.
 */
export interface ObjectStore {
  /** PutObject. `body` is at most one part (see `PART_BYTES`). Throws as `WriteCondition` says. */
  put(request: PutRequest): Promise<PutResult>;
  /** GetObject. Throws ObjectNotFound, AccessRefused. A failure while reading surfaces from the iteration. */
  get(ref: ObjectRef, options?: GetOptions): Promise<ObjectContent>;
  /** HeadObject with checksum mode. Throws ObjectNotFound (404, or a delete marker), AccessRefused (403). */
  head(ref: ObjectRef): Promise<ObjectInfo>;
  /** GetObjectTagging. Throws ObjectNotFound, AccessRefused. */
  tags(ref: ObjectRef): Promise<Readonly<Record<string, string>>>;
  /** ListObjectsV2, one page (1,000 keys) in UTF-8 byte order. */
  list(bucket: string, options: ListOptions): Promise<ListPage>;
  /** ListObjectVersions, one page: versions and delete markers. */
  listVersions(bucket: string, options: VersionListOptions): Promise<VersionPage>;
  /** DeleteObjects, at most 1,000; each refusal (a lock, a permission) comes back in `refused`, never as success. */
  deleteBatch(bucket: string, objects: readonly VersionToDelete[], options?: DeleteOptions): Promise<DeleteResult>;
  /** DeleteObject: its key stands in the address, so it may hold what XML can't carry. Throws AccessRefused. */
  delete(ref: ObjectRef): Promise<void>;
  /** PutObjectRetention on one version. Throws AccessRefused when it would shorten a lock. */
  retain(ref: VersionRef, lock: Lock): Promise<void>;
  /** CreateMultipartUpload; returns the upload id. */
  createMultipart(request: MultipartRequest): Promise<string>;
  uploadPart(ref: ObjectRef, uploadId: string, partNumber: number, body: Uint8Array): Promise<PartResult>;
  /** UploadPartCopy; `range` is [first, last] inclusive. */
  uploadPartCopy(
    ref: ObjectRef,
    uploadId: string,
    partNumber: number,
    source: CopySource,
    range?: readonly [number, number],
  ): Promise<PartResult>;
  /** CompleteMultipartUpload. Throws as `WriteCondition` says. */
  completeMultipart(
    ref: ObjectRef,
    uploadId: string,
    parts: readonly PartResult[],
    options: CompleteOptions,
  ): Promise<PutResult>;
  abortMultipart(ref: ObjectRef, uploadId: string): Promise<void>;
  listMultiparts(bucket: string, options: MultipartListOptions): Promise<MultipartPage>;
  /** ListParts, one page (1,000 parts) by number. Throws UploadNotFound when it was completed or aborted. */
  listParts(ref: ObjectRef, uploadId: string, after?: number): Promise<PartsPage>;
  /** CopyObject (sources up to 5 GB), locked as given. */
  copy(source: CopySource, target: PutTarget): Promise<PutResult>;
}

/** Parts of multipart uploads, and the largest body held in memory: 16 MiB. */
export const PART_BYTES = 16 * 1024 * 1024;

export interface ObjectRef {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}
export interface VersionRef extends ObjectRef {
  readonly versionId: string;
}
/** A version, or what stands at the key now; with `ifMatch` (an ETag) throws ObjectExists (412) when it is another by then. */
export type CopySource = ObjectRef & { readonly ifMatch?: string };
/** Both throw ObjectExists (412) where they don't hold; `onlyIfMatch` throws ObjectNotFound where nothing stands. */
export interface WriteCondition {
  readonly onlyIfAbsent?: boolean;
  /** Only over the object with this ETag. */
  readonly onlyIfMatch?: string;
}
/** `mode` as S3 spells it. */
export interface Lock {
  readonly mode: LockMode;
  readonly until: Date;
}
export type LockMode = "GOVERNANCE" | "COMPLIANCE";

export interface PutTarget extends ObjectRef, WriteCondition {
  readonly lock?: Lock;
  readonly contentType?: string;
  /** User metadata (`x-amz-meta-`), lower-case names. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Of a file that is put back; `contentType` and `metadata` above come first. */
  readonly attributes?: ObjectAttributes;
}
export interface PutRequest extends PutTarget {
  readonly body: Uint8Array;
}
export interface MultipartRequest extends ObjectRef {
  readonly lock?: Lock;
  /** The parts come from clients of all kinds, which send no checksums: the server must not ask for them. */
  readonly partsWithoutChecksums?: boolean;
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly attributes?: ObjectAttributes;
}
export interface PartsPage {
  readonly parts: readonly ListedPart[];
  /** Goes into the next call as `after`; absent at the end. */
  readonly next?: number;
}
export interface ListedPart extends PartResult {
  readonly size: number;
}
export interface CompleteOptions extends WriteCondition {
  /** CRC-32 of the whole object, base64 of four big-endian bytes: S3's full-object checksum. */
  readonly crc32?: string;
}
export interface PutResult {
  /** Absent on buckets without versioning. */
  readonly versionId?: string;
  readonly etag: string;
}
export interface PartResult {
  readonly partNumber: number;
  readonly etag: string;
  /** CRC-32 of the part, base64, where the server gave it. */
  readonly crc32?: string;
}
export interface GetOptions {
  /** [first, last] inclusive byte positions. */
  readonly range?: readonly [number, number];
  /** Only if the ETag still matches; throws ObjectChanged (412) otherwise. */
  readonly ifMatch?: string;
}
export interface ObjectContent extends ObjectInfo {
  /** The bytes, in pieces of the transport's size. Leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}
export interface ObjectInfo {
  /** Bytes of the body (of the range, for a ranged get). */
  readonly size: number;
  readonly etag: string;
  readonly versionId?: string;
  readonly lastModified?: Date;
  /** Full-object CRC-32 in base64, where the server keeps one. */
  readonly crc32?: string;
  /** Full-object SHA-256 in base64, where the server keeps one. */
  readonly sha256?: string;
  readonly lock?: Lock;
  readonly metadata: Readonly<Record<string, string>>;
  /** Without tags, of which only `tagCount` is told, and that only to whoever may read them. */
  readonly attributes?: Omit<ObjectAttributes, "tags">;
  readonly tagCount?: number;
  /** S3's word on a source object: PENDING, COMPLETED, FAILED; REPLICA on the other side. */
  readonly replicationStatus?: string;
}
export interface ListOptions {
  readonly prefix: string;
  /** Only keys after this one. */
  readonly startAfter?: string;
  readonly token?: string;
}
export interface ListPage {
  readonly objects: readonly ListedObject[];
  readonly nextToken?: string;
}
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly lastModified?: Date;
}
export interface VersionListOptions {
  readonly prefix: string;
  readonly keyMarker?: string;
  readonly versionIdMarker?: string;
}
export interface VersionPage {
  /** Newest first within a key. */
  readonly versions: readonly ListedVersion[];
  readonly next?: { readonly keyMarker: string; readonly versionIdMarker?: string };
}
export interface ListedVersion {
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isDeleteMarker: boolean;
  /** 0 for a delete marker. */
  readonly size: number;
  readonly etag?: string;
  readonly lastModified: Date;
}
export interface VersionToDelete {
  readonly key: string;
  readonly versionId?: string;
}
export interface DeleteOptions {
  /** Only the deleting role's code sets this (rule I2). */
  readonly bypassGovernance?: boolean;
}
export interface DeleteResult {
  readonly refused: readonly {
    readonly key: string;
    readonly versionId?: string;
    readonly code: string;
    readonly message: string;
  }[];
}
export interface MultipartListOptions {
  readonly prefix: string;
  readonly keyMarker?: string;
  readonly uploadIdMarker?: string;
}
export interface MultipartPage {
  readonly uploads: readonly { readonly key: string; readonly uploadId: string; readonly initiated: Date }[];
  readonly next?: { readonly keyMarker: string; readonly uploadIdMarker: string };
}
