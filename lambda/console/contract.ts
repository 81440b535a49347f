/** What the page's build leaves for the function that serves it: the folder's list of files. */
import { z } from "zod";

/** Beside the function's code. */
export const PAGE_FOLDER = "page";
/** The list itself, in that folder; it is not served. */
export const PAGE_FILES = "files.json";
export const INDEX_HTML = "index.html";

/**
 * The origin to which the page sends uploads: the one thing that the function is told, for the browser to let nothing
 * of the page go anywhere else.
 */
export const STORAGE_ORIGIN_VARIABLE = "STORAGE_ORIGIN";

export const ENCODINGS = ["br", "gzip"] as const;
export type Encoding = (typeof ENCODINGS)[number];
export const SUFFIX: Readonly<Record<Encoding, string>> = { br: ".br", gzip: ".gz" };

export const pageFile = z.object({
  contentType: z.string(),
  /** Of the uncompressed contents; an answer's ETag adds the encoding. */
  sha256: z.string(),
  /** Its name holds its hash: it never changes, and may be kept for ever. */
  immutable: z.boolean(),
});
/** By path below the page's address, such as `assets/main-1a2b3c4d.js`. Every file stands there compressed as well. */
export const pageFiles = z.record(z.string(), pageFile);
export type PageFiles = z.infer<typeof pageFiles>;
