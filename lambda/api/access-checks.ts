/**
 * Who may use a route, before anything of the request is looked at. Without any role on its app an environment answers
 * as one that doesn't exist, to the letter and without a look at the catalog; with a role that doesn't suffice, 403.
 */
import type { MiddlewareHandler } from "hono";
import { authenticate, type Caller } from "../access/authenticate";
import { rolesOn } from "../access/roles";
import type { Role } from "../catalog/items";
import { ApiError } from "./api-error";
import type { ApiCollaborators, ApiContext, ApiEnv } from "./api-context";

/** No environment's or app's id is longer: what is can't be in the catalog. */
const LONGEST_ID = 64;

export interface AccessChecks {
  /** Anybody who signs in. */
  readonly signedIn: MiddlewareHandler<ApiEnv>;
  /** The app of the path. */
  readonly app: (role: Role) => MiddlewareHandler<ApiEnv>;
  /** The registered environment of the path, which becomes `environment`. */
  readonly environment: (role: Role) => MiddlewareHandler<ApiEnv>;
  /** The environment of the path, which need not be registered yet. */
  readonly newEnvironment: (role: Role) => MiddlewareHandler<ApiEnv>;
}

export function createAccessChecks(collaborators: ApiCollaborators): AccessChecks {
  const signIn = async (context: ApiContext): Promise<Caller> => {
    const caller = await authenticate(context.req.header(), collaborators);
    if (caller === undefined) {
      throw new ApiError(
        "NO_ACCESS",
        "You are not signed in: the user name and key (headers Mendix-Username and Mendix-ApiKey) or the token (Authorization) are missing, wrong or expired.",
      );
    }
    context.set("caller", caller);
    return caller;
  };
  return {
    signedIn: async (context, next) => {
      await signIn(context);
      await next();
    },
    app: (role) => async (context, next) => {
      const caller = await signIn(context);
      const { projectId } = pathOf(context);
      const roles = rolesOn(caller, projectId);
      if (roles.size === 0)
        throw new ApiError("NOT_FOUND", `There is no app ${shown(projectId)}, or you have no role on it.`);
      requireRole(roles, role, projectId);
      await next();
    },
    environment: (role) => async (context, next) => {
      const caller = await signIn(context);
      const { projectId, environmentId } = pathOf(context);
      const roles = rolesOn(caller, projectId);
      const isPossible = roles.size > 0 && projectId.length <= LONGEST_ID && environmentId.length <= LONGEST_ID;
      const found = isPossible ? await collaborators.catalog.getEnvironment(environmentId) : undefined;
      if (found?.registration.appId !== projectId) throw notFound(projectId, environmentId);
      requireRole(roles, role, projectId);
      context.set("environment", found);
      await next();
    },
    newEnvironment: (role) => async (context, next) => {
      const caller = await signIn(context);
      const { projectId, environmentId } = pathOf(context);
      const roles = rolesOn(caller, projectId);
      if (roles.size === 0) throw notFound(projectId, environmentId);
      requireRole(roles, role, projectId);
      await next();
    },
  };
}

const pathOf = (context: ApiContext): { readonly projectId: string; readonly environmentId: string } => ({
  projectId: context.req.param("projectId") ?? "",
  environmentId: context.req.param("environmentId") ?? "",
});

export const notFound = (projectId: string, environmentId: string): ApiError =>
  new ApiError(
    "ENVIRONMENT_NOT_FOUND",
    `App ${shown(projectId)} has no environment ${shown(environmentId)} here, or you have no role on it; check both ids and the region.`,
  );

export const requireRole = (roles: ReadonlySet<Role>, role: Role, projectId: string): void => {
  if (roles.has(role)) return;
  throw new ApiError(
    "NO_ACCESS",
    `Your roles on app ${shown(projectId)} don't include "${role}", which this needs; ask for it.`,
  );
};

const shown = (id: string): string => (id.length > LONGEST_ID ? `${id.slice(0, LONGEST_ID)}…` : id);
