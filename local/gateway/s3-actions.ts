/**
 * What an S3 request is called in IAM. An operation that is not listed here is an error, so that no call goes
 * unjudged. Source: the service authorization reference of Amazon S3.
 */
export interface Action {
  /** Such as `s3:PutObject`. */
  readonly action: string;
  readonly resource: string;
}
export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  /** Decoded; absent for requests to the bucket itself. */
  readonly key?: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Objects named in the body of DeleteObjects. */
  readonly deletes?: readonly { readonly key: string; readonly versionId?: string }[];
}

export class UnknownOperation extends Error {
  override name = "UnknownOperation";
}

export const BYPASS_HEADER = "x-amz-bypass-governance-retention";
export const LOCK_MODE_HEADER = "x-amz-object-lock-mode";
export const TAGS_HEADER = "x-amz-tagging";
export const LOCK_DATE_HEADER = "x-amz-object-lock-retain-until-date";

const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;
const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;

export const s3Actions = (request: S3Request): readonly Action[] => {
  const found = request.key === undefined ? bucketActions(request) : objectActions(request, request.key);
  if (found.length === 0) {
    const parameters = [...request.query.keys()].join("&");
    throw new UnknownOperation(
      `${request.method} ${request.bucket}/${request.key ?? ""}?${parameters} is no S3 operation that the local run knows.`,
    );
  }
  return found;
};

const bucketActions = ({ method, bucket, query, headers, deletes = [] }: S3Request): readonly Action[] => {
  const onBucket = (action: string): Action[] => [{ action: `s3:${action}`, resource: bucketArn(bucket) }];
  if (method === "POST" && query.has("delete")) {
    const bypass = headers[BYPASS_HEADER] === "true";
    return deletes.flatMap(({ key, versionId }) => deleteActions(bucket, key, versionId, bypass));
  }
  if (method === "HEAD") return onBucket("ListBucket");
  if (method !== "GET") return [];
  if (query.has("versions")) return onBucket("ListBucketVersions");
  if (query.has("uploads")) return onBucket("ListBucketMultipartUploads");
  if (query.has("location")) return onBucket("GetBucketLocation");
  if (query.has("versioning")) return onBucket("GetBucketVersioning");
  if (query.has("object-lock")) return onBucket("GetBucketObjectLockConfiguration");
  if (query.has("list-type") || query.has("prefix") || query.size === 0) return onBucket("ListBucket");
  return [];
};

const objectActions = ({ method, bucket, query, headers, ...rest }: S3Request, key: string): readonly Action[] => {
  void rest;
  const on = (action: string): Action => ({ action: `s3:${action}`, resource: objectArn(bucket, key) });
  const bypass = headers[BYPASS_HEADER] === "true";
  const versionId = query.get("versionId");
  const read = on(versionId === undefined ? "GetObject" : "GetObjectVersion");
  if (query.has("retention")) {
    if (method === "GET") return [on("GetObjectRetention")];
    return [on("PutObjectRetention"), ...(bypass ? [on("BypassGovernanceRetention")] : [])];
  }
  if (query.has("tagging"))
    return [on(`${method === "GET" ? "Get" : "Put"}${versionId === undefined ? "Object" : "ObjectVersion"}Tagging`)];
  const tags = headers[TAGS_HEADER] === undefined ? [] : [on("PutObjectTagging")];
  if (query.has("attributes")) return [on("GetObjectAttributes"), read];
  switch (method) {
    case "GET":
      return query.has("uploadId") ? [on("ListMultipartUploadParts")] : [read];
    case "HEAD":
      return [read];
    case "PUT": {
      const locked = headers[LOCK_DATE_HEADER] !== undefined && !query.has("uploadId");
      return [
        on("PutObject"),
        ...(locked ? [on("PutObjectRetention")] : []),
        ...tags,
        ...copySource(headers["x-amz-copy-source"]),
      ];
    }
    case "POST":
      if (query.has("uploads"))
        return [
          on("PutObject"),
          ...(headers[LOCK_DATE_HEADER] === undefined ? [] : [on("PutObjectRetention")]),
          ...tags,
        ];
      return query.has("uploadId") ? [on("PutObject")] : [];
    case "DELETE":
      return query.has("uploadId") ? [on("AbortMultipartUpload")] : deleteActions(bucket, key, versionId, bypass);
    default:
      return [];
  }
};

const deleteActions = (bucket: string, key: string, versionId: string | undefined, bypass: boolean): Action[] => {
  const resource = objectArn(bucket, key);
  const deletes = { action: versionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion", resource };
  return bypass ? [deletes, { action: "s3:BypassGovernanceRetention", resource }] : [deletes];
};

const copySource = (header: string | undefined): Action[] => {
  if (header === undefined) return [];
  const [path = "", parameters = ""] = header.replace(/^\//, "").split("?");
  const versioned = parameters.startsWith("versionId=");
  return [
    {
      action: versioned ? "s3:GetObjectVersion" : "s3:GetObject",
      resource: `arn:aws:s3:::${decodeURIComponent(path)}`,
    },
  ];
};
