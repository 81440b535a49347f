/** What every route of the API is given, and what it finds in a request's context. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Caller } from "../access/authenticate";
import type { Tokens } from "../access/tokens";
import type { EnvironmentItem } from "../catalog/items";
import type { Collaborators, DatabaseStatuses, Presigner } from "../runtime/collaborators";
import type { ApiSettings } from "./contract";

export type ApiCollaborators = Collaborators & {
  readonly presigner: Presigner;
  readonly databases: DatabaseStatuses;
  readonly tokens: Tokens;
  readonly api: ApiSettings;
  /** Waits within a request, milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
};

export interface ApiEnv {
  Bindings: {
    /** Where this API is, as the caller reached it: everything before `/api/v2`. */
    readonly base: string;
    readonly requestId: string;
  };
  Variables: {
    /** Only on routes that sign in. */
    caller: Caller;
    /** Only on routes of one environment; the caller may do there what the route does. */
    environment: EnvironmentItem;
  };
}
export type Api = OpenAPIHono<ApiEnv>;
export type ApiContext = Context<ApiEnv>;

export const API_BASE = "/api/v2";
/** Of the published first versions: look-ups, and the older snapshot calls. */
export const FIRST_API_BASE = "/api/1";
