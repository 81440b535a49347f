/** An HTTP request as API Gateway hands it to a function: the proxy event of a REST API, payload version 1. */
import type { IncomingMessage } from "node:http";
import type { Match } from "./match-path";
import type { RestApi } from "./rest-api";

export interface ProxyEvent {
  readonly resource: string;
  readonly path: string;
  readonly httpMethod: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly queryStringParameters: Readonly<Record<string, string>> | null;
  readonly multiValueQueryStringParameters: Readonly<Record<string, readonly string[]>> | null;
  readonly pathParameters: Readonly<Record<string, string>> | null;
  readonly stageVariables: null;
  readonly requestContext: Readonly<Record<string, unknown>>;
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
}
export interface ProxyRequest {
  readonly message: Pick<IncomingMessage, "method" | "rawHeaders" | "headers">;
  /** Without the stage, as it was sent. */
  readonly path: string;
  readonly search: string;
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly requestId: string;
  /** The simulated time. */
  readonly now: Date;
}

/** Headers that belong to the connection, or that only the gateway may state. */
const NOT_PASSED = /^(connection|keep-alive|transfer-encoding|upgrade|te|expect|x-forwarded-.*|x-amzn-trace-id)$/i;

export const proxyEvent = (api: RestApi, { resource, pathParameters }: Match, request: ProxyRequest): ProxyEvent => {
  const { message, path, search, body, sourceIp, requestId, now } = request;
  const host = message.headers.host ?? "";
  const headers = headersOf(message.rawHeaders);
  headers.set("X-Forwarded-For", [sourceIp]);
  headers.set("X-Forwarded-Proto", ["http"]);
  headers.set("X-Forwarded-Port", [host.split(":")[1] ?? "80"]);
  const query = queryOf(search);
  const resourcePath = `/${resource.parts.join("/")}`;
  const httpMethod = message.method ?? "GET";
  const isBase64Encoded = body.length > 0 && isBinary(api.binaryMediaTypes, message.headers["content-type"]);
  return {
    resource: resourcePath,
    path,
    httpMethod,
    headers: lastOf(headers),
    multiValueHeaders: Object.fromEntries(headers),
    queryStringParameters: query.size === 0 ? null : lastOf(query),
    multiValueQueryStringParameters: query.size === 0 ? null : Object.fromEntries(query),
    pathParameters: Object.keys(pathParameters).length === 0 ? null : pathParameters,
    stageVariables: null,
    requestContext: {
      accountId: api.account,
      apiId: api.id,
      domainName: host,
      domainPrefix: host.split(".")[0],
      extendedRequestId: requestId,
      httpMethod,
      identity: { sourceIp, userAgent: message.headers["user-agent"] ?? null, accessKey: null, user: null },
      path: `/${api.stage}${path}`,
      protocol: "HTTP/1.1",
      requestId,
      requestTime: now.toUTCString(),
      requestTimeEpoch: now.getTime(),
      resourceId: resource.id,
      resourcePath,
      stage: api.stage,
    },
    body: body.length === 0 ? null : body.toString(isBase64Encoded ? "base64" : "utf8"),
    isBase64Encoded,
  };
};

/** API Gateway looks at the first media type only. */
export const isBinary = (binaryMediaTypes: readonly string[], header: string | undefined): boolean => {
  const first = header?.split(",")[0]?.split(";")[0]?.trim().toLowerCase() ?? "";
  return binaryMediaTypes.some((type) => type === "*/*" || type.toLowerCase() === first);
};

const headersOf = (raw: readonly string[]): Map<string, string[]> => {
  const found = new Map<string, string[]>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = "", value = ""] = raw.slice(index, index + 2);
    if (!NOT_PASSED.test(name)) found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
};

const queryOf = (search: string): Map<string, string[]> => {
  const found = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(search)) found.set(name, [...(found.get(name) ?? []), value]);
  return found;
};

const lastOf = (values: ReadonlyMap<string, readonly string[]>): Record<string, string> =>
  Object.fromEntries([...values].map(([name, all]) => [name, all.at(-1) ?? ""]));
