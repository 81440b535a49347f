/**
 * The files of an environment that has no reference query: whatever its bucket or prefix holds, in UTF-8 byte order,
 * a page at a time. Rule 9's consistency can't be promised for it, and the manifest says so.
 */
import type { Registration } from "../catalog/registration";
import { listedMarker } from "../pack/listed-marker";
import { ServiceFailure } from "../runtime/collaborators";
import type { ListLine } from "../snapshot/file-index";
import { AccessRefused, BucketNotFound } from "../storage/storage-errors";
import type { ObjectStore } from "../storage/object-store";
import { refusalOf } from "../storage/refusals";
import { errorMessage } from "./connection-errors";

/** The probe's own object, below the prefix; never part of a backup. */
export const PROBE_OBJECT = ".nightly-backups-probe";

type Files = Pick<Registration["files"], "bucket" | "prefix">;

/** Throws BucketMissing, BucketForbidden. */
export async function* listedFiles(store: ObjectStore, files: Files): AsyncGenerator<ListLine> {
  let token: string | undefined;
  do {
    const page = await listPage(store, files, token);
    for (const object of page.objects) {
      const { key, size } = object;
      const name = key.slice(files.prefix.length);
      // The prefix itself may be an object, a "folder" made by a console; it has no name below the prefix.
      if (name === "" || name === PROBE_OBJECT) continue;
      yield { key: name, marker: listedMarker(object), size };
    }
    token = page.nextToken;
  } while (token !== undefined);
}

const listPage = async (store: ObjectStore, files: Files, token: string | undefined) => {
  try {
    return await store.list(files.bucket, { prefix: files.prefix, ...(token === undefined ? {} : { token }) });
  } catch (error) {
    throw bucketFailure(error, "listing", files.bucket) ?? error;
  }
};

/** The sentence for what a bucket refuses; undefined for other errors. `action` such as "listing". */
export const bucketFailure = (error: unknown, action: string, bucket: string): ServiceFailure | undefined => {
  if (error instanceof BucketNotFound)
    return new ServiceFailure(
      "BucketMissing",
      `The file bucket "${bucket}" doesn't exist; check the registered name and region.`,
      false,
      { cause: error },
    );
  const refusal = refusalOf(error);
  if (refusal !== undefined)
    return new ServiceFailure(
      refusal.code,
      `The file bucket "${bucket}" failed at ${action}: ${refusal.sentence} (${errorMessage(error)}).`,
      false,
      { cause: error },
    );
  if (error instanceof AccessRefused)
    return new ServiceFailure(
      "BucketForbidden",
      `The file bucket "${bucket}" forbids ${action} (${error.message}); allow it in the service's configuration and in the bucket's and key's policies.`,
      false,
      { cause: error },
    );
  return undefined;
};
