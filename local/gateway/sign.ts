/** Signs a request to an upstream server with that server's own credentials and the real time. */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";

export interface Upstream {
  readonly url: URL;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Set where the server knows only one region, whatever the request says. */
  readonly region?: string;
}
export interface UnsignedRequest {
  readonly method: string;
  /** Percent-encoded, as it was sent. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Record<string, string>;
}

/** The interface the signer wants, on Node's own hashes. */
class Sha256 {
  private readonly hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytes(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytes(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
  reset(): void {}
}
const bytes = (data: string | ArrayBuffer | ArrayBufferView): Uint8Array => {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
};

const signers = new Map<string, SignatureV4>();

const signerFor = (upstream: Upstream, service: string, region: string): SignatureV4 => {
  const name = `${upstream.url.host} ${service} ${region}`;
  const known = signers.get(name);
  if (known !== undefined) return known;
  const { credentials } = upstream;
  const signer = new SignatureV4({
    service,
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: service !== "s3",
    applyChecksum: false,
  });
  signers.set(name, signer);
  return signer;
};

/** The headers to send, with `authorization`. `x-amz-content-sha256` stays as the client sent it. */
export const sign = async (
  request: UnsignedRequest,
  upstream: Upstream,
  service: string,
  region: string,
): Promise<Record<string, string>> => {
  const signed = await signerFor(upstream, service, upstream.region ?? region).sign({
    method: request.method,
    protocol: upstream.url.protocol,
    hostname: upstream.url.hostname,
    path: request.path,
    query: Object.fromEntries(request.query),
    headers: { ...request.headers, host: upstream.url.host },
  });
  return signed.headers;
};
