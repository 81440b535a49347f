/** The S3 server's administrator, who stands for AWS itself: moves locks with time, replicates, inspects, cleans up. */
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  S3Client,
  type HeadObjectCommandOutput,
} from "@aws-sdk/client-s3";
import type { Upstream } from "./sign";

export interface StoredVersion {
  readonly bucket: string;
  readonly key: string;
  /** Absent on a bucket without versioning. */
  readonly versionId?: string;
}
export interface StoredLock {
  readonly mode: "GOVERNANCE" | "COMPLIANCE";
  /** By the server's own clock. */
  readonly until: Date;
}
export interface ListedVersion extends StoredVersion {
  readonly versionId: string;
  readonly deleteMarker: boolean;
  readonly size: number;
}

export const s3Client = (upstream: Upstream, region: string): S3Client =>
  new S3Client({
    endpoint: upstream.url.href,
    region: upstream.region ?? region,
    credentials: upstream.credentials,
    forcePathStyle: true,
    maxAttempts: 8,
  });

export class UpstreamStore {
  private readonly clients = new Map<Upstream, S3Client>();
  constructor(
    /** The server of a bucket. */
    private readonly serverOf: (bucket: string) => Upstream,
    private readonly region: string,
  ) {}

  clientOf(bucket: string): S3Client {
    const server = this.serverOf(bucket);
    const client = this.clients.get(server) ?? s3Client(server, this.region);
    this.clients.set(server, client);
    return client;
  }

  head({ bucket, key, versionId }: StoredVersion): Promise<HeadObjectCommandOutput> {
    return this.clientOf(bucket).send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  }

  async lockOf(ref: StoredVersion): Promise<StoredLock | undefined> {
    const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = await this.head(ref);
    return mode === undefined || until === undefined ? undefined : { mode, until };
  }

  async lock({ bucket, key, versionId }: StoredVersion, lock: StoredLock): Promise<void> {
    await this.clientOf(bucket).send(
      new PutObjectRetentionCommand({
        Bucket: bucket,
        Key: key,
        VersionId: versionId,
        Retention: { Mode: lock.mode, RetainUntilDate: lock.until },
        BypassGovernanceRetention: true,
      }),
    );
  }

  async unlock({ bucket, key, versionId }: StoredVersion): Promise<void> {
    await this.clientOf(bucket).send(
      new PutObjectRetentionCommand({
        Bucket: bucket,
        Key: key,
        VersionId: versionId,
        Retention: {},
        BypassGovernanceRetention: true,
      }),
    );
  }

  /**
   * A new object in another bucket, with data and metadata of this version, not locked: servers differ in what they
   * make of a copy's lock headers. Its version id, where there is one.
   */
  async copy(source: StoredVersion, bucket: string): Promise<string | undefined> {
    const version = source.versionId === undefined ? "" : `?versionId=${encodeURIComponent(source.versionId)}`;
    const path = `${source.bucket}/${source.key}`.split("/").map(encodeURIComponent).join("/");
    if (this.serverOf(source.bucket) !== this.serverOf(bucket)) return this.carry(source, bucket);
    const copied = await this.clientOf(bucket).send(
      new CopyObjectCommand({ Bucket: bucket, Key: source.key, CopySource: `${path}${version}` }),
    );
    return copied.VersionId;
  }

  /** No server copies from another one. What is carried here is at most a pack. */
  private async carry({ bucket: from, key, versionId }: StoredVersion, bucket: string): Promise<string | undefined> {
    const read = { Bucket: from, Key: key, VersionId: versionId };
    const { Body, Metadata, ContentType } = await this.clientOf(from).send(new GetObjectCommand(read));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    const write = { Bucket: bucket, Key: key, Body: bytes, Metadata, ContentType, ChecksumAlgorithm: "CRC32" as const };
    return (await this.clientOf(bucket).send(new PutObjectCommand(write))).VersionId;
  }

  async *versions(bucket: string, prefix = ""): AsyncGenerator<ListedVersion> {
    let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    for (;;) {
      const page = await this.clientOf(bucket).send(
        new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...marker }),
      );
      for (const version of page.Versions ?? []) {
        yield {
          bucket,
          key: version.Key ?? "",
          versionId: version.VersionId ?? "null",
          deleteMarker: false,
          size: version.Size ?? 0,
        };
      }
      for (const deleted of page.DeleteMarkers ?? []) {
        yield { bucket, key: deleted.Key ?? "", versionId: deleted.VersionId ?? "null", deleteMarker: true, size: 0 };
      }
      if (page.IsTruncated !== true) return;
      marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
  }

  /** Empties a bucket of ours. S3 refuses the bypass on buckets without Object Lock. */
  async clear(bucket: string, objectLock: boolean): Promise<void> {
    let batch: ListedVersion[] = [];
    const send = async (): Promise<void> => {
      const objects = batch.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
      batch = [];
      if (objects.length === 0) return;
      await this.clientOf(bucket).send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects: objects, Quiet: true },
          ...(objectLock ? { BypassGovernanceRetention: true } : {}),
        }),
      );
    };
    for await (const version of this.versions(bucket)) {
      batch.push(version);
      if (batch.length === 1000) await send();
    }
    await send();
  }
}
