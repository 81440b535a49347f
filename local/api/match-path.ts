/** Which resource of the API answers a path, as API Gateway chooses: what is named before what is a parameter. */
import type { ApiMethod, ApiResource } from "./rest-api";

export interface Match {
  readonly resource: ApiResource;
  readonly method: ApiMethod;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** `path` is what follows the stage, such as `/api/v2/me`, as it was sent. */
export const matchPath = (resources: readonly ApiResource[], httpMethod: string, path: string): Match | undefined => {
  const parts = path.split("/").slice(1);
  const given = parts.at(-1) === "" ? parts.slice(0, -1) : parts;
  const fits = resources
    .flatMap((resource) => {
      const pathParameters = fit(resource.parts, given);
      const method = methodOf(resource, httpMethod);
      return pathParameters === undefined || method === undefined ? [] : [{ resource, method, pathParameters }];
    })
    .toSorted((a, b) => compare(rank(a.resource), rank(b.resource)));
  return fits[0];
};

const methodOf = ({ methods }: ApiResource, httpMethod: string): ApiMethod | undefined =>
  methods.find((method) => method.httpMethod === httpMethod) ?? methods.find((method) => method.httpMethod === "ANY");

/** The parameters, or undefined where the path is another one. */
const fit = (parts: readonly string[], given: readonly string[]): Record<string, string> | undefined => {
  const parameters: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const value = given[index];
    if (value === undefined) return undefined;
    const [, name, rest] = /^\{([^+}]+)(\+?)\}$/.exec(part) ?? [];
    if (name !== undefined && rest === "+") {
      parameters[name] = given.slice(index).map(decode).join("/");
      return parameters;
    }
    if (name !== undefined) parameters[name] = decode(value);
    else if (part !== value) return undefined;
  }
  return parts.length === given.length ? parameters : undefined;
};

/** A malformed escape stays as it was sent. */
const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Part by part: a name, then `{name}`, then `{name+}`. */
const rank = ({ parts }: ApiResource): string =>
  parts.map((part) => (part.endsWith("+}") ? "2" : part.startsWith("{") ? "1" : "0")).join("");
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
