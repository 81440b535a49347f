/**
 * The files of an environment in its own bucket, under its prefix. One GET a file; a second request only for a file
 * that has tags, and for one that isn't there, to look beneath a delete marker (rule 9). Only a 404 is a missing file; a
 * refusal or an unreachable bucket is a failure, said in one sentence.
 */
import { keptAttributes } from "../snapshot/file-attributes";
import type { ObjectInfo, ObjectRef, ObjectStore } from "../storage/object-store";
import { ObjectChanged, ObjectNotFound } from "../storage/storage-errors";
import { explained } from "./file-refusals";
import type { FileFacts, FileSource, OpenFile, ResumePoint } from "./file-source";
import { abandon } from "./ranged-read";

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
    const ref = this.refOf(key);
    try {
      if (resume !== undefined) return await this.continue(ref, resume);
      return await this.newest(ref, (from) => this.openVersion(from));
    } catch (error) {
      throw explained(error, "Reading", ref);
    }
  }

  async look(key: string): Promise<FileFacts> {
    const ref = this.refOf(key);
    try {
      return await this.newest(ref, async (from) => this.factsOf(from, await this.store.head(from)));
    } catch (error) {
      throw explained(error, "Looking at", ref);
    }
  }

  private refOf(key: string): ObjectRef {
    return { bucket: this.files.bucket, key: `${this.files.prefix}${key}` };
  }

  /** Of the file as it stands, else of the newest version beneath its delete marker. */
  private async newest<T>(ref: ObjectRef, read: (from: ObjectRef) => Promise<T>): Promise<T> {
    const { bucket, prefix } = this.files;
    if (ref.key === prefix || Buffer.byteLength(ref.key) > LONGEST_KEY)
      throw new ObjectNotFound(`No object can have the key "${ref.key}".`);
    try {
      return await read(ref);
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error;
      const versionId = await this.newestVersion(ref);
      if (versionId === undefined) throw error;
      return read({ bucket, key: ref.key, versionId });
    }
  }

  private async openVersion(ref: ObjectRef): Promise<OpenFile> {
    const content = await this.store.get(ref);
    try {
      return { ...(await this.factsOf(ref, content)), body: content.body };
    } catch (error) {
      await abandon(content.body);
      throw error;
    }
  }

  /** `info` came with an answer about `ref`. */
  private async factsOf(ref: ObjectRef, info: ObjectInfo): Promise<FileFacts> {
    const { size, etag, lastModified, tagCount = 0 } = info;
    // An unversioned bucket may say "null".
    const version = ref.versionId ?? (info.versionId === "null" ? undefined : info.versionId);
    const tags = tagCount === 0 ? {} : { tags: await this.tagsOf(ref, version, tagCount) };
    const attributes = keptAttributes({ ...info.attributes, ...tags });
    return {
      size,
      etag,
      ...(lastModified === undefined ? {} : { lastModified }),
      ...(version === undefined ? {} : { version }),
      ...(attributes === undefined ? {} : { attributes }),
    };
  }

  /** Without versions another object may stand there by now: the file is then to be read again. */
  private async tagsOf(
    ref: ObjectRef,
    versionId: string | undefined,
    count: number,
  ): Promise<Readonly<Record<string, string>>> {
    const changed = `The file "${ref.key}" changed while its tags were read.`;
    try {
      const tags = await this.store.tags(versionId === undefined ? ref : { ...ref, versionId });
      if (Object.keys(tags).length === count) return tags;
    } catch (error) {
      throw error instanceof ObjectNotFound ? new ObjectChanged(changed, { cause: error }) : error;
    }
    throw new ObjectChanged(changed);
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
}
