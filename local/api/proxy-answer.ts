/** A function's answer as API Gateway takes it: anything of another shape is a 502, and the function's fault. */
import { isBinary } from "./proxy-event";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** Undefined where API Gateway would say that the function's answer is malformed. */
export const readProxyAnswer = (
  result: unknown,
  binaryMediaTypes: readonly string[],
  accept: string | undefined,
): HttpAnswer | undefined => {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return undefined;
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded, ...others } = result as Record<
    string,
    unknown
  >;
  const status = Number(statusCode);
  if (Object.keys(others).length > 0 || !Number.isInteger(status) || status < 100 || status > 599) return undefined;
  const text = body ?? "";
  if (typeof text !== "string") return undefined;
  const found: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries((headers ?? {}) as Record<string, unknown>))
    found[name.toLowerCase()] = String(value);
  for (const [name, values] of Object.entries((multiValueHeaders ?? {}) as Record<string, unknown>)) {
    if (!Array.isArray(values)) return undefined;
    found[name.toLowerCase()] = values.map(String);
  }
  found["content-type"] ??= "application/json";
  const decodes = isBase64Encoded === true && isBinary(binaryMediaTypes, accept ?? "*/*");
  return { status, headers: found, body: Buffer.from(text, decodes ? "base64" : "utf8") };
};
