/** What a request to the gateway says about itself: which role made it, for which service and region. */
import type { IncomingMessage } from "node:http";
import { UnknownOperation } from "./s3-actions";

export interface Incoming {
  readonly message: IncomingMessage;
  readonly method: string;
  /** Percent-encoded, as it was sent. */
  readonly path: string;
  /** Decoded; without a presigned URL's signature. */
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names; without what belongs to the connection, the client's signature or its page. */
  readonly headers: Record<string, string>;
  /** The access key id: the logical id of the role. */
  readonly role: string;
  readonly service: string;
  readonly region: string;
}

const NOT_FORWARDED =
  /^(host|connection|keep-alive|expect|authorization|transfer-encoding|x-amz-date|x-amz-security-token|amz-sdk-.*|x-amz-user-agent|origin|referer|cookie|sec-.*|access-control-.*)$/;

export const readIncoming = (message: IncomingMessage): Incoming => {
  const [path = "/", search = ""] = (message.url ?? "/").split("?", 2);
  const query = new Map<string, string>();
  for (const part of search.split("&").filter((text) => text !== "")) {
    const [name = "", ...value] = part.split("=");
    query.set(decode(name), decode(value.join("=")));
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined && !NOT_FORWARDED.test(name))
      headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  const credential =
    /Credential=([^,\s]+)/.exec(message.headers.authorization ?? "")?.[1] ?? query.get("X-Amz-Credential") ?? "";
  const [role, , region, service] = credential.split("/");
  if (role === undefined || region === undefined || service === undefined) {
    throw new UnknownOperation(
      `${message.method} ${path} is not signed: the gateway serves the app's own requests only.`,
    );
  }
  for (const name of query.keys()) {
    if (/^X-Amz-(Algorithm|Credential|Date|Expires|Security-Token|Signature|SignedHeaders|Content-Sha256)$/.test(name))
      query.delete(name);
  }
  headers["x-amz-content-sha256"] ??= "UNSIGNED-PAYLOAD";
  return { message, method: message.method ?? "GET", path, query, headers, role, service, region };
};

const decode = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));

export const readBody = async (message: AsyncIterable<Buffer>): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece);
  return Buffer.concat(pieces);
};
