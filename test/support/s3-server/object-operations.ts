/** Requests on an object: put, copy, get, head, delete, tags, retention, multipart. */
import type { CopySource, Lock, LockMode } from "../../../lambda/storage/object-store";
import type { MemoryStore, MemoryVersion } from "../memory-store";
import { attributeHeaders, attributesOf, tagXml } from "./object-headers";
import { escapeXml, S3Failure } from "./s3-failure";
import type { S3Reply, S3Request } from "./s3-server";

const text = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
const xml = (body: string, headers: Record<string, string> = {}): S3Reply => ({
  status: 200,
  headers: { "content-type": "application/xml", ...headers },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});
const withVersion = (versionId: string | undefined): Record<string, string> =>
  versionId === undefined ? {} : { "x-amz-version-id": versionId };

export const handleObject = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const { method, query } = request;
  if (query.has("retention")) return method === "PUT" ? putRetention(store, request) : getRetention(store, request);
  if (query.has("tagging") && method === "GET") return xml(tagXml(await store.tags(refOf(request))));
  if (query.has("legal-hold") || query.has("tagging") || query.has("acl"))
    throw new S3Failure(501, "NotImplemented", "Not implemented.");
  if (method === "POST" && query.has("uploads")) return createMultipart(store, request);
  if (method === "POST" && query.has("uploadId")) return completeMultipart(store, request);
  if (method === "PUT" && query.has("partNumber")) return putPart(store, request);
  if (method === "PUT" && request.headers["x-amz-copy-source"] !== undefined) return copyObject(store, request);
  if (method === "PUT") return putObject(store, request);
  if (method === "GET" && query.has("uploadId")) return listParts(store, request);
  if (method === "GET") return getObject(store, request);
  if (method === "HEAD") return headObject(store, request);
  if (method === "DELETE" && query.has("uploadId")) {
    await store.abortMultipart({ bucket: request.bucket, key: request.key }, query.get("uploadId") ?? "");
    return { status: 204 };
  }
  if (method === "DELETE") return deleteObject(store, request);
  throw new S3Failure(501, "NotImplemented", `${method} on an object is not implemented.`);
};

const lockOf = (headers: S3Request["headers"]): { lock?: Lock } => {
  const mode = text(headers["x-amz-object-lock-mode"]);
  const until = text(headers["x-amz-object-lock-retain-until-date"]);
  if (mode === undefined || until === undefined) return {};
  return { lock: { mode: mode as LockMode, until: new Date(until) } };
};
const targetOf = ({ bucket, key, headers }: S3Request) => ({
  bucket,
  key,
  ...lockOf(headers),
  attributes: attributesOf(headers),
  ...conditionsOf(headers),
});
const conditionsOf = (headers: S3Request["headers"]) => {
  const ifMatch = text(headers["if-match"]);
  return { onlyIfAbsent: headers["if-none-match"] === "*", ...(ifMatch === undefined ? {} : { onlyIfMatch: ifMatch }) };
};
const sourceOf = ({ headers }: S3Request): CopySource => {
  const [path = "", versionId] = (text(headers["x-amz-copy-source"]) ?? "").split("?versionId=");
  const [bucket = "", ...rest] = path.replace(/^\//, "").split("/");
  const ref = { bucket: decodeURIComponent(bucket), key: decodeURIComponent(rest.join("/")) };
  const ifMatch = text(headers["x-amz-copy-source-if-match"]);
  if (versionId !== undefined) return { ...ref, versionId: decodeURIComponent(versionId) };
  return ifMatch === undefined ? ref : { ...ref, ifMatch };
};

const putObject = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const target = targetOf(request);
  const checked = Object.keys(request.headers).some(
    (name) => name === "content-md5" || name === "x-amz-trailer" || name.startsWith("x-amz-checksum-"),
  );
  if (target.lock !== undefined && !checked)
    throw new S3Failure(
      400,
      "InvalidRequest",
      "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
    );
  const { etag, versionId } = await store.put({ ...target, body: request.body });
  return { status: 200, headers: { etag: `"${etag}"`, ...withVersion(versionId) } };
};

const copyObject = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const { attributes, ...target } = targetOf(request);
  const replace = request.headers["x-amz-metadata-directive"] === "REPLACE";
  const { etag, versionId } = await store.copy(sourceOf(request), replace ? { ...target, attributes } : target);
  return xml(
    `<CopyObjectResult><ETag>"${etag}"</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></CopyObjectResult>`,
    withVersion(versionId),
  );
};

const refOf = ({ bucket, key, query }: S3Request) => {
  const versionId = query.get("versionId");
  return versionId === null ? { bucket, key } : { bucket, key, versionId };
};
const headersOf = (info: Awaited<ReturnType<MemoryStore["head"]>>, checksums: boolean): Record<string, string> => ({
  etag: `"${info.etag}"`,
  "accept-ranges": "bytes",
  ...attributeHeaders(info),
  ...(info.lastModified === undefined ? {} : { "last-modified": info.lastModified.toUTCString() }),
  ...withVersion(info.versionId),
  ...(checksums && info.crc32 !== undefined
    ? { "x-amz-checksum-crc32": info.crc32, "x-amz-checksum-type": "FULL_OBJECT" }
    : {}),
  ...(info.lock === undefined
    ? {}
    : {
        "x-amz-object-lock-mode": info.lock.mode,
        "x-amz-object-lock-retain-until-date": info.lock.until.toISOString(),
      }),
});

const getObject = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const ifMatch = text(request.headers["if-match"]);
  const asked = /^bytes=(\d+)-(\d*)$/.exec(text(request.headers.range) ?? "");
  store.versions(request.bucket, request.key); // a missing bucket is not a missing key
  const whole = await store.head(refOf(request));
  const range =
    asked === null
      ? undefined
      : ([Number(asked[1]), asked[2] === "" ? whole.size - 1 : Math.min(Number(asked[2]), whole.size - 1)] as const);
  const found = await store.get(refOf(request), {
    ...(range === undefined ? {} : { range }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  });
  const pieces: Uint8Array[] = [];
  for await (const piece of found.body) pieces.push(piece);
  const headers = headersOf(found, request.headers["x-amz-checksum-mode"] === "ENABLED" && range === undefined);
  return range === undefined
    ? { status: 200, headers, body: Buffer.concat(pieces) }
    : {
        status: 206,
        headers: { ...headers, "content-range": `bytes ${range[0]}-${range[1]}/${whole.size}` },
        body: Buffer.concat(pieces),
      };
};

const headObject = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const info = await store.head(refOf(request));
  return {
    status: 200,
    headers: {
      ...headersOf(info, request.headers["x-amz-checksum-mode"] === "ENABLED"),
      "content-length": String(info.size),
    },
  };
};

const deleteObject = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const bypassGovernance = request.headers["x-amz-bypass-governance-retention"] === "true";
  if (!bypassGovernance) {
    await store.delete(refOf(request));
    return { status: 204 };
  }
  const { bucket, ...object } = refOf(request);
  const { refused } = await store.deleteBatch(bucket, [object], { bypassGovernance });
  const [no] = refused;
  if (no !== undefined) throw new S3Failure(403, no.code, no.message);
  return { status: 204 };
};

const versionOf = (store: MemoryStore, { bucket, key, query }: S3Request): MemoryVersion => {
  const versionId = query.get("versionId");
  const found = store.versions(bucket, key).find((one) => versionId === null || one.versionId === versionId);
  if (found === undefined || found.isDeleteMarker)
    throw new S3Failure(404, "NoSuchKey", "The specified key does not exist.");
  return found;
};

const putRetention = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const body = request.body.toString();
  const mode = /<Mode>(.*?)<\/Mode>/.exec(body)?.[1] as LockMode | undefined;
  const until = /<RetainUntilDate>(.*?)<\/RetainUntilDate>/.exec(body)?.[1];
  const version = versionOf(store, request);
  if (request.headers["x-amz-bypass-governance-retention"] === "true" && version.lock?.mode !== "COMPLIANCE") {
    if (mode === undefined || until === undefined) delete version.lock;
    else version.lock = { mode, until: new Date(until) };
    return { status: 200 };
  }
  if (mode === undefined || until === undefined) throw new S3Failure(403, "AccessDenied", "Access Denied");
  await store.retain(
    { bucket: request.bucket, key: request.key, versionId: version.versionId },
    { mode, until: new Date(until) },
  );
  return { status: 200 };
};

const getRetention = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const { lock } = versionOf(store, request);
  if (lock === undefined)
    throw new S3Failure(
      404,
      "NoSuchObjectLockConfiguration",
      "The specified object does not have a ObjectLock configuration",
    );
  return xml(
    `<Retention><Mode>${lock.mode}</Mode><RetainUntilDate>${lock.until.toISOString()}</RetainUntilDate></Retention>`,
  );
};

const createMultipart = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const { onlyIfAbsent: _never, ...target } = targetOf(request);
  const uploadId = await store.createMultipart(target);
  return xml(
    `<InitiateMultipartUploadResult><Bucket>${request.bucket}</Bucket><Key>${escapeXml(request.key)}</Key><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`,
  );
};

const putPart = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const { bucket, key, query, headers } = request;
  const uploadId = query.get("uploadId") ?? "";
  const number = Number(query.get("partNumber"));
  if (headers["x-amz-copy-source"] === undefined) {
    const { etag, crc32 } = await store.uploadPart({ bucket, key }, uploadId, number, request.body);
    return {
      status: 200,
      headers: { etag: `"${etag}"`, ...(crc32 === undefined ? {} : { "x-amz-checksum-crc32": crc32 }) },
    };
  }
  const asked = /^bytes=(\d+)-(\d+)$/.exec(text(headers["x-amz-copy-source-range"]) ?? "");
  const range = asked === null ? undefined : ([Number(asked[1]), Number(asked[2])] as const);
  const { etag, crc32 } = await store.uploadPartCopy({ bucket, key }, uploadId, number, sourceOf(request), range);
  return xml(
    `<CopyPartResult><ETag>"${etag}"</ETag>${crc32 === undefined ? "" : `<ChecksumCRC32>${crc32}</ChecksumCRC32>`}</CopyPartResult>`,
  );
};

const listParts = async (store: MemoryStore, { bucket, key, query }: S3Request): Promise<S3Reply> => {
  const { parts, next } = await store.listParts(
    { bucket, key },
    query.get("uploadId") ?? "",
    Number(query.get("part-number-marker") ?? 0),
  );
  const listed = parts.map(
    ({ partNumber, size, etag }) =>
      `<Part><PartNumber>${partNumber}</PartNumber><ETag>&quot;${etag}&quot;</ETag><Size>${size}</Size></Part>`,
  );
  return xml(
    `<ListPartsResult><Bucket>${bucket}</Bucket><Key>${escapeXml(key)}</Key><IsTruncated>${next !== undefined}</IsTruncated>` +
      `${next === undefined ? "" : `<NextPartNumberMarker>${next}</NextPartNumberMarker>`}${listed.join("")}</ListPartsResult>`,
  );
};

const completeMultipart = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const parts = [...request.body.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, inner = ""]) => ({
    partNumber: Number(/<PartNumber>(\d+)<\/PartNumber>/.exec(inner)?.[1]),
    etag: (/<ETag>(.*?)<\/ETag>/.exec(inner)?.[1] ?? "").replace(/&quot;|&#34;|"/g, ""),
  }));
  const crc32 = text(request.headers["x-amz-checksum-crc32"]);
  const { bucket, key, query, headers } = request;
  const { etag, versionId } = await store.completeMultipart({ bucket, key }, query.get("uploadId") ?? "", parts, {
    ...conditionsOf(headers),
    ...(crc32 === undefined ? {} : { crc32 }),
  });
  return xml(
    `<CompleteMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escapeXml(key)}</Key><ETag>"${etag}"</ETag></CompleteMultipartUploadResult>`,
    withVersion(versionId),
  );
};
