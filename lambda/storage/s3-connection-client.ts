/**
 * The S3 client with every wait and retry set on purpose. It belongs to `s3-store-client.ts`; a client knows one region.
 */
import { createHash } from "node:crypto";
import { S3Client } from "@aws-sdk/client-s3";
import { headerBytes } from "./header-text";

export interface S3ClientOptions {
  readonly region: string;
  /** Another S3 server than AWS's own; keys then go in the path. */
  readonly endpoint?: string;
  /** @default the environment's credentials */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** @default MAX_ATTEMPTS */
  readonly maxAttempts?: number;
  /** A connection on which nothing moves for so long is dead. @default IDLE_MS */
  readonly idleMs?: number;
}

/** With standard backoff (100 ms doubling, jittered) five attempts span about two seconds: a hiccup, not an outage. */
const MAX_ATTEMPTS = 5;
const CONNECT_MS = 5_000;
const IDLE_MS = 120_000;
/** Until the answer's headers; requests with large bodies or server-side copies ask for more. */
const ANSWER_MS = 60_000;
/** A packer reads and writes many small objects at once. */
const SOCKETS = 64;

export const createS3Client = (options: S3ClientOptions): S3Client => {
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  const client = new S3Client({
    region: options.region,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, forcePathStyle: true }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    // Not adaptive: one hot prefix would slow down all others of this process.
    retryMode: "standard",
    maxAttempts: options.maxAttempts ?? MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      socketTimeout: options.idleMs ?? IDLE_MS,
      httpAgent: agent,
      httpsAgent: agent,
    },
    // Uploads carry the CRC-32 that we give. Reads are checked by us against the index, segment by segment.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // A body is one part at most: asking first costs a round trip, and some servers never answer the question.
    expectContinueHeader: false,
  });
  addContentMd5(client);
  sendHeadersAsUtf8(client);
  return client;
};

/** Servers older than the CRC checksums want Content-MD5 on requests that touch locks or delete many; S3 takes both. */
const addContentMd5 = (client: S3Client): void => {
  const wanting = new Set(["DeleteObjectsCommand", "PutObjectRetentionCommand"]);
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const { headers, body } = args.request as { headers?: Record<string, string>; body?: unknown };
      const isWhole = typeof body === "string" || body instanceof Uint8Array;
      if (wanting.has(context.commandName ?? "") && isWhole && headers !== undefined) {
        headers["content-md5"] = createHash("md5").update(body).digest("base64");
      }
      return next(args);
    },
    { step: "build", name: "contentMd5", priority: "low" },
  );
};

/** Signatures are made of UTF-8 while Node.js sends Latin-1: after signing, the text gives way to its bytes. */
const sendHeadersAsUtf8 = (client: S3Client): void => {
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { readonly headers: Record<string, string> };
      for (const [name, value] of Object.entries(headers)) headers[name] = headerBytes(value);
      return next(args);
    },
    { step: "finalizeRequest", name: "headersAsUtf8", priority: "low" },
  );
};
