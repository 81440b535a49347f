/**
 * Bodies as scripts send them: at most 64 KiB, JSON whatever their content type says (curl's own is a form's), and
 * none at all is an empty object.
 */
import type { MiddlewareHandler } from "hono";
import { ApiError } from "./api-error";
import type { ApiEnv } from "./api-context";
import { requireWholeTexts } from "./whole-texts";

export const BODY_BYTES_LIMIT = 64 * 1024;

export const jsonBodies: MiddlewareHandler<ApiEnv> = async (context, next) => {
  const { raw } = context.req;
  if (raw.method === "GET" || raw.method === "HEAD" || raw.method === "DELETE") return next();
  // Without a byte order mark, which some editors and shells put before it.
  const text = (await limitedText(raw)).trim();
  requireWholeTexts(text);
  const headers = new Headers(raw.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  context.req.raw = new Request(raw.url, { method: raw.method, headers, body: text === "" ? "{}" : text });
  return next();
};

async function limitedText({ headers, body }: Request): Promise<string> {
  if (Number(headers.get("content-length") ?? "0") > BODY_BYTES_LIMIT) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += piece.length;
    if (size > BODY_BYTES_LIMIT) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

const tooLarge = (): ApiError =>
  new ApiError("INVALID_PARAMETERS", `The request's body is larger than ${BODY_BYTES_LIMIT} bytes; send less.`);
