/**
 * Bodies as scripts send them: at most 64 KiB, JSON whatever their content type says (curl's own is a form's), and
 * none at all is an empty object. Text is UTF-8 unless the content type or a byte order mark names another encoding;
 * bytes that are none of it are refused, never guessed at and stored broken.
 */
import { TextDecoder } from "node:util";
import type { MiddlewareHandler } from "hono";
import { ApiError } from "./api-error";
import type { ApiEnv } from "./api-context";
import { requireWholeTexts } from "./whole-texts";

export const BODY_BYTES_LIMIT = 64 * 1024;

export const jsonBodies: MiddlewareHandler<ApiEnv> = async (context, next) => {
  const { raw } = context.req;
  if (raw.method === "GET" || raw.method === "HEAD" || raw.method === "DELETE") return next();
  const text = decoded(await limitedBytes(raw), raw.headers).trim();
  requireWholeTexts(text);
  const headers = new Headers(raw.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  context.req.raw = new Request(raw.url, { method: raw.method, headers, body: text === "" ? "{}" : text });
  return next();
};

async function limitedBytes({ headers, body }: Request): Promise<Buffer> {
  if (Number(headers.get("content-length") ?? "0") > BODY_BYTES_LIMIT) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += piece.length;
    if (size > BODY_BYTES_LIMIT) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function decoded(bytes: Buffer, headers: Headers): string {
  const coding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (bytes.length > 0 && coding !== "" && coding !== "identity") {
    throw new ApiError(
      "INVALID_PARAMETERS",
      `The body says "content-encoding: ${shown(coding)}"; send it as it is, uncompressed.`,
      { status: 415 },
    );
  }
  const charset = (markedEncoding(bytes) ?? charsetOf(headers) ?? "utf-8").toLowerCase();
  const read = READERS.get(charset);
  if (read === undefined) {
    throw new ApiError(
      "INVALID_PARAMETERS",
      `The content type names the charset "${shown(charset)}", which is not known here; send JSON in UTF-8.`,
      { status: 415 },
    );
  }
  try {
    return read(bytes);
  } catch (cause) {
    throw new ApiError("INVALID_PARAMETERS", `The body is not valid ${charset}; send JSON in UTF-8.`, { cause });
  }
}

const strictly = (encoding: string) => (bytes: Buffer) => new TextDecoder(encoding, { fatal: true }).decode(bytes);
/** What Windows calls Latin-1 has letters where ISO 8859-1 has control characters: those are taken for neither. */
const latin1 = (bytes: Buffer): string => {
  if (bytes.some((byte) => byte >= 0x80 && byte < 0xa0)) throw new RangeError("A control character of Latin-1.");
  return bytes.toString("latin1");
};
const READERS: ReadonlyMap<string, (bytes: Buffer) => string> = new Map([
  ...["utf-8", "utf8", "us-ascii"].map((name) => [name, strictly("utf-8")] as const),
  ...["utf-16", "utf-16le"].map((name) => [name, strictly("utf-16le")] as const),
  ["utf-16be", strictly("utf-16be")],
  ...["iso-8859-1", "latin1"].map((name) => [name, latin1] as const),
]);

/** A byte order mark says more surely than any header what follows it. */
function markedEncoding(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

const charsetOf = (headers: Headers): string | undefined =>
  /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]+))/i
    .exec(headers.get("content-type") ?? "")
    ?.slice(1)
    .find(Boolean);

const shown = (text: string): string => text.slice(0, 40).replace(/[^\x20-\x7e]|"/g, "_");

const tooLarge = (): ApiError =>
  new ApiError("INVALID_PARAMETERS", `The request's body is larger than ${BODY_BYTES_LIMIT} bytes; send less.`, {
    status: 413,
  });
