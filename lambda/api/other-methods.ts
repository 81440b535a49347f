/**
 * What no route answers, before anything else of the request is looked at: 405 with `Allow` where the path has other
 * methods, what they are to whoever asks with OPTIONS, and 404 for the rest. It says no more than the description does,
 * and so needs no sign-in.
 */
import type { MiddlewareHandler } from "hono";
import type { Api, ApiEnv } from "./api-context";
import { ApiError } from "./api-error";
import { errorAnswer, nothingThere } from "./error-answers";

interface Route {
  readonly method: string;
  readonly parts: readonly string[];
}

export function otherMethods(api: Api): MiddlewareHandler<ApiEnv> {
  let routes: readonly Route[] | undefined;
  return async (context, next) => {
    // The first request comes after the last route; what stands for all methods is no route but a step before them.
    routes ??= api.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => ({ method, parts: path.split("/") }));
    const { method } = context.req;
    const allowed = allowedMethods(routes, new URL(context.req.url).pathname);
    if (allowed.length === 0) return errorAnswer(context, nothingThere());
    if (method !== "OPTIONS" && allowed.includes(method)) return next();
    const allow = allowed.join(", ");
    context.header("allow", allow);
    if (method === "OPTIONS") return context.body(null, 204);
    const message = `This address is not for ${method.slice(0, 20)}, but for ${allow}.`;
    return errorAnswer(context, new ApiError("NOT_SUPPORTED", message, { status: 405 }));
  };
}

/** Of every route that the path fits; none where there is no such path. */
function allowedMethods(routes: readonly Route[], pathname: string): readonly string[] {
  const given = pathname.replace(/(?<=.)\/$/, "").split("/");
  const fits = ({ parts }: Route): boolean =>
    parts.length === given.length && parts.every((part, at) => isPart(part, given[at] ?? ""));
  const methods = new Set(routes.filter(fits).map(({ method }) => method));
  if (methods.size === 0) return [];
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods.add("OPTIONS")].toSorted();
}

const isPart = (part: string, given: string): boolean => (part.startsWith(":") ? given !== "" : part === given);
