/** One bucket of the store in memory: its versions, locks and unfinished uploads, by S3's rules. No requests, no faults. */
import { isWellFormed } from "../../lambda/pack/key-order";
import type { ObjectAttributes } from "../../lambda/storage/object-attributes";
import type {
  DeleteOptions,
  DeleteResult,
  Lock,
  MultipartRequest,
  ObjectRef,
  PutResult,
  PutTarget,
  VersionToDelete,
} from "../../lambda/storage/object-store";
import { isXmlText } from "../../lambda/storage/s3-keys";
import { ObjectExists, ObjectNotFound, StorageError, UploadNotFound } from "../../lambda/storage/storage-errors";
import { wholeSecondUp } from "../../lambda/storage/whole-second";

/** A stored version, as tests may look at it and damage it. */
export interface MemoryVersion {
  readonly key: string;
  readonly versionId: string;
  readonly sequence: number;
  readonly isDeleteMarker: boolean;
  body: Uint8Array;
  readonly etag: string;
  readonly lastModified: Date;
  readonly crc32?: string;
  readonly contentType?: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Besides content type and metadata, which stand above. Tags may be changed in place. */
  attributes?: ObjectAttributes;
  lock?: Lock;
  replicationStatus?: string;
}
export interface MemoryUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly sequence: number;
  readonly initiated: Date;
  readonly request: MultipartRequest;
  readonly parts: Map<number, { body: Uint8Array; etag: string; crc32: string }>;
}
export interface BucketOptions {
  readonly name: string;
  readonly objectLock: boolean;
  readonly versioned: boolean;
  /** Distinguishes the version ids of stores. */
  readonly idPrefix: string;
  readonly nextSequence: () => number;
  readonly now: () => Date;
}

const NULL_VERSION = "null";
const KEY_BYTES = 1024;
/** UTF-8 byte order, which is not the order of UTF-16 code units. */
export const byteOrder = (a: string, b: string): number =>
  a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
/** The order in which ids were given out. */
export const sequenceOf = (id: string): number => (id === NULL_VERSION ? 0 : Number(id.slice(id.lastIndexOf("-") + 1)));

/** DeleteObjects is XML, and refuses all keys where one is none that XML can carry. */
export const refuseMalformed = (objects: readonly VersionToDelete[]): void => {
  if (objects.every(({ key }) => key !== "" && isXmlText(key))) return;
  throw new StorageError("MalformedXML: The XML you provided was not well-formed.");
};

export class MemoryBucket {
  readonly uploads = new Map<string, MemoryUpload>();
  /** Newest first within a key. */
  private readonly keys = new Map<string, MemoryVersion[]>();
  /** Keys in byte order; undefined after a change of the set of keys. */
  private sorted: string[] | undefined;

  constructor(private readonly options: BucketOptions) {}

  /** Remembers what the bucket holds; calling the result puts it back. */
  save(): () => void {
    const keys = [...this.keys].map(([key, versions]) => [key, versions.map((version) => ({ ...version }))] as const);
    const uploads = [...this.uploads].map(([id, upload]) => [id, { ...upload, parts: new Map(upload.parts) }] as const);
    return () => {
      this.keys.clear();
      for (const [key, versions] of keys)
        this.keys.set(
          key,
          versions.map((version) => ({ ...version })),
        );
      this.uploads.clear();
      for (const [id, upload] of uploads) this.uploads.set(id, { ...upload, parts: new Map(upload.parts) });
      this.sorted = undefined;
    };
  }

  get objectLock(): boolean {
    return this.options.objectLock;
  }
  get versioned(): boolean {
    return this.options.versioned;
  }

  /** Newest first; all keys in order, or one. */
  versions(key?: string): MemoryVersion[] {
    return key === undefined
      ? this.sortedKeys().flatMap((name) => this.versions(name))
      : [...(this.keys.get(key) ?? [])];
  }

  /** The version that a read sees. */
  visible({ key, versionId }: Omit<ObjectRef, "bucket">): MemoryVersion {
    const versions = this.keys.get(key) ?? [];
    const version = versionId === undefined ? versions[0] : versions.find((one) => one.versionId === versionId);
    if (version === undefined || version.isDeleteMarker) {
      throw new ObjectNotFound(`No object ${key} in ${this.options.name}.`);
    }
    return version;
  }

  refuseIfTaken(target: PutTarget): void {
    const current = this.keys.get(target.key)?.[0];
    const taken = current !== undefined && !current.isDeleteMarker;
    if (target.onlyIfAbsent === true && taken) throw new ObjectExists(`The key ${target.key} is taken.`);
    if (target.onlyIfMatch === undefined) return;
    if (!taken) throw new ObjectNotFound(`No object ${target.key} in ${this.options.name}.`);
    if (current.etag !== target.onlyIfMatch.replaceAll('"', ""))
      throw new ObjectExists(`The key ${target.key} is taken by another object.`);
  }

  checkLock(lock: Lock): void {
    if (!this.objectLock) throw new StorageError("Bucket is missing Object Lock Configuration.");
    if (wholeSecondUp(lock.until) <= this.options.now()) {
      throw new StorageError("The retain until date must be in the future!");
    }
  }

  activeLock(version: MemoryVersion): Lock | undefined {
    return version.lock !== undefined && version.lock.until > this.options.now() ? version.lock : undefined;
  }

  store(target: PutTarget, body: Uint8Array, etag: string, checksum: string | undefined): PutResult {
    const { lock, attributes } = target;
    if (lock !== undefined) this.checkLock(lock);
    const contentType = target.contentType ?? attributes?.contentType;
    const added = this.add({
      key: target.key,
      isDeleteMarker: false,
      body,
      etag,
      lastModified: this.options.now(),
      metadata: { ...attributes?.metadata, ...target.metadata },
      ...(checksum === undefined ? {} : { crc32: checksum }),
      ...(contentType === undefined ? {} : { contentType }),
      ...(attributes === undefined ? {} : { attributes }),
      ...(lock === undefined ? {} : { lock: { mode: lock.mode, until: wholeSecondUp(lock.until) } }),
    });
    return this.versioned ? { etag, versionId: added.versionId } : { etag };
  }

  /** A delete without a version: hides the key, or removes it where there are no versions. */
  hide(key: string): void {
    if (!this.versioned) return this.remove(key, NULL_VERSION);
    this.add({
      key,
      isDeleteMarker: true,
      body: new Uint8Array(),
      etag: "",
      lastModified: this.options.now(),
      metadata: {},
    });
    return undefined;
  }

  /** What DeleteObject does, or its refusal. */
  delete({ key, versionId }: VersionToDelete, options: DeleteOptions = {}): DeleteResult["refused"] {
    if (key === "" || !isWellFormed(key)) throw new StorageError("InvalidURI: Couldn't parse the specified URI.");
    if (Buffer.byteLength(key) > KEY_BYTES) return [{ key, code: "KeyTooLongError", message: "Your key is too long" }];
    if (versionId === undefined) {
      this.hide(key);
      return [];
    }
    const version = this.versions(key).find((one) => one.versionId === versionId);
    const lock = version === undefined ? undefined : this.activeLock(version);
    if (lock === undefined || (lock.mode === "GOVERNANCE" && options.bypassGovernance === true)) {
      this.remove(key, versionId);
      return [];
    }
    const message = "Access Denied because object protected by object lock.";
    return [{ key, versionId, code: "AccessDenied", message }];
  }

  add(version: Omit<MemoryVersion, "versionId" | "sequence">): MemoryVersion {
    const sequence = this.options.nextSequence();
    const versionId = this.versioned ? this.id(sequence) : NULL_VERSION;
    const added: MemoryVersion = { ...version, versionId, sequence };
    const standing = this.keys.get(version.key);
    if (standing === undefined) this.sorted = undefined;
    this.keys.set(version.key, this.versioned ? [added, ...(standing ?? [])] : [added]);
    return added;
  }

  remove(key: string, versionId: string): void {
    const left = (this.keys.get(key) ?? []).filter((version) => version.versionId !== versionId);
    if (left.length > 0) {
      this.keys.set(key, left);
    } else if (this.keys.delete(key)) {
      this.sorted = undefined;
    }
  }

  beginUpload(request: MultipartRequest): string {
    const sequence = this.options.nextSequence();
    const uploadId = `upload-${this.id(sequence)}`;
    const initiated = this.options.now();
    this.uploads.set(uploadId, { key: request.key, uploadId, sequence, initiated, request, parts: new Map() });
    return uploadId;
  }

  upload(key: string, uploadId: string): MemoryUpload {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined || upload.key !== key) throw new UploadNotFound(`No upload ${uploadId} of ${key}.`);
    return upload;
  }

  /** Keys under the prefix after (or from) the given one, in byte order. */
  *keysAfter(prefix: string, after: string | undefined, including = false): Generator<string> {
    const keys = this.sortedKeys();
    const from = after === undefined || byteOrder(after, prefix) < 0 ? prefix : after;
    for (let position = lowerBound(keys, from); position < keys.length; position++) {
      const key = keys[position] ?? "";
      // Keys with one prefix lie together.
      if (!key.startsWith(prefix)) return;
      if (key !== after || including) yield key;
    }
  }

  private id(sequence: number): string {
    return `${this.options.idPrefix}-${String(sequence).padStart(10, "0")}`;
  }

  private sortedKeys(): string[] {
    this.sorted ??= [...this.keys.keys()].toSorted(byteOrder);
    return this.sorted;
  }
}

/** Position of the first key that isn't before `wanted`. */
const lowerBound = (keys: readonly string[], wanted: string): number => {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byteOrder(keys[middle] ?? "", wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};
