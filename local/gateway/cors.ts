/**
 * Which pages may use the buckets' presigned URLs: the templates' CORS rules, as S3 applies them. The page that is
 * served here stands for the one at the deployed API's address.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { matches } from "../permissions/evaluate";
import type { SynthesizedApp } from "../template/app";

export interface CorsRule {
  readonly AllowedMethods: readonly string[];
  readonly AllowedOrigins: readonly string[];
  readonly AllowedHeaders?: readonly string[];
  readonly ExposedHeaders?: readonly string[];
  readonly MaxAge?: number;
}
interface BucketProperties {
  readonly CorsConfiguration?: { readonly CorsRules: readonly CorsRule[] };
}

export const readCorsRules = (app: SynthesizedApp): ReadonlyMap<string, readonly CorsRule[]> =>
  new Map(
    app
      .all<BucketProperties>("AWS::S3::Bucket")
      .map(({ name, properties }) => [name, properties.CorsConfiguration?.CorsRules ?? []]),
  );

export class Cors {
  constructor(
    private readonly rules: ReadonlyMap<string, readonly CorsRule[]>,
    /** The origin on AWS for which a local one stands; others stay as they are. */
    private readonly originOnAws: (origin: string) => string,
  ) {}

  /** What S3 adds to an answer; nothing for requests of no page, or of a page that no rule names. */
  headersFor(request: IncomingMessage): Readonly<Record<string, string>> {
    const { origin } = request.headers;
    if (origin === undefined) return {};
    const rule = this.find(request, origin, request.method ?? "GET", []);
    return rule === undefined ? {} : allow(rule, origin);
  }

  /** Answers the request by which a browser asks beforehand. */
  preflight(request: IncomingMessage, response: ServerResponse): void {
    const { origin, "access-control-request-method": method } = request.headers;
    const asked = (request.headers["access-control-request-headers"] ?? "").split(",").map((name) => name.trim());
    const headers = asked.filter((name) => name !== "").map((name) => name.toLowerCase());
    const rule = origin === undefined || method === undefined ? undefined : this.find(request, origin, method, headers);
    if (origin === undefined || rule === undefined) {
      response.writeHead(403, { "content-type": "application/xml" });
      response.end(
        "<Error><Code>AccessForbidden</Code><Message>CORSResponse: This CORS request is not allowed.</Message></Error>",
      );
      return;
    }
    response.writeHead(200, {
      ...allow(rule, origin),
      ...(headers.length === 0 ? {} : { "access-control-allow-headers": headers.join(", ") }),
      ...(rule.MaxAge === undefined ? {} : { "access-control-max-age": String(rule.MaxAge) }),
      "content-length": "0",
    });
    response.end();
  }

  private find(
    { url = "/" }: IncomingMessage,
    origin: string,
    method: string,
    headers: readonly string[],
  ): CorsRule | undefined {
    const bucket = url.split(/[/?]/)[1] ?? "";
    const named = this.originOnAws(origin);
    return (this.rules.get(bucket) ?? []).find(
      ({ AllowedMethods, AllowedOrigins, AllowedHeaders = [] }) =>
        AllowedMethods.includes(method) &&
        AllowedOrigins.some((pattern) => matches(pattern, named)) &&
        headers.every((name) => AllowedHeaders.some((pattern) => matches(pattern.toLowerCase(), name))),
    );
  }
}

const allow = (rule: CorsRule, origin: string): Record<string, string> => {
  const anyone = rule.AllowedOrigins.includes("*");
  return {
    "access-control-allow-origin": anyone ? "*" : origin,
    "access-control-allow-methods": rule.AllowedMethods.join(", "),
    ...(anyone ? {} : { "access-control-allow-credentials": "true" }),
    ...((rule.ExposedHeaders ?? []).length === 0
      ? {}
      : { "access-control-expose-headers": (rule.ExposedHeaders ?? []).join(", ") }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
};
