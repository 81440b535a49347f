/** The body of a request, with the aws-chunked encoding taken off and checksums verified. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { crc32 } from "node:zlib";
import { S3Failure } from "./s3-failure";

export const readBody = async (incoming: IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  const raw = Buffer.concat(pieces);
  const declared = incoming.headers["content-length"];
  if (declared !== undefined && Number(declared) !== raw.length)
    throw new S3Failure(400, "IncompleteBody", "The body is shorter than announced.");
  const streaming = String(incoming.headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-");
  const { body, trailers } = streaming ? unchunk(raw) : { body: raw, trailers: {} };
  verify(body, { ...incoming.headers, ...trailers });
  return body;
};

const unchunk = (raw: Buffer): { body: Buffer; trailers: Record<string, string> } => {
  const pieces: Buffer[] = [];
  let position = 0;
  for (;;) {
    const end = raw.indexOf("\r\n", position);
    if (end < 0) throw new S3Failure(400, "IncompleteBody", "A chunk's header is missing.");
    const size = Number.parseInt(raw.subarray(position, end).toString().split(";")[0] ?? "", 16);
    position = end + 2;
    if (size === 0) break;
    pieces.push(raw.subarray(position, position + size));
    position += size + 2;
  }
  const trailers: Record<string, string> = {};
  for (const line of raw.subarray(position).toString().split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) trailers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { body: Buffer.concat(pieces), trailers };
};

const verify = (body: Buffer, headers: Record<string, unknown>): void => {
  const check = (name: string, actual: () => string): void => {
    const expected = headers[name];
    if (typeof expected === "string" && expected !== actual())
      throw new S3Failure(400, "BadDigest", `The ${name} you sent is not the body's.`);
  };
  check("content-md5", () => createHash("md5").update(body).digest("base64"));
  check("x-amz-checksum-sha256", () => createHash("sha256").update(body).digest("base64"));
  if (headers["x-amz-checksum-type"] !== "FULL_OBJECT") {
    check("x-amz-checksum-crc32", () => {
      const four = Buffer.alloc(4);
      four.writeUInt32BE(crc32(body));
      return four.toString("base64");
    });
  }
  const declared = headers["x-amz-content-sha256"];
  if (
    typeof declared === "string" &&
    /^[0-9a-f]{64}$/.test(declared) &&
    declared !== createHash("sha256").update(body).digest("hex")
  ) {
    throw new S3Failure(
      400,
      "XAmzContentSHA256Mismatch",
      "The provided x-amz-content-sha256 header does not match the body.",
    );
  }
};
