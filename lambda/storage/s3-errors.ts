/**
 * Turns what an S3 client throws into the errors of `storage-errors.ts`, by status and code only, so that it holds for
 * every server. Anything that isn't an answer of a server or a broken connection is a defect and passes unchanged.
 */
import { isError } from "../runtime/is-error";
import {
  AccessRefused,
  BucketNotFound,
  ObjectArchived,
  ObjectChanged,
  ObjectExists,
  ObjectNotFound,
  RangeOutside,
  StorageError,
  StoreUnavailable,
  UploadNotFound,
} from "./storage-errors";

interface ClientException extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  /** The server's code where the client has no class for it. */
  readonly Code?: string;
  /** Of an archived object. */
  readonly StorageClass?: string;
  readonly AccessTier?: string;
}

/** What was tried, for the sentence. */
export interface Attempted {
  readonly action: string;
  readonly bucket: string;
  readonly key?: string;
  /** What a 412 means: of a conditional write, or of a conditional read. */
  readonly conditional?: "write" | "read";
}

/** Codes of a 400 that mean: these credentials do not count. */
const CREDENTIALS = new Set([
  "ExpiredToken",
  "InvalidToken",
  "TokenRefreshRequired",
  "InvalidAccessKeyId",
  "AuthorizationHeaderMalformed",
]);
/** Codes of a 4xx that mean: try again. */
const PASSING = new Set([
  "RequestTimeout",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "RequestThrottled",
  "ConditionalRequestConflict",
  "OperationAborted",
]);

export const codeOf = (error: unknown): string => {
  if (!isError(error)) return "";
  const { Code, name } = error as ClientException;
  return Code ?? name;
};
export const statusOf = (error: unknown): number | undefined =>
  isError(error) ? (error as ClientException).$metadata?.httpStatusCode : undefined;

export const toStorageError = (error: unknown, attempted: Attempted): unknown => {
  if (!isError(error) || error instanceof StorageError) return error;
  const status = statusOf(error);
  const code = codeOf(error);
  const place =
    attempted.key === undefined
      ? `the bucket ${attempted.bucket}`
      : `${attempted.key} in the bucket ${attempted.bucket}`;
  const said = `${attempted.action} of ${place}`;
  const options = { cause: error };
  const detail = `${code}: ${error.message}`;

  if (code === "CredentialsProviderError")
    return new AccessRefused(`${said} has no credentials: ${error.message}`, options);
  if (status === undefined) {
    if (error instanceof RangeError || (error instanceof TypeError && !("$metadata" in error))) return error;
    return new StoreUnavailable(`${said} got no answer: ${detail}`, options);
  }
  if (PASSING.has(code) || status >= 500 || status === 429 || status === 408) {
    return new StoreUnavailable(`${said} failed for now (${status}): ${detail}`, options);
  }
  // A 2xx that the client could not read was cut off on its way.
  if (status < 300) return new StoreUnavailable(`${said} was answered in part: ${detail}`, options);
  if (code === "InvalidObjectState") {
    const { StorageClass, AccessTier } = error as ClientException;
    const archive = [StorageClass, AccessTier].filter((one) => one !== undefined && one !== "").join(" ");
    return new ObjectArchived(`${said} is refused: ${detail}`, archive, options);
  }
  if (status === 403 || status === 401 || CREDENTIALS.has(code))
    return new AccessRefused(`${said} is refused: ${detail}`, options);
  if (code === "NoSuchBucket") return new BucketNotFound(`${said} found no such bucket.`, options);
  if (code === "NoSuchUpload") return new UploadNotFound(`${said} found no such upload.`, options);
  if (status === 404 || status === 405 || isForeignVersion(code, error.message))
    return new ObjectNotFound(`${said} found nothing.`, options);
  if (status === 416) return new RangeOutside(`${said} asked for bytes outside the object.`, options);
  if (status === 412) {
    return attempted.conditional === "read"
      ? new ObjectChanged(`${said} found another object than before.`, options)
      : new ObjectExists(`${said} found the key taken.`, options);
  }
  return new StorageError(`${said} failed (${status}): ${detail}`, options);
};

/** A version id of another server or bucket is malformed here: S3 answers 400, and no such version can exist. */
const isForeignVersion = (code: string, message: string): boolean =>
  code === "InvalidArgument" && /version ?id/i.test(message);
