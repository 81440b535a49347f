/** S3's errors as they travel: status, code and XML. */
import {
  AccessRefused,
  BucketNotFound,
  ObjectArchived,
  ObjectChanged,
  ObjectExists,
  ObjectNotFound,
  RangeOutside,
  UploadNotFound,
} from "../../../lambda/storage/storage-errors";

export class S3Failure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Further elements of the XML. */
    readonly details = "",
  ) {
    super(message);
  }
}

export const toFailure = (error: unknown): S3Failure => {
  if (error instanceof S3Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ObjectNotFound) return new S3Failure(404, "NoSuchKey", message);
  if (error instanceof BucketNotFound) return new S3Failure(404, "NoSuchBucket", message);
  if (error instanceof UploadNotFound) return new S3Failure(404, "NoSuchUpload", message);
  if (error instanceof ObjectArchived)
    return new S3Failure(403, "InvalidObjectState", message, `<StorageClass>${error.storageClass}</StorageClass>`);
  if (error instanceof AccessRefused) return new S3Failure(403, "AccessDenied", message);
  if (error instanceof ObjectExists || error instanceof ObjectChanged)
    return new S3Failure(412, "PreconditionFailed", message);
  if (error instanceof RangeOutside) return new S3Failure(416, "InvalidRange", message);
  return new S3Failure(400, "InvalidRequest", message);
};

export const escapeXml = (text: string): string =>
  text.replace(/[<>&"'\p{Cc}]/gu, (character) => `&#${character.charCodeAt(0)};`);

export const errorXml = (failure: S3Failure): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${failure.code}</Code><Message>${escapeXml(failure.message)}</Message>${failure.details}</Error>`;
