/**
 * Who may look something up by an app's id and an environment's mode. As everywhere, what is there answers like what is
 * not, to whoever has no role on the app; only what can't be an id or a mode at all is told apart, as published.
 */
import type { MiddlewareHandler } from "hono";
import { rolesOn } from "../access/roles";
import type { Role } from "../catalog/items";
import { environmentsOfApp } from "../environments/environments-of-app";
import { ENVIRONMENT_MODE, inMode } from "../rules/look-ups";
import { type AccessChecks, notFound, requireRole } from "./access-checks";
import { ApiError } from "./api-error";
import type { ApiCollaborators, ApiContext, ApiEnv } from "./api-context";

const APP_ID = /^[A-Za-z0-9-]{1,64}$/;

export interface FirstChecks {
  /** The app of the path. */
  readonly app: (role: Role) => MiddlewareHandler<ApiEnv>[];
  /** The environment in the path's mode, or with that id, which becomes `environment`. */
  readonly environment: (role: Role) => MiddlewareHandler<ApiEnv>[];
}

export function createFirstChecks({ signedIn }: AccessChecks, { catalog }: ApiCollaborators): FirstChecks {
  return {
    app: (role) => [
      signedIn,
      async (context, next) => {
        const appId = appOf(context);
        const roles = rolesOn(context.get("caller"), appId);
        if (roles.size === 0) throw noApp(appId);
        requireRole(roles, role, appId);
        await next();
      },
    ],
    environment: (role) => [
      signedIn,
      async (context, next) => {
        const appId = appOf(context);
        const mode = modeOfPath(context);
        const roles = rolesOn(context.get("caller"), appId);
        if (roles.size === 0) throw notFound(appId, mode);
        const [found, ...others] = inMode(await environmentsOfApp(catalog, appId), mode);
        if (found === undefined) throw notFound(appId, mode);
        if (others.length > 0) throw ambiguous(appId, mode);
        requireRole(roles, role, appId);
        context.set("environment", found);
        await next();
      },
    ],
  };
}

export const noApp = (appId: string): ApiError =>
  new ApiError(
    "APP_NOT_FOUND",
    `There is no app ${appId} here, or you have no role on it; check its id and the region.`,
  );

const ambiguous = (appId: string, mode: string): ApiError =>
  new ApiError(
    "INVALID_ENVIRONMENT",
    `Several environments of app ${appId} are in mode ${mode}: name one by its id instead, or register them with modes of their own.`,
  );

const appOf = (context: ApiContext): string => {
  const appId = context.req.param("appId") ?? "";
  if (APP_ID.test(appId)) return appId;
  throw new ApiError(
    "INVALID_APPID",
    "An app's id has 1 to 64 letters, digits or hyphens; check the one in the address.",
  );
};

const modeOfPath = (context: ApiContext): string => {
  const mode = context.req.param("mode") ?? "";
  if (ENVIRONMENT_MODE.test(mode)) return mode;
  throw new ApiError(
    "INVALID_ENVIRONMENT",
    "This can't be an environment's mode; name one such as Test, Acceptance or Production, or the environment's id.",
  );
};
