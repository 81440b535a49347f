/**
 * Ids and parameters are text: an address whose escapes spell no UTF-8, or U+0000, is refused before anybody signs in,
 * and so are texts of a body that no store could keep as they are.
 */
import type { MiddlewareHandler } from "hono";
import { brokenText, flawOf } from "../rules/whole-text";
import { ApiError } from "./api-error";
import type { ApiEnv } from "./api-context";

export const wholeAddresses: MiddlewareHandler<ApiEnv> = async ({ req }, next) => {
  const { pathname, search } = new URL(req.url);
  for (const segment of pathname.split("/")) requireText("An id in the address", segment);
  for (const pair of search.slice(1).split("&")) {
    const [name = "", ...value] = pair.replaceAll("+", " ").split("=");
    requireText("A parameter's name", name);
    requireText(`"${decoded(name) ?? ""}"`, value.join("="));
  }
  await next();
};

/** What is no JSON is left to whoever reads it. */
export function requireWholeTexts(body: string): void {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return;
  }
  const broken = brokenText(value);
  if (broken !== undefined) throw new ApiError("INVALID_PARAMETERS", broken);
}

function requireText(what: string, encoded: string): void {
  const text = decoded(encoded);
  const flaw = text === undefined ? "is no text: its escapes spell no UTF-8" : flawOf(text);
  if (flaw !== undefined) throw new ApiError("INVALID_PARAMETERS", `${what} ${flaw}; check it.`);
}

/** Undefined: no UTF-8. */
const decoded = (encoded: string): string | undefined => {
  // A sign alone, as in "100%", stands for itself.
  const text = encoded.replaceAll(/%(?![0-9a-f]{2})/gi, "%25");
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};
