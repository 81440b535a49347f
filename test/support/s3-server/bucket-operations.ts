/** Requests on a bucket: making it, listing, deleting many, listing uploads. */
import { isXmlText } from "../../../lambda/storage/s3-keys";
import type { MemoryStore } from "../memory-store";
import type { S3Reply, S3Request } from "./s3-server";
import { escapeXml, S3Failure } from "./s3-failure";

const XML = { "content-type": "application/xml" };
const xml = (body: string): S3Reply => ({
  status: 200,
  headers: XML,
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});
const field = (name: string, value: string | number | boolean | undefined): string =>
  value === undefined ? "" : `<${name}>${escapeXml(String(value))}</${name}>`;

export const handleBucket = async (store: MemoryStore, request: S3Request): Promise<S3Reply> => {
  const { method, query, bucket } = request;
  if (bucket === "") throw new S3Failure(501, "NotImplemented", "Listing buckets is not implemented.");
  if (method === "PUT") return putBucket(store, request);
  if (method === "POST" && query.has("delete")) return deleteObjects(store, request);
  if (method === "HEAD") {
    store.versions(bucket);
    return { status: 200 };
  }
  if (method !== "GET") throw new S3Failure(501, "NotImplemented", `${method} on a bucket is not implemented.`);
  if (query.has("versions")) return listVersions(store, request);
  if (query.has("uploads")) return listUploads(store, request);
  if (query.has("versioning")) {
    store.versions(bucket);
    return xml(
      `<VersioningConfiguration>${isVersioned(store, bucket) ? "<Status>Enabled</Status>" : ""}</VersioningConfiguration>`,
    );
  }
  if (query.get("list-type") === "2") return listObjects(store, request);
  throw new S3Failure(501, "NotImplemented", `GET ?${query.toString()} is not implemented.`);
};

const versioned = new WeakMap<MemoryStore, Set<string>>();
const isVersioned = (store: MemoryStore, bucket: string): boolean => versioned.get(store)?.has(bucket) ?? false;

const putBucket = (store: MemoryStore, { bucket, query, headers, body }: S3Request): S3Reply => {
  if (
    [...query.keys()].some((name) =>
      ["object-lock", "replication", "policy", "encryption", "tagging", "publicAccessBlock"].includes(name),
    )
  ) {
    return { status: 200 };
  }
  if (query.has("versioning")) {
    if (body.includes("Enabled") && !isVersioned(store, bucket)) remake(store, bucket, { versioned: true });
    return { status: 200 };
  }
  let taken = true;
  try {
    store.versions(bucket);
  } catch {
    taken = false;
  }
  if (taken) throw new S3Failure(409, "BucketAlreadyOwnedByYou", "You own this bucket already.");
  remake(store, bucket, { objectLock: headers["x-amz-bucket-object-lock-enabled"] === "true" });
  return { status: 200 };
};

const remake = (store: MemoryStore, bucket: string, options: { objectLock?: boolean; versioned?: boolean }): void => {
  store.createBucket(bucket, options);
  if (options.objectLock === true || options.versioned === true) {
    versioned.set(store, (versioned.get(store) ?? new Set()).add(bucket));
  }
};

const listObjects = async (store: MemoryStore, { bucket, query }: S3Request): Promise<S3Reply> => {
  const startAfter = query.get("start-after") ?? undefined;
  const token = query.get("continuation-token") ?? undefined;
  const page = await store.list(bucket, {
    prefix: query.get("prefix") ?? "",
    ...(startAfter === undefined ? {} : { startAfter }),
    ...(token === undefined ? {} : { token }),
  });
  const encode = query.get("encoding-type") === "url" ? encodeURIComponent : (text: string) => text;
  return xml(
    `<ListBucketResult>${field("KeyCount", page.objects.length)}${field("IsTruncated", page.nextToken !== undefined)}` +
      field("NextContinuationToken", page.nextToken) +
      (query.get("encoding-type") === "url" ? field("EncodingType", "url") : "") +
      page.objects
        .map(
          (one) =>
            `<Contents>${field("Key", encode(one.key))}${field("Size", one.size)}${field("ETag", `"${one.etag.replaceAll('"', "")}"`)}${field("LastModified", one.lastModified?.toISOString())}</Contents>`,
        )
        .join("") +
      "</ListBucketResult>",
  );
};

const listVersions = async (store: MemoryStore, { bucket, query }: S3Request): Promise<S3Reply> => {
  const keyMarker = query.get("key-marker") ?? undefined;
  const versionIdMarker = query.get("version-id-marker") ?? undefined;
  const page = await store.listVersions(bucket, {
    prefix: query.get("prefix") ?? "",
    ...(keyMarker === undefined ? {} : { keyMarker }),
    ...(versionIdMarker === undefined ? {} : { versionIdMarker }),
  });
  const encode = query.get("encoding-type") === "url" ? encodeURIComponent : (text: string) => text;
  const one = (version: (typeof page.versions)[number]): string => {
    const common = `${field("Key", encode(version.key))}${field("VersionId", version.versionId)}${field("IsLatest", version.isLatest)}${field("LastModified", version.lastModified.toISOString())}`;
    return version.isDeleteMarker
      ? `<DeleteMarker>${common}</DeleteMarker>`
      : `<Version>${common}${field("Size", version.size)}${field("ETag", `"${version.etag ?? ""}"`)}</Version>`;
  };
  return xml(
    `<ListVersionsResult>${field("IsTruncated", page.next !== undefined)}${field("NextKeyMarker", page.next === undefined ? undefined : encode(page.next.keyMarker))}` +
      field("NextVersionIdMarker", page.next?.versionIdMarker) +
      (query.get("encoding-type") === "url" ? field("EncodingType", "url") : "") +
      `${page.versions.map(one).join("")}</ListVersionsResult>`,
  );
};

const listUploads = async (store: MemoryStore, { bucket, query }: S3Request): Promise<S3Reply> => {
  const keyMarker = query.get("key-marker") ?? undefined;
  const uploadIdMarker = query.get("upload-id-marker") ?? undefined;
  const page = await store.listMultiparts(bucket, {
    prefix: query.get("prefix") ?? "",
    ...(keyMarker === undefined ? {} : { keyMarker }),
    ...(uploadIdMarker === undefined ? {} : { uploadIdMarker }),
  });
  const isEncoded = query.get("encoding-type") === "url";
  const encode = isEncoded ? encodeURIComponent : (text: string) => text;
  return xml(
    `<ListMultipartUploadsResult>${field("IsTruncated", page.next !== undefined)}${field("NextKeyMarker", page.next === undefined ? undefined : encode(page.next.keyMarker))}${field("NextUploadIdMarker", page.next?.uploadIdMarker)}` +
      (isEncoded ? field("EncodingType", "url") : "") +
      page.uploads
        .map(
          (one) =>
            `<Upload>${field("Key", encode(one.key))}${field("UploadId", one.uploadId)}${field("Initiated", one.initiated.toISOString())}</Upload>`,
        )
        .join("") +
      "</ListMultipartUploadsResult>",
  );
};

const unescapeXml = (text: string): string =>
  text
    .replace(/&#x([0-9a-fA-F]+);/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");

/** A character reference to what XML can't carry makes a document as malformed as the character itself. */
const isWellFormedXml = (text: string): boolean =>
  isXmlText(text) &&
  [...text.matchAll(/&#(x?)([0-9a-fA-F]+);/g)].every(([, hex, code = ""]) =>
    isXmlText(String.fromCodePoint(Number.parseInt(code, hex === "x" ? 16 : 10))),
  );

const deleteObjects = async (store: MemoryStore, { bucket, headers, body }: S3Request): Promise<S3Reply> => {
  if (
    headers["content-md5"] === undefined &&
    !Object.keys(headers).some((name) => name.startsWith("x-amz-checksum-"))
  ) {
    throw new S3Failure(400, "InvalidRequest", "Missing required header for this request: Content-MD5");
  }
  if (!isWellFormedXml(body.toString()))
    throw new S3Failure(
      400,
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  const objects = [...body.toString().matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, inner = ""]) => {
    const key = unescapeXml(/<Key>(.*?)<\/Key>/s.exec(inner)?.[1] ?? "");
    const versionId = /<VersionId>(.*?)<\/VersionId>/s.exec(inner)?.[1];
    return versionId === undefined ? { key } : { key, versionId };
  });
  const { refused } = await store.deleteBatch(bucket, objects, {
    bypassGovernance: headers["x-amz-bypass-governance-retention"] === "true",
  });
  return xml(
    `<DeleteResult>${refused
      .map(
        (one) =>
          `<Error>${field("Key", one.key)}${field("VersionId", one.versionId)}${field("Code", one.code)}${field("Message", one.message)}</Error>`,
      )
      .join("")}</DeleteResult>`,
  );
};
