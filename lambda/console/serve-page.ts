/**
 * Answers with the page's files, from a folder that its build has filled; nothing else is reachable, because only
 * names of the folder's own list are read. Compressed answers were compressed by the build. Pure but for reading that
 * folder; what has been read is kept for the next request.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { acceptedEncodings } from "../runtime/accepted-encodings";
import { ENCODINGS, INDEX_HTML, PAGE_FILES, pageFiles, SUFFIX, type Encoding } from "./contract";

export interface PageRequest {
  readonly method: string;
  /** Below the page's address, such as `/` or `/assets/main-1a2b3c4d.js`. */
  readonly path: string;
  /** As the browser asked for it, with the stage's name. */
  readonly fullPath: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}
export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Where nobody says: S3's addresses, and on one machine the loopback address. */
const ANY_STORAGE = "https://*.amazonaws.com http://127.0.0.1:*";

/** Scripts and styles are the page's own files, and the styles that stand in the page itself. Uploads go straight to storage, at addresses that the API presigns. */
const contentSecurityPolicy = (html: string, storage = ANY_STORAGE): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    ["style-src 'self'", ...styleHashes(html)].join(" "),
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${storage}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

/** As browsers compare them: SHA-256 of all between the tags. */
const styleHashes = (html: string): readonly string[] =>
  [...html.matchAll(/<style>([^<]*)<\/style>/g)].map(
    ([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );

const ALWAYS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "strict-transport-security": "max-age=31536000",
  vary: "accept-encoding",
};
const TEXT = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };

/** `storage` is the origin to which the page sends uploads. */
export const createPageServer = (folder: string, storage?: string): ((request: PageRequest) => PageAnswer) => {
  const answerOf = pageAnswers(folder);
  const policy = contentSecurityPolicy(readFileSync(join(folder, INDEX_HTML), "utf8"), storage);
  return (request) => {
    const answer = answerOf(request);
    return { ...answer, headers: { ...answer.headers, "content-security-policy": policy } };
  };
};

const pageAnswers = (folder: string): ((request: PageRequest) => PageAnswer) => {
  const files = pageFiles.parse(JSON.parse(readFileSync(join(folder, PAGE_FILES), "utf8")));
  const read = new Map<string, Buffer>();
  const contentsOf = (name: string): Buffer => {
    const contents = read.get(name) ?? readFileSync(join(folder, name));
    read.set(name, contents);
    return contents;
  };
  return ({ method, path, fullPath, headers }) => {
    if (method !== "GET" && method !== "HEAD")
      return refusal(405, "The page is only read: use GET.", { allow: "GET, HEAD" });
    const name = path.replace(/^\/+/, "") || INDEX_HTML;
    // The page's own addresses are relative, so what it is called by has to stand below its address. To the file and
    // not to the slash, so that a gateway which doesn't tell the slash can't make it go round in circles.
    if (name === INDEX_HTML && !fullPath.endsWith("/") && !fullPath.endsWith(`/${INDEX_HTML}`)) {
      return refusal(308, "The page is one level below.", { location: `${fullPath}/${INDEX_HTML}` });
    }
    const file = Object.hasOwn(files, name) ? files[name] : undefined;
    if (file === undefined) return refusal(404, "There is no such page.");
    const encoding = preferredEncoding(headers["accept-encoding"] ?? "");
    const etag = `"${file.sha256.slice(0, 32)}${encoding === undefined ? "" : `-${encoding}`}"`;
    const common = {
      ...ALWAYS,
      etag,
      "cache-control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    };
    if (isKnown(headers["if-none-match"], etag)) return { status: 304, headers: common, body: Buffer.alloc(0) };
    const contents = contentsOf(encoding === undefined ? name : `${name}${SUFFIX[encoding]}`);
    return {
      status: 200,
      headers: {
        ...common,
        "content-type": file.contentType,
        ...(encoding === undefined ? {} : { "content-encoding": encoding }),
      },
      body: method === "HEAD" ? Buffer.alloc(0) : contents,
    };
  };
};

/** The best of ours that the browser names and doesn't refuse with `q=0`. */
export const preferredEncoding = (accepted: string): Encoding | undefined => {
  const named = acceptedEncodings(accepted);
  return ENCODINGS.find((encoding) => named.has(encoding));
};

const isKnown = (known: string | undefined, etag: string): boolean =>
  known !== undefined && known.split(",").some((one) => one.trim().replace(/^W\//, "") === etag);

const refusal = (status: number, sentence: string, headers: Readonly<Record<string, string>> = {}): PageAnswer => ({
  status,
  headers: { ...ALWAYS, ...TEXT, ...headers },
  body: Buffer.from(`${sentence}\n`),
});
