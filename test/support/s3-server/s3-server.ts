/**
 * A small S3 server over the memory store, stricter than most: it verifies signatures (SigV4), checksums and
 * Content-MD5, enforces Object Lock by its own clock, refuses uploads to locked buckets without a checksum, and gives
 * replicas no version ids in common with their sources. Faults can be injected before a request takes effect, after
 * it (a lost reply), and in the middle of a body.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { MemoryStore } from "../memory-store";
import { handleBucket } from "./bucket-operations";
import { handleObject } from "./object-operations";
import { readBody } from "./request-body";
import { errorXml, S3Failure, toFailure } from "./s3-failure";
import { targetOf, verifySignature, type ServerCredentials } from "./verify-signature";

export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}
export interface S3Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}
/** What to do with the n-th request (from 1): nothing, an error instead, or a connection cut before or after. */
export type Fault = "none" | "unavailable" | "internal-error" | "cut" | "lost-reply" | "truncated-body";
export interface S3ServerOptions {
  readonly credentials?: ServerCredentials;
  readonly fault?: (request: S3Request, number: number) => Fault;
  /** @default the machine's time */
  readonly now?: () => Date;
  /** @default 1000 */
  readonly pageLimit?: number;
}
export interface RunningS3Server {
  readonly endpoint: string;
  readonly credentials: ServerCredentials;
  readonly store: MemoryStore;
  /** Requests so far, as `METHOD /bucket/key?query`. */
  readonly requests: string[];
  stop(): Promise<void>;
}

const MAX_CLOCK_SKEW_MS = 15 * 60_000;

export const startS3Server = async (options: S3ServerOptions = {}): Promise<RunningS3Server> => {
  const credentials = options.credentials ?? { accessKeyId: "test-access-key", secretAccessKey: "test-secret-key" };
  const now = options.now ?? (() => new Date());
  const store = new MemoryStore({
    now,
    name: "strict",
    ...(options.pageLimit === undefined ? {} : { pageLimit: options.pageLimit }),
  });
  const requests: string[] = [];

  const answer = async (incoming: IncomingMessage): Promise<{ reply: S3Reply; fault: Fault }> => {
    const raw = await readBody(incoming);
    await verifySignature(incoming, credentials, now(), MAX_CLOCK_SKEW_MS);
    const { path, query } = targetOf(incoming);
    const [bucket = "", ...rest] = path.slice(1).split("/");
    const request: S3Request = {
      method: incoming.method ?? "GET",
      bucket: decodeURIComponent(bucket),
      key: decodeURIComponent(rest.join("/")),
      query,
      headers: incoming.headers,
      body: raw,
    };
    requests.push(`${request.method} ${incoming.url ?? ""}`);
    const fault = options.fault?.(request, requests.length) ?? "none";
    if (fault === "unavailable") throw new S3Failure(503, "SlowDown", "Please reduce your request rate.");
    if (fault === "internal-error")
      throw new S3Failure(500, "InternalError", "We encountered an internal error. Please try again.");
    if (fault === "cut") return { reply: { status: 0 }, fault };
    const reply = request.key === "" ? await handleBucket(store, request) : await handleObject(store, request);
    return { reply, fault };
  };

  const server: Server = createServer((incoming, outgoing) => {
    void answer(incoming)
      .catch((error: unknown) => ({ reply: failureReply(toFailure(error)), fault: "none" as Fault }))
      .then(({ reply, fault }) => send(incoming, outgoing, reply, fault));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    credentials,
    store,
    requests,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const failureReply = (failure: S3Failure): S3Reply => ({
  status: failure.status,
  headers: { "content-type": "application/xml" },
  body: errorXml(failure),
});

const send = (incoming: IncomingMessage, outgoing: ServerResponse, reply: S3Reply, fault: Fault): void => {
  if (fault === "cut" || fault === "lost-reply") {
    incoming.socket.destroy();
    return;
  }
  const body = typeof reply.body === "string" ? Buffer.from(reply.body) : (reply.body ?? new Uint8Array());
  const headers: Record<string, string> = { "x-amz-request-id": "0000000000000000", ...reply.headers };
  headers["content-length"] ??= String(body.length);
  outgoing.writeHead(reply.status, headers);
  if (incoming.method === "HEAD") {
    outgoing.end();
  } else if (fault === "truncated-body" && body.length > 1) {
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => incoming.socket.destroy());
  } else {
    outgoing.end(body);
  }
};
