/**
 * Takes secrets out of what is about to be logged: values under telling names, passwords inside addresses, and what is
 * known by its form wherever it stands.
 */
import { isError } from "./is-error";

const SECRET_NAME =
  /pass(word|wd)?$|secret(string|value|accesskey)?$|token$|authorization|credential|signature|api-?key/i;
const MAX_DEPTH = 8;

export const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === "string") return redactText(value);
  if (value === null || typeof value !== "object") return value;
  if (depth >= MAX_DEPTH) return "…";
  if (value instanceof Date) return value.toISOString();
  if (isError(value)) return redactError(value, depth);
  if (Array.isArray(value)) return value.map((one) => redact(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      SECRET_NAME.test(name) && one !== null ? "[redacted]" : redact(one, depth + 1),
    ]),
  );
};

/** `scheme://user:password@host`, `password=…`, presigned signatures, our own keys and links, and signed tokens. */
export const redactText = (text: string): string =>
  text
    .replace(/(\w+:\/\/[^\s:/@]+:)[^\s@]+@/g, "$1[redacted]@")
    .replace(/\b(password|passwd|pwd)(\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&}]+)/gi, "$1$2[redacted]")
    .replace(/\b(X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s]+/gi, "$1[redacted]")
    .replace(/\bnbk_[\w-]+/g, "[redacted]")
    .replace(/(\/links\/)[^/\s"'?#&]+/g, "$1[redacted]")
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "[redacted]");

/** Name, message, stack and chain of causes; not the request and response that clients hang onto their exceptions. */
const redactError = (error: Error, depth: number): Record<string, unknown> => ({
  name: error.name,
  message: redactText(error.message),
  ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
  ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
});
