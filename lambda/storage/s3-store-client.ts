/**
 * `ObjectStore` on an S3 server. Each method is one request (the client's retries aside, and one repetition where a
 * server doesn't know full-object checksums). Writing is safe to repeat; a lost reply shows as StoreUnavailable, or as
 * ObjectExists after a retry of a conditional write.
 */
import type { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import {
  type CompleteOptions,
  type CopySource,
  type DeleteOptions,
  type DeleteResult,
  type GetOptions,
  type ListOptions,
  type ListPage,
  type Lock,
  type MultipartListOptions,
  type MultipartPage,
  type MultipartRequest,
  type ObjectContent,
  type ObjectInfo,
  type ObjectRef,
  type ObjectStore,
  type PartResult,
  type PartsPage,
  type PutRequest,
  type PutResult,
  type PutTarget,
  type VersionListOptions,
  type VersionPage,
  type VersionRef,
  type VersionToDelete,
} from "./object-store";
import { given, mergedVersions, objectInfo, plainEtag, realVersion, refusals } from "./s3-answers";
import { checkedBody } from "./s3-body";
import { codeOf, statusOf, toStorageError, type Attempted } from "./s3-errors";
import { conditions, sourceOf } from "./s3-conditions";
import { decodedKey } from "./s3-keys";
import { wholeSecondUp } from "./whole-second";
import { checksumOf, md5Of, place, properties, withExactHeaders } from "./s3-properties-client";
import { StorageError, UploadNotFound } from "./storage-errors";

/** Server-side copies of up to 5 GB, and putting 10,000 parts together, may take minutes. */
const COPY_MS = 10 * 60_000;
/** The slowest connection that still counts as one: 256 KiB a second. */
const UPLOAD_BYTES_PER_MS = 256 * 1.024;
const DELETE_LIMIT = 1000;
const BODY_IDLE_MS = 60_000;
/** How servers say that they don't know a parameter of the request. */
const UNKNOWN_PARAMETER = new Set(["NotImplemented", "InvalidRequest", "InvalidArgument", "MalformedXML"]);

/** The CRC-32 of the whole object, of each part, or nothing but each part's MD5. */
type MultipartChecksums = "whole" | "parts" | "none";
const FALLBACK: Record<MultipartChecksums, MultipartChecksums | undefined> = {
  whole: "parts",
  parts: "none",
  none: undefined,
};

export interface S3StoreOptions {
  /** How long a body being read may stall. @default 60000 */
  readonly bodyIdleMs?: number;
}

export class S3Store implements ObjectStore {
  /** What this server takes for multipart uploads; it goes down a step at each refusal. */
  private checksums: MultipartChecksums = "whole";

  constructor(
    private readonly client: S3Client,
    private readonly options: S3StoreOptions = {},
  ) {}

  async put(request: PutRequest): Promise<PutResult> {
    return this.attempt({ action: "Writing", ...request, conditional: "write" }, async () => {
      const answer = await this.client.send(
        withExactHeaders(
          new PutObjectCommand({
            ...place(request),
            ...properties(request),
            ...conditions(request),
            Body: request.body,
            ContentLength: request.body.length,
            ...checksumOf(request.body),
          }),
          request,
        ),
        { requestTimeout: uploadMs(request.body) },
      );
      return { etag: plainEtag(answer.ETag), ...given("versionId", realVersion(answer.VersionId)) };
    });
  }

  async get(ref: ObjectRef, options: GetOptions = {}): Promise<ObjectContent> {
    const attempted: Attempted = { action: "Reading", ...ref, conditional: "read" };
    return this.attempt(attempted, async () => {
      const answer = await this.client.send(
        new GetObjectCommand({
          ...place(ref),
          ...given("VersionId", ref.versionId),
          ...(options.range === undefined ? {} : { Range: `bytes=${options.range[0]}-${options.range[1]}` }),
          ...(options.ifMatch === undefined ? {} : { IfMatch: `"${plainEtag(options.ifMatch)}"` }),
        }),
      );
      const { crc32: whole, sha256, ...info } = objectInfo(answer);
      return {
        ...info,
        ...(options.range === undefined ? { ...given("crc32", whole), ...given("sha256", sha256) } : {}),
        body: checkedBody(
          answer.Body as Readable,
          answer.ContentLength,
          attempted,
          this.options.bodyIdleMs ?? BODY_IDLE_MS,
        ),
      };
    });
  }

  async head(ref: ObjectRef): Promise<ObjectInfo> {
    return this.attempt({ action: "Looking at", ...ref }, async () =>
      objectInfo(
        await this.client.send(
          new HeadObjectCommand({ ...place(ref), ...given("VersionId", ref.versionId), ChecksumMode: "ENABLED" }),
        ),
      ),
    );
  }

  async tags(ref: ObjectRef): Promise<Readonly<Record<string, string>>> {
    return this.attempt({ action: "Reading the tags", ...ref }, async () => {
      const answer = await this.client.send(
        new GetObjectTaggingCommand({ ...place(ref), ...given("VersionId", ref.versionId) }),
      );
      return Object.fromEntries((answer.TagSet ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
    });
  }

  async list(bucket: string, options: ListOptions): Promise<ListPage> {
    return this.attempt({ action: "Listing", bucket }, async () => {
      const answer = await this.client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: options.prefix,
          EncodingType: "url",
          ...(options.token === undefined
            ? given("StartAfter", options.startAfter)
            : { ContinuationToken: options.token }),
        }),
      );
      const objects = (answer.Contents ?? []).map((one) => ({
        key: decodedKey(one.Key ?? "", answer.EncodingType),
        size: one.Size ?? 0,
        etag: plainEtag(one.ETag),
        ...given("lastModified", one.LastModified),
      }));
      return { objects, ...(answer.IsTruncated === true ? given("nextToken", answer.NextContinuationToken) : {}) };
    });
  }

  async listVersions(bucket: string, options: VersionListOptions): Promise<VersionPage> {
    return this.attempt({ action: "Listing versions", bucket }, async () => {
      const answer = await this.client.send(
        new ListObjectVersionsCommand({
          Bucket: bucket,
          Prefix: options.prefix,
          EncodingType: "url",
          ...given("KeyMarker", options.keyMarker),
          ...given("VersionIdMarker", options.versionIdMarker),
        }),
      );
      const versions = mergedVersions(answer.Versions ?? [], answer.DeleteMarkers ?? [], answer.EncodingType);
      if (answer.IsTruncated !== true || answer.NextKeyMarker === undefined) return { versions };
      const keyMarker = decodedKey(answer.NextKeyMarker, answer.EncodingType);
      return { versions, next: { keyMarker, ...given("versionIdMarker", answer.NextVersionIdMarker || undefined) } };
    });
  }

  async deleteBatch(
    bucket: string,
    objects: readonly VersionToDelete[],
    options: DeleteOptions = {},
  ): Promise<DeleteResult> {
    if (objects.length === 0 || objects.length > DELETE_LIMIT)
      throw new StorageError(`A batch deletes 1 to ${DELETE_LIMIT} objects.`);
    return this.attempt({ action: "Deleting", bucket }, async () => {
      const answer = await this.client.send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          ...(options.bypassGovernance === true ? { BypassGovernanceRetention: true } : {}),
          ChecksumAlgorithm: "CRC32",
          Delete: {
            Quiet: true,
            Objects: objects.map(({ key, versionId }) => ({ Key: key, ...given("VersionId", versionId) })),
          },
        }),
      );
      const refused = (answer.Errors ?? []).flatMap((one) => refusals(objects, one));
      return { refused };
    });
  }

  async delete(ref: ObjectRef): Promise<void> {
    await this.attempt({ action: "Deleting", ...ref }, () =>
      this.client.send(new DeleteObjectCommand({ ...place(ref), ...given("VersionId", ref.versionId) })),
    );
  }

  async retain(ref: VersionRef, lock: Lock): Promise<void> {
    await this.attempt({ action: "Locking", ...ref }, () =>
      this.client.send(
        new PutObjectRetentionCommand({
          ...place(ref),
          VersionId: ref.versionId,
          ChecksumAlgorithm: "CRC32",
          Retention: { Mode: lock.mode, RetainUntilDate: wholeSecondUp(lock.until) },
        }),
      ),
    );
  }

  async createMultipart(request: MultipartRequest): Promise<string> {
    const bare = request.partsWithoutChecksums === true;
    return this.attempt({ action: "Beginning an upload", ...request }, () =>
      this.withChecksums(async (checksums) => {
        const answer = await this.client.send(
          withExactHeaders(
            new CreateMultipartUploadCommand({
              ...place(request),
              ...properties(request),
              ...(bare || checksums === "none" ? {} : { ChecksumAlgorithm: "CRC32" }),
              ...(!bare && checksums === "whole" ? { ChecksumType: "FULL_OBJECT" } : {}),
            }),
            request,
          ),
        );
        return answer.UploadId ?? "";
      }),
    );
  }

  async uploadPart(ref: ObjectRef, uploadId: string, partNumber: number, body: Uint8Array): Promise<PartResult> {
    return this.attempt({ action: `Writing part ${partNumber}`, ...ref }, async () => {
      const part = {
        ...place(ref),
        UploadId: uploadId,
        PartNumber: partNumber,
        Body: body,
        ContentLength: body.length,
      };
      const checksum = this.checksums === "none" ? { ContentMD5: md5Of(body) } : checksumOf(body);
      const answer = await this.client.send(new UploadPartCommand({ ...part, ...checksum }), {
        requestTimeout: uploadMs(body),
      });
      return {
        partNumber,
        etag: plainEtag(answer.ETag),
        ...("ChecksumCRC32" in checksum ? { crc32: checksum.ChecksumCRC32 } : {}),
      };
    });
  }

  async uploadPartCopy(
    ref: ObjectRef,
    uploadId: string,
    partNumber: number,
    source: CopySource,
    range?: readonly [number, number],
  ): Promise<PartResult> {
    return this.attempt({ action: `Copying part ${partNumber}`, ...ref, conditional: "write" }, async () => {
      const answer = await this.client.send(
        new UploadPartCopyCommand({
          ...place(ref),
          UploadId: uploadId,
          PartNumber: partNumber,
          ...sourceOf(source),
          ...(range === undefined ? {} : { CopySourceRange: `bytes=${range[0]}-${range[1]}` }),
        }),
        { requestTimeout: COPY_MS },
      );
      return {
        partNumber,
        etag: plainEtag(answer.CopyPartResult?.ETag),
        ...given("crc32", answer.CopyPartResult?.ChecksumCRC32),
      };
    });
  }

  async completeMultipart(
    ref: ObjectRef,
    uploadId: string,
    parts: readonly PartResult[],
    options: CompleteOptions,
  ): Promise<PutResult> {
    return this.attempt({ action: "Completing the upload", ...ref, conditional: "write" }, () =>
      this.withChecksums(async (checksums) => {
        const answer = await this.client.send(
          new CompleteMultipartUploadCommand({
            ...place(ref),
            UploadId: uploadId,
            ...conditions(options),
            ...(checksums === "whole" && options.crc32 !== undefined
              ? { ChecksumCRC32: options.crc32, ChecksumType: "FULL_OBJECT" as const }
              : {}),
            MultipartUpload: {
              Parts: parts.map((part) => ({
                PartNumber: part.partNumber,
                ETag: `"${part.etag}"`,
                ...(checksums === "none" ? {} : given("ChecksumCRC32", part.crc32)),
              })),
            },
          }),
          { requestTimeout: COPY_MS },
        );
        return { etag: plainEtag(answer.ETag), ...given("versionId", realVersion(answer.VersionId)) };
      }),
    );
  }

  async abortMultipart(ref: ObjectRef, uploadId: string): Promise<void> {
    try {
      await this.attempt({ action: "Aborting the upload", ...ref }, () =>
        this.client.send(new AbortMultipartUploadCommand({ ...place(ref), UploadId: uploadId })),
      );
    } catch (error) {
      // Aborted or completed before: there is nothing left to abort.
      if (!(error instanceof UploadNotFound)) throw error;
    }
  }

  async listMultiparts(bucket: string, options: MultipartListOptions): Promise<MultipartPage> {
    return this.attempt({ action: "Listing uploads", bucket }, async () => {
      const answer = await this.client.send(
        new ListMultipartUploadsCommand({
          Bucket: bucket,
          Prefix: options.prefix,
          EncodingType: "url",
          ...given("KeyMarker", options.keyMarker),
          ...given("UploadIdMarker", options.uploadIdMarker),
        }),
      );
      const uploads = (answer.Uploads ?? []).map((one) => ({
        key: decodedKey(one.Key ?? "", answer.EncodingType),
        uploadId: one.UploadId ?? "",
        initiated: one.Initiated ?? new Date(0),
      }));
      if (answer.IsTruncated !== true || answer.NextKeyMarker === undefined) return { uploads };
      const keyMarker = decodedKey(answer.NextKeyMarker, answer.EncodingType);
      return { uploads, next: { keyMarker, uploadIdMarker: answer.NextUploadIdMarker ?? "" } };
    });
  }

  async listParts(ref: ObjectRef, uploadId: string, after?: number): Promise<PartsPage> {
    return this.attempt({ action: "Listing parts", ...ref }, async () => {
      const answer = await this.client.send(
        new ListPartsCommand({
          ...place(ref),
          UploadId: uploadId,
          ...(after === undefined ? {} : { PartNumberMarker: String(after) }),
        }),
      );
      const parts = (answer.Parts ?? []).map((part) => ({
        partNumber: part.PartNumber ?? 0,
        size: part.Size ?? 0,
        etag: plainEtag(part.ETag),
        ...given("crc32", part.ChecksumCRC32),
      }));
      const last = parts.at(-1)?.partNumber;
      return answer.IsTruncated === true && last !== undefined ? { parts, next: last } : { parts };
    });
  }

  async copy(source: CopySource, target: PutTarget): Promise<PutResult> {
    return this.attempt({ action: "Copying", ...target, conditional: "write" }, async () => {
      const { attributes, contentType, metadata } = target;
      const replaces = (attributes ?? contentType ?? metadata) !== undefined;
      const answer = await this.client.send(
        withExactHeaders(
          new CopyObjectCommand({
            ...place(target),
            ...properties(target),
            ...conditions(target),
            ...sourceOf(source),
            MetadataDirective: replaces ? "REPLACE" : "COPY",
            ...(attributes === undefined ? {} : { TaggingDirective: "REPLACE" as const }),
            ChecksumAlgorithm: "CRC32",
          }),
          target,
        ),
        { requestTimeout: COPY_MS },
      );
      return { etag: plainEtag(answer.CopyObjectResult?.ETag), ...given("versionId", realVersion(answer.VersionId)) };
    });
  }

  private async attempt<T>(attempted: Attempted, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw toStorageError(error, attempted);
    }
  }

  /** With as much checksum as the server knows: a refusal of the parameters is answered with a step down. */
  private async withChecksums<T>(request: (checksums: MultipartChecksums) => Promise<T>): Promise<T> {
    for (let checksums = this.checksums; ;) {
      try {
        const result = await request(checksums);
        this.checksums = checksums;
        return result;
      } catch (error) {
        const next = FALLBACK[checksums];
        if (next === undefined || !(UNKNOWN_PARAMETER.has(codeOf(error)) || statusOf(error) === 501)) throw error;
        checksums = next;
      }
    }
  }
}

const uploadMs = (body: Uint8Array): number => 60_000 + Math.ceil(body.length / UPLOAD_BYTES_PER_MS);
