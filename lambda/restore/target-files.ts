/** The target's file bucket as the restore sees it: keys without the registered prefix, in UTF-8 byte order. */
import { createHash } from "node:crypto";
import type { Registration } from "../catalog/registration";
import { bucketFailure } from "../database-task/bucket-listing";
import { abandon } from "../pack/ranged-read";
import { ServiceFailure } from "../runtime/collaborators";
import { hasAttributes } from "../snapshot/file-attributes";
import type { IndexEntry } from "../snapshot/file-index";
import type { ObjectAttributes } from "../storage/object-attributes";
import type { ListedObject, ObjectInfo, ObjectStore } from "../storage/object-store";
import { ObjectExists, ObjectNotFound, StorageError, StoreUnavailable } from "../storage/storage-errors";

export interface TargetFiles {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly prefix: string;
}
export const targetFiles = (store: ObjectStore, { files }: Registration): TargetFiles => ({
  store,
  bucket: files.bucket,
  prefix: files.prefix,
});

/** S3's limit, in bytes of UTF-8. */
const KEY_BYTES = 1024;
export const isKeyTooLong = (target: TargetFiles, key: string): boolean =>
  Buffer.byteLength(target.prefix) + Buffer.byteLength(key) > KEY_BYTES;

/** Every object after `after` (null: from the beginning), a page at a time. Throws BucketMissing, BucketForbidden. */
export async function* listTarget(target: TargetFiles, after: string | null): AsyncGenerator<ListedObject> {
  const { store, bucket, prefix } = target;
  let token: string | undefined;
  do {
    const from = token !== undefined ? { token } : after === null ? {} : { startAfter: prefix + after };
    const page = await atTarget(target, "listing", () => store.list(bucket, { prefix, ...from }));
    for (const object of page.objects) yield { ...object, key: object.key.slice(prefix.length) };
    token = page.nextToken;
  } while (token !== undefined);
}

export type TargetState = "absent" | "same" | "other";

/**
 * Reads what stands at the key now: multiparts and KMS have ETags that say nothing of the bytes. With `attributes` they
 * have to be the same as well.
 */
export const compareBytes = async (
  target: TargetFiles,
  entry: Pick<IndexEntry, "key" | "size" | "sha256" | "attributes">,
  attributes = false,
): Promise<TargetState> => {
  const { store, bucket, prefix } = target;
  try {
    const content = await atTarget(target, "reading", () => store.get({ bucket, key: prefix + entry.key }));
    if (content.size !== entry.size) {
      await abandon(content.body);
      return "other";
    }
    const sha256 = createHash("sha256");
    for await (const piece of content.body) sha256.update(piece);
    if (sha256.digest("hex") !== entry.sha256) return "other";
    return attributes ? await compareInfo(target, entry, content) : "same";
  } catch (error) {
    if (error instanceof ObjectNotFound) return "absent";
    throw error;
  }
};

/** Looks at the file, without its bytes: one request, and one more where it has tags. */
export const compareAttributes = async (
  target: TargetFiles,
  entry: Pick<IndexEntry, "key" | "attributes">,
): Promise<TargetState> => {
  const { store, bucket, prefix } = target;
  try {
    const info = await atTarget(target, "reading", () => store.head({ bucket, key: prefix + entry.key }));
    return await compareInfo(target, entry, info);
  } catch (error) {
    if (error instanceof ObjectNotFound) return "absent";
    throw error;
  }
};

const compareInfo = async (
  target: TargetFiles,
  entry: Pick<IndexEntry, "key" | "attributes">,
  info: Pick<ObjectInfo, "attributes" | "tagCount">,
): Promise<TargetState> => (hasAttributes(await withTags(target, entry.key, info), entry) ? "same" : "other");

/** All attributes of a file that was looked at. Tags may be told as none, or be removed after the look: then it has none. */
export const withTags = async (
  target: TargetFiles,
  key: string,
  { attributes = {}, tagCount = 0 }: Pick<ObjectInfo, "attributes" | "tagCount">,
): Promise<ObjectAttributes> => {
  if (tagCount === 0) return attributes;
  const { store, bucket, prefix } = target;
  const tags = await atTarget(target, "reading tags", () => store.tags({ bucket, key: prefix + key }));
  return Object.keys(tags).length === 0 ? attributes : { ...attributes, tags };
};

/** Turns what the bucket refuses into one sentence. `action` such as "listing". */
export const atTarget = async <T>(target: TargetFiles, action: string, request: () => Promise<T>): Promise<T> => {
  try {
    return await request();
  } catch (error) {
    throw bucketFailure(error, action, target.bucket) ?? otherFailure(error, action, target.bucket) ?? error;
  }
};

/** Expected answers pass unchanged; anything else that the target says must not be taken for the snapshot's fault. */
const otherFailure = (error: unknown, action: string, bucket: string): ServiceFailure | undefined => {
  const expected = [ObjectExists, ObjectNotFound, StoreUnavailable].some((kind) => error instanceof kind);
  if (expected || !(error instanceof StorageError)) return undefined;
  const message = `The file bucket "${bucket}" failed at ${action} (${error.message}): look at the bucket, then restore again.`;
  return new ServiceFailure("BucketFailed", message, true, { cause: error });
};
