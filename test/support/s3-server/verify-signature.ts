/** Verifies SigV4 by signing the request again with the credentials the server knows. */
import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { headerText } from "../../../lambda/storage/header-text";
import { S3Failure } from "./s3-failure";

export interface ServerCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export const verifySignature = async (
  incoming: IncomingMessage,
  credentials: ServerCredentials,
  now: Date,
  maxSkewMs: number,
): Promise<void> => {
  const authorization = incoming.headers.authorization ?? "";
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (match === null) throw new S3Failure(403, "AccessDenied", "The request has no SigV4 authorization.");
  const [, keyId = "", date = "", region = "", signedHeaders = "", signature = ""] = match;
  if (keyId !== credentials.accessKeyId) throw new S3Failure(403, "InvalidAccessKeyId", "The access key is unknown.");
  const time = String(incoming.headers["x-amz-date"]);
  const stamp = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!(Math.abs(now.getTime() - stamp) <= maxSkewMs))
    throw new S3Failure(403, "RequestTimeTooSkewed", "The request's time is too far from the server's.");
  const payload = String(incoming.headers["x-amz-content-sha256"]);
  const names = signedHeaders.split(";");
  if (!names.includes("host") || !names.includes("x-amz-date"))
    throw new S3Failure(403, "AccessDenied", "host and x-amz-date must be signed.");
  for (const name of Object.keys(incoming.headers)) {
    if (name.startsWith("x-amz-") && !names.includes(name))
      throw new S3Failure(403, "AccessDenied", `The header ${name} is not signed.`);
  }
  const target = targetOf(incoming);
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...target.query]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1));
  const canonical = [
    incoming.method,
    target.path
      .split("/")
      .map((part) => encode(decodeURIComponent(part)))
      .join("/"),
    query.map(([name, value]) => `${name}=${value}`).join("&"),
    ...names.map((name) => `${name}:${headerText(String(incoming.headers[name])).trim().replace(/ +/g, " ")}`),
    "",
    signedHeaders,
    payload,
  ].join("\n");
  const scope = `${date}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
  const key = [date, region, "s3", "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  if (createHmac("sha256", key).update(toSign).digest("hex") !== signature) {
    throw new S3Failure(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided.",
    );
  }
};

/** Path and query as they were sent: a key may hold `..`, which URL would fold. */
export const targetOf = (incoming: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } => {
  const url = incoming.url ?? "/";
  const mark = url.indexOf("?");
  return mark < 0
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark)) };
};
