/**
 * S3 requests: recorded, re-signed, and handed to the S3 server with times translated. What was written to a
 * replicated bucket goes on to the replication. An answer is passed on only after its effects are recorded.
 */
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { CallRecord } from "./call-record";
import { forward, type Answer } from "./forward";
import { readBody, type Incoming } from "./incoming";
import { LOCK_DATE_HEADER, s3Actions, type S3Request } from "./s3-actions";
import { bodyHeaders, isErrorBody, mapListing, mapRetention, readDeletes, readUploadId } from "./store-xml";
import type { StoreTimes } from "./store-times";
import type { Upstream } from "./sign";
import type { StoredVersion } from "./upstream-store";

export interface WriteListener {
  /** A whole object was written, and the server said so. */
  written(ref: StoredVersion): void;
  /** Its lock was changed. */
  retained(ref: StoredVersion): void;
  /** What S3 would say in `x-amz-replication-status`. */
  statusOf(ref: StoredVersion): string | undefined;
}

export class S3Gateway {
  constructor(
    /** The server of a bucket. */
    private readonly serverOf: (bucket: string) => Upstream,
    private readonly times: StoreTimes,
    private readonly calls: CallRecord,
    private readonly listener: WriteListener,
  ) {}

  async handle(incoming: Incoming, response: ServerResponse): Promise<void> {
    const { bucket, key } = splitPath(incoming.path);
    const rewrites = incoming.query.has("retention") || (incoming.method === "POST" && incoming.query.has("delete"));
    let body = rewrites ? await readBody(incoming.message) : ("stream" as const);
    const deletes = body === "stream" ? [] : readDeletes(body.toString());
    const request: S3Request = {
      method: incoming.method,
      bucket,
      ...(key === undefined ? {} : { key }),
      query: incoming.query,
      headers: incoming.headers,
      deletes,
    };
    this.calls.add(incoming.role, s3Actions(request), listContext(request));

    await this.bringLocksForward(request);
    if (request.headers[LOCK_DATE_HEADER] !== undefined) {
      incoming.headers[LOCK_DATE_HEADER] = this.times
        .lockToStore(new Date(request.headers[LOCK_DATE_HEADER]))
        .toISOString();
    }
    let outgoing = incoming;
    if (body !== "stream" && incoming.query.has("retention") && incoming.method === "PUT") {
      body = Buffer.from(mapRetention(body.toString(), (date) => this.times.lockToStore(date)));
      outgoing = { ...incoming, headers: bodyHeaders(incoming.headers, body) };
    }
    const answer = await forward(outgoing, this.serverOf(bucket), body);
    await this.answer(request, incoming.role, answer, response);
  }

  /** Deleting a version or moving its lock asks the server's clock: the lock must stand where it would by now. */
  private async bringLocksForward({ method, bucket, key, query, deletes = [] }: S3Request): Promise<void> {
    const versionId = query.get("versionId");
    if (key !== undefined && versionId !== undefined && (method === "DELETE" || query.has("retention"))) {
      await this.times.bringForward({ bucket, key, versionId });
    }
    for (const deleted of deletes)
      if (deleted.versionId !== undefined) await this.times.bringForward({ bucket, ...deleted });
  }

  private async answer(request: S3Request, role: string, answer: Answer, response: ServerResponse): Promise<void> {
    const { method, bucket, key, query } = request;
    const headers = { ...answer.headers };
    if (key !== undefined) this.translateHeaders({ bucket, key, ...versionOf(query, headers) }, request, role, headers);
    const ok = answer.status >= 200 && answer.status < 300;
    const listing = method === "GET" && key === undefined;
    if (method === "GET" && key !== undefined && ok) Object.assign(headers, wantedHeaders(query));
    const small =
      ok && (listing || query.has("retention") || method === "PUT" || method === "POST" || method === "DELETE");
    if (!small) {
      response.writeHead(answer.status, headers);
      await pipeline(answer.body, response);
      return;
    }
    let xml = (await readBody(answer.body)).toString();
    if (listing) xml = mapListing(xml, bucket, this.times);
    if (query.has("retention") && method === "GET" && key !== undefined) {
      const ref = { bucket, key, ...versionOf(query, headers) };
      xml = mapRetention(xml, (date) => this.times.lockFromStore(ref, date));
    }
    if (key !== undefined && !isErrorBody(xml)) this.recordEffects(request, key, headers, xml);
    if (answer.status !== 204) headers["content-length"] = String(Buffer.byteLength(xml));
    response.writeHead(answer.status, headers);
    response.end(answer.status === 204 ? undefined : xml);
  }

  private translateHeaders(ref: StoredVersion, { method }: S3Request, role: string, headers: Answer["headers"]): void {
    const modified = headers["last-modified"];
    if (typeof modified === "string")
      headers["last-modified"] = this.times.writtenFromStore(ref, new Date(modified)).toUTCString();
    const until = headers[LOCK_DATE_HEADER];
    if (typeof until === "string") {
      headers[LOCK_DATE_HEADER] = this.times.lockFromStore(ref, new Date(until)).toISOString();
      // S3 shows a lock in HEAD's answer only to who may read retention.
      if (method === "HEAD")
        this.calls.note(role, [{ action: "s3:GetObjectRetention", resource: `arn:aws:s3:::${ref.bucket}/${ref.key}` }]);
    }
    const status = method === "GET" || method === "HEAD" ? this.listener.statusOf(ref) : undefined;
    if (status !== undefined) headers["x-amz-replication-status"] = status;
  }

  private recordEffects(
    { method, bucket, query }: S3Request,
    key: string,
    headers: Answer["headers"],
    xml: string,
  ): void {
    const ref = { bucket, key, ...versionOf(query, headers) };
    if (query.has("retention")) {
      if (method !== "PUT") return;
      this.times.recordLock(ref);
      this.listener.retained(ref);
    } else if (query.has("uploads")) {
      this.times.recordUpload(readUploadId(xml) ?? "");
    } else if (method === "DELETE" && !query.has("versionId") && !query.has("uploadId")) {
      this.times.recordWrite(ref);
    } else if (
      (method === "PUT" && query.size - (query.has("x-id") ? 1 : 0) === 0) ||
      (method === "POST" && query.has("uploadId"))
    ) {
      this.times.recordWrite(ref);
      this.listener.written(ref);
    }
  }
}

const splitPath = (path: string): { bucket: string; key?: string } => {
  const [bucket = "", ...rest] = path.slice(1).split("/");
  const key = decodeURIComponent(rest.join("/"));
  return key === "" ? { bucket } : { bucket, key };
};

/** Headers that the URL itself asks for, such as a file name for browsers. moto leaves them out. */
const wantedHeaders = (query: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries(
    [...query].flatMap(([name, value]) => {
      const [, header] =
        /^response-(content-(?:disposition|type|language|encoding)|cache-control|expires)$/.exec(name) ?? [];
      return header === undefined ? [] : [[header, value]];
    }),
  );

const versionOf = (query: ReadonlyMap<string, string>, headers: Answer["headers"]): { versionId?: string } => {
  const versionId = headers["x-amz-version-id"] ?? query.get("versionId");
  return typeof versionId === "string" ? { versionId } : {};
};

/** Condition keys of listing permissions. */
const listContext = ({ key, query }: S3Request): Record<string, string> =>
  key === undefined && query.has("prefix") ? { "s3:prefix": query.get("prefix") ?? "" } : {};
