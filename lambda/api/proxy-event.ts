/**
 * API Gateway's REST proxy events as requests, and answers as it wants them. The API may stand below a stage or a
 * custom domain's base path: what precedes `/api/` is where it is.
 */
import { gzipSync } from "node:zlib";
import { acceptedEncodings } from "../runtime/accepted-encodings";
import { isWhole } from "../rules/whole-text";
import type { Api } from "./api-context";

/** What is used of it (source: API Gateway's input format of a Lambda proxy integration). */
export interface ProxyEvent {
  readonly httpMethod: string;
  /** Without the stage. */
  readonly path: string;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>> | null;
  readonly multiValueQueryStringParameters: Readonly<Record<string, readonly string[]>> | null;
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
  readonly requestContext: {
    /** With the stage, or the base path. */
    readonly path: string;
    readonly domainName?: string;
    readonly requestId: string;
  };
}
export interface ProxyAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** True for compressed bodies: API Gateway decodes them, because its API takes every media type as binary. */
  readonly isBase64Encoded: boolean;
}

/** Less would hardly travel faster. */
const COMPRESSED_FROM_BYTES = 1400;

export async function answerProxyEvent(api: Api, event: ProxyEvent): Promise<ProxyAnswer> {
  const { origin, basePath, path } = placeOf(event);
  const query = Object.entries(event.multiValueQueryStringParameters ?? {}).flatMap(([name, values]) =>
    values.map((value) => `${encoded(name)}=${encoded(value)}`),
  );
  const request = new Request(`${origin}${path}${query.length === 0 ? "" : `?${query.join("&")}`}`, {
    method: event.httpMethod,
    headers: headersOf(event),
    ...bodyOf(event),
  });
  const { requestId } = event.requestContext;
  const response = await api.fetch(request, { base: `${origin}${basePath}`, requestId });
  return answerOf(response, header(event, "accept-encoding") ?? "");
}

async function answerOf(response: Response, accepted: string): Promise<ProxyAnswer> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const common = {
    statusCode: response.status,
    headers: { ...Object.fromEntries(response.headers), vary: "accept-encoding" },
  };
  if (bytes.length < COMPRESSED_FROM_BYTES || !acceptedEncodings(accepted).has("gzip"))
    return { ...common, body: bytes.toString("utf8"), isBase64Encoded: false };
  return {
    ...common,
    headers: { ...common.headers, "content-encoding": "gzip" },
    body: gzipSync(bytes).toString("base64"),
    isBase64Encoded: true,
  };
}

function placeOf(event: ProxyEvent): { readonly origin: string; readonly basePath: string; readonly path: string } {
  const whole = event.requestContext.path;
  const start = Math.max(whole.indexOf("/api/"), 0);
  // Ids are decoded by the router, so that whatever else stands in a path has to stay encoded.
  const path = whole.slice(start).split("/").map(encodedOnce).join("/");
  return { origin: originOf(event), basePath: whole.slice(0, start), path };
}

/** The gateway knows its own name; a port stands only in the header. */
function originOf(event: ProxyEvent): string {
  const host = header(event, "host");
  const { domainName } = event.requestContext;
  // Nothing but a port may follow the name: after `name:x@` would come another host.
  const [, own] = /^(.*?)(?::\d{1,5})?$/.exec(host ?? "") ?? [];
  const name = domainName === undefined || own === domainName ? (host ?? "localhost") : domainName;
  return `${header(event, "x-forwarded-proto") === "http" ? "http" : "https"}://${name}`;
}

/** Escapes that spell no text stay as they are, so that what refuses them sees them. */
const encodedOnce = (segment: string): string => {
  try {
    return encoded(decodeURIComponent(segment));
  } catch {
    return isWhole(segment) ? segment.replaceAll(/[^A-Za-z0-9%_.!~*'()-]/gu, encodeURIComponent) : NO_TEXT;
  }
};
/** Half of a surrogate pair, as escapes: https://www.rfc-editor.org/rfc/rfc3629#section-3 forbids it. */
const NO_TEXT = "%ED%A0%80";
const encoded = (text: string): string => (isWhole(text) ? encodeURIComponent(text) : NO_TEXT);

const header = ({ multiValueHeaders }: ProxyEvent, name: string): string | undefined =>
  Object.entries(multiValueHeaders ?? {}).find(([one]) => one.toLowerCase() === name)?.[1][0];

function headersOf({ multiValueHeaders }: ProxyEvent): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) {
    for (const value of values) {
      try {
        headers.append(name, value);
      } catch {
        // A header that no request may have is none that anything here looks at.
      }
    }
  }
  return headers;
}

function bodyOf({ httpMethod, body, isBase64Encoded }: ProxyEvent): { readonly body?: string | Buffer<ArrayBuffer> } {
  if (body === null || body === "" || httpMethod === "GET" || httpMethod === "HEAD") return {};
  return { body: isBase64Encoded ? Buffer.from(body, "base64") : body };
}
