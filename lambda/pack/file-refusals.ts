/** What a file bucket's refusal means and what to do about it, one sentence for each cause. */
import { ServiceFailure } from "../runtime/collaborators";
import type { ObjectRef } from "../storage/object-store";
import { refusalOf } from "../storage/refusals";
import { AccessRefused, BucketNotFound, StorageError } from "../storage/storage-errors";

/** The failure that the error means; other errors unchanged. `action` such as "Reading". */
export const explained = (error: unknown, action: string, { bucket, key }: ObjectRef): unknown => {
  const failure = (code: string, message: string): ServiceFailure =>
    new ServiceFailure(code, message, true, { cause: error });
  if (error instanceof BucketNotFound)
    return failure(
      "FileBucketMissing",
      `The file bucket "${bucket}" does not exist; correct the environment's registration.`,
    );
  const refusal = refusalOf(error);
  if (refusal !== undefined)
    return failure(refusal.code, `${action} "${key}" in the file bucket "${bucket}" failed: ${refusal.sentence}.`);
  if (error instanceof AccessRefused)
    return failure(
      "FileBucketForbidden",
      `${action} "${key}" from the file bucket "${bucket}" was refused (403); allow the packing role s3:GetObject, s3:GetObjectVersion, s3:GetObjectTagging, s3:GetObjectVersionTagging, s3:ListBucket and s3:ListBucketVersions there, and its KMS key.`,
    );
  if (error instanceof StorageError && error.name === "StorageError")
    return failure("FileUnreadable", `${action} "${key}" in the file bucket "${bucket}" failed: ${error.message}`);
  return error;
};
