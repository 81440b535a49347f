/**
 * What S3 keeps beside an object's bytes. Values are those of S3's headers, letter for letter, as text; what an object
 * lacks is left out.
 */
export interface ObjectAttributes {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
  readonly cacheControl?: string;
  /** As it was sent, which need not be a date. */
  readonly expires?: string;
  /** `x-amz-website-redirect-location`. */
  readonly redirect?: string;
  /** User metadata (`x-amz-meta-`), lower-case names. S3 gives other values than ASCII in RFC 2047's encoding, and takes it back. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** Absent for STANDARD. */
  readonly storageClass?: string;
}

/** What most clients send without being told, and what a file has of which nothing else is known. */
export const PLAIN_CONTENT_TYPE = "application/octet-stream";

/** Tags as `x-amz-tagging` wants them. */
export const taggingHeader = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
