/** One line a request, by its route's pattern: never an address, a query, a header or a body. And the headers of every answer. */
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { ApiCollaborators, ApiEnv } from "./api-context";
import { correlationIdOf } from "./correlation-id";

const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

export const requestLog =
  ({ log, metrics, clock }: ApiCollaborators): MiddlewareHandler<ApiEnv> =>
  async (context, next) => {
    const begun = clock.now().getTime();
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    const correlationId = await correlationIdOf(context);
    context.header("x-request-id", context.env.requestId);
    context.header("x-correlation-id", correlationId);
    const caller = context.get("caller") as { readonly name: string } | undefined;
    log.info("request", {
      method: context.req.method,
      route: routePath(context, -1),
      status: context.res.status,
      caller: caller?.name ?? null,
      milliseconds: clock.now().getTime() - begun,
      requestId: context.env.requestId,
      correlationId,
    });
    metrics.flush();
  };
