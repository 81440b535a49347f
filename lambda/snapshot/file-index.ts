import type { ObjectAttributes } from "../storage/object-attributes";

/**
 * The file index: one JSON object a line, sorted by key in UTF-8 byte order, gzipped, cut into parts. Short names,
 * because there may be millions of lines. The published format is docs/data-format.md.
 */
export interface IndexEntry {
  /** The file's key in the environment's bucket, without its prefix. */
  readonly key: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Source version id where the bucket is versioned, and its ETag. */
  readonly version?: string;
  readonly etag: string;
  /** What tells a change without reading the file: the query's second column, or ETag, size and date of a listing. */
  readonly marker?: string;
  /** What a plain file lacks: see `file-attributes.ts`. */
  readonly attributes?: ObjectAttributes;
  readonly sha256: string;
  readonly pack: string;
  /** Place of the segment in the pack object. */
  readonly offset: number;
  readonly length: number;
  /** Of the uncompressed tar entry: header, PAX where needed, content, padding. */
  readonly crc32: number;
  readonly rawLength: number;
}
/** A file that the database names and storage answered 404 for. */
export interface MissingEntry {
  readonly key: string;
  readonly missing: true;
  readonly marker?: string;
}
export type IndexLine = IndexEntry | MissingEntry;

/** A line of a list segment: a key that the database names (or the listing shows), in UTF-8 byte order. */
export interface ListLine {
  readonly key: string;
  readonly marker?: string;
  /** Known from a listing only. */
  readonly size?: number;
  /** The database names it and the listing lacks it: it is read, whatever the previous snapshot has. */
  readonly unlisted?: true;
}
