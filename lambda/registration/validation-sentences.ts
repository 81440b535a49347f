/** A schema's complaints as sentences: which entry is wrong, what stands there, and what to write instead. Pure. */
import type { z } from "zod";

const DEEPEST_SHOWN = 4;

export function validationSentences(error: z.ZodError, given: unknown): readonly string[] {
  return error.issues.flatMap((issue) => sentencesOf(issue, given));
}

function sentencesOf(issue: z.core.$ZodIssue, given: unknown): readonly string[] {
  const path = pathOf(issue.path);
  const at = path === "" ? "The file" : `"${path}"`;
  const value = valueAt(given, issue.path);
  if (value === undefined && issue.path.length > 0 && issue.code !== "unrecognized_keys") {
    return [`${at} is missing; add it (${expectation(issue)}).`];
  }
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map(
      (key) => `"${path === "" ? key : `${path}.${key}`}" is not known here; remove it, or check its spelling.`,
    );
  }
  return [`${at} ${says(value)}; ${expectation(issue)}.`];
}

/** The mend, as the end of a sentence. */
function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `it must be ${article(issue.expected)}`;
    case "invalid_value":
      return `it must be ${oneOf(issue.values)}`;
    case "too_small":
      return `it must be ${issue.inclusive === false ? "more than" : "at least"} ${String(issue.minimum)}${unit(issue.origin)}`;
    case "too_big":
      return `it must be ${issue.inclusive === false ? "less than" : "at most"} ${String(issue.maximum)}${unit(issue.origin)}`;
    case "invalid_union":
      if ("options" in issue) return `it must be ${oneOf(issue.options)}`;
      return "it must be one of the kinds that the documentation of registration files lists";
    default:
      return `it ${issue.message.replace(/\.$/, "").replace(/^Invalid /, "must be a valid ")}`;
  }
}

const says = (value: unknown): string => {
  const text = shown(value);
  return `says ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
};
/** Lists and objects without what is in them deep down: a sentence has no room for it, and writing it out no end. */
const shown = (value: unknown, depth = 0): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (depth === DEEPEST_SHOWN) return `${open}...${close}`;
  const entries = Object.entries(value).map(([name, one]) => {
    const text = shown(one, depth + 1);
    return Array.isArray(value) ? text : `${JSON.stringify(name)}:${text}`;
  });
  return `${open}${entries.join(",")}${close}`;
};
const oneOf = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(" or ");
const article = (type: string): string =>
  /^[aeiou]/.test(type) ? `an ${type}` : type === "int" ? "a whole number" : `a ${type}`;
const unit = (origin: string): string =>
  origin === "string" ? " characters long" : origin === "array" ? " entries long" : "";
const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");

const valueAt = (given: unknown, path: readonly PropertyKey[]): unknown => {
  let value = given;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
};
