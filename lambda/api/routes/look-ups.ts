/** What clients of the published Deploy API ask first: apps, and their environments with the ids for all other calls. */
import { createRoute } from "@hono/zod-openapi";
import { environmentsOfApp } from "../../environments/environments-of-app";
import type { AccessChecks } from "../access-checks";
import { type Api, type ApiCollaborators, type ApiContext, FIRST_API_BASE } from "../api-context";
import { createFirstChecks, noApp } from "../first-checks";
import { json, security } from "../schemas/common";
import {
  appFailures,
  firstApp,
  firstAppList,
  firstAppParams,
  firstEnvironment,
  firstEnvironmentList,
  listFailures,
  modeFailures,
  modeParams,
} from "../schemas/look-ups";
import { firstAppView, firstEnvironmentView } from "../views/look-ups";
import { visibleApps } from "../visible-apps";

const APPS = `${FIRST_API_BASE}/apps` as const;

export function addLookUpRoutes(api: Api, checks: AccessChecks, collaborators: ApiCollaborators): void {
  const { catalog } = collaborators;
  const may = createFirstChecks(checks, collaborators);
  const common = { tags: ["Look-ups"], security, method: "get" as const };
  const environmentsOf = async (appId: string) => {
    const environments = await environmentsOfApp(catalog, appId);
    if (environments.length === 0) throw noApp(appId);
    return environments;
  };
  api.openapi(
    createRoute({
      ...common,
      path: APPS,
      operationId: "lookUpApps",
      summary: "List the apps on which you have a role, in this region, as the Deploy API's version 1 does",
      middleware: checks.signedIn,
      responses: { 200: json(firstAppList, "All of them, by their ids."), ...listFailures },
    }),
    async (context) => {
      const apps = await visibleApps(catalog, context.get("caller"));
      return context.json(
        apps.map((one) => firstAppView(one, pageOf(context))),
        200,
      );
    },
  );
  api.openapi(
    createRoute({
      ...common,
      path: `${APPS}/{appId}`,
      operationId: "lookUpApp",
      summary: "Show an app by its id",
      middleware: may.app("read"),
      request: { params: firstAppParams },
      responses: { 200: json(firstApp, "The app."), ...appFailures },
    }),
    async (context) => {
      const { appId } = context.req.valid("param");
      const environments = await environmentsOf(appId);
      return context.json(firstAppView({ appId, environments }, pageOf(context)), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      path: `${APPS}/{appId}/environments`,
      operationId: "lookUpEnvironments",
      summary: "List an app's environments in this region, with their ids and modes",
      middleware: may.app("read"),
      request: { params: firstAppParams },
      responses: { 200: json(firstEnvironmentList, "All of them, by their ids."), ...appFailures },
    }),
    async (context) => {
      const environments = await environmentsOf(context.req.valid("param").appId);
      return context.json(
        environments.map((one) => firstEnvironmentView(one, pageOf(context))),
        200,
      );
    },
  );
  api.openapi(
    createRoute({
      ...common,
      path: `${APPS}/{appId}/environments/{mode}`,
      operationId: "lookUpEnvironment",
      summary: "Show an environment by its mode, or by its id",
      middleware: may.environment("read"),
      request: { params: modeParams },
      responses: { 200: json(firstEnvironment, "The environment."), ...modeFailures },
    }),
    (context) => context.json(firstEnvironmentView(context.get("environment"), pageOf(context)), 200),
  );
}

const pageOf = (context: ApiContext): string => `${context.env.base}/`;
