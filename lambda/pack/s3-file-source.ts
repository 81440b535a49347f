/**
 * The files of an environment in its own bucket, under its prefix. One GET a file; a second request only for a file
 * that isn't there, to look beneath a delete marker (rule 9). Only a 404 is a missing file; a refusal or an
 * unreachable bucket is a failure, said in one sentence.
 */
import { ServiceFailure } from "../runtime/collaborators";
import type { ObjectRef, ObjectStore } from "../storage/object-store";
import { AccessRefused, BucketNotFound, ObjectNotFound } from "../storage/storage-errors";
import type { FileSource, OpenFile, ResumePoint } from "./file-source";

/** S3's limit, in UTF-8 bytes. No object can have a longer key, nor an empty one. */
const LONGEST_KEY = 1024;
/** Pages of versions looked through for one key: more than 10,000 delete markers on one file are not expected. */
const VERSION_PAGES = 10;

export class S3FileSource implements FileSource {
  constructor(
    private readonly store: ObjectStore,
    private readonly files: { readonly bucket: string; readonly prefix: string },
  ) {}

  async open(key: string, resume?: ResumePoint): Promise<OpenFile> {
    const ref = { bucket: this.files.bucket, key: `${this.files.prefix}${key}` };
    try {
      if (resume !== undefined) return await this.continue(ref, resume);
      if (key === "" || Buffer.byteLength(ref.key) > LONGEST_KEY)
        throw new ObjectNotFound(`No object can have the key "${ref.key}".`);
      return await this.openVersion(ref);
    } catch (error) {
      throw this.explained(error, ref);
    }
  }

  private async openVersion(ref: ObjectRef): Promise<OpenFile> {
    try {
      return opened(await this.store.get(ref));
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error;
      const versionId = await this.newestVersion(ref);
      if (versionId === undefined) throw error;
      return { ...opened(await this.store.get({ ...ref, versionId })), version: versionId };
    }
  }

  private async continue(ref: ObjectRef, { offset, size, etag, version }: ResumePoint): Promise<OpenFile> {
    const own = version === undefined ? {} : { version };
    const from = version === undefined ? ref : { ...ref, versionId: version };
    const { body } = await this.store.get(from, { range: [offset, size - 1], ifMatch: etag });
    return { body, size, etag, ...own };
  }

  /** The newest version beneath a delete marker; a bucket without versions has none. */
  private async newestVersion(ref: ObjectRef): Promise<string | undefined> {
    let page = await this.store.listVersions(ref.bucket, { prefix: ref.key });
    for (let pages = 1; ; pages++) {
      const own = page.versions.filter((version) => version.key === ref.key);
      const found = own.find((version) => !version.isDeleteMarker);
      if (found !== undefined) return found.versionId;
      if (page.next === undefined || page.next.keyMarker !== ref.key || pages >= VERSION_PAGES) return undefined;
      page = await this.store.listVersions(ref.bucket, { prefix: ref.key, ...page.next });
    }
  }

  private explained(error: unknown, ref: ObjectRef): unknown {
    const { bucket } = this.files;
    if (error instanceof BucketNotFound) {
      return new ServiceFailure(
        "FileBucketMissing",
        `The file bucket "${bucket}" does not exist; correct the environment's registration.`,
        true,
        { cause: error },
      );
    }
    if (error instanceof AccessRefused) {
      return new ServiceFailure(
        "FileBucketForbidden",
        `Reading "${ref.key}" from the file bucket "${bucket}" was refused (403); allow the packing role s3:GetObject, s3:GetObjectVersion, s3:ListBucket and s3:ListBucketVersions there, and its KMS key.`,
        true,
        { cause: error },
      );
    }
    return error;
  }
}

const opened = (content: Awaited<ReturnType<ObjectStore["get"]>>): OpenFile => ({
  body: content.body,
  size: content.size,
  etag: content.etag,
  // An unversioned bucket may say "null".
  ...(content.versionId === undefined || content.versionId === "null" ? {} : { version: content.versionId }),
});
