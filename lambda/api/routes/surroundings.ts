/** Who is calling, the apps they may look at, and the regions. */
import { createRoute } from "@hono/zod-openapi";
import type { AccessChecks } from "../access-checks";
import { type Api, API_BASE, type ApiCollaborators } from "../api-context";
import { failures, json, security } from "../schemas/common";
import { appList, me, regionList } from "../schemas/environments";
import { regionView } from "../views/environment";
import { appSummary } from "../views/look-ups";
import { visibleApps } from "../visible-apps";
import { timeOf } from "../views/values";

export function addSurroundingRoutes(
  api: Api,
  { signedIn }: AccessChecks,
  { catalog, clock, settings, api: apiSettings }: ApiCollaborators,
): void {
  const common = { security, middleware: signedIn };
  const { 400: _none, ...others } = failures;
  api.openapi(
    createRoute({
      ...common,
      tags: ["Access"],
      method: "get",
      path: `${API_BASE}/me`,
      operationId: "getMe",
      summary: "Who you are, and your roles",
      responses: { 200: json(me, "You."), ...others },
    }),
    (context) => {
      const { name, grants } = context.get("caller");
      return context.json({ name, grants: grants.map(({ app, role }) => ({ app, role })) }, 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      tags: ["Environments"],
      method: "get",
      path: `${API_BASE}/apps`,
      operationId: "listApps",
      summary: "List the apps on which you have a role, in this region",
      responses: { 200: json(appList, "All of them, by their ids."), ...others },
    }),
    async (context) => {
      const apps = await visibleApps(catalog, context.get("caller"));
      return context.json({ apps: apps.map(appSummary) }, 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      tags: ["Regions"],
      method: "get",
      path: `${API_BASE}/regions`,
      operationId: "listRegions",
      summary: "The nightly table: each region's window and replication region; and which service this is",
      responses: { 200: json(regionList, "All rows."), ...others },
    }),
    (context) => {
      const { stage, regions } = apiSettings;
      const now = timeOf(clock.now().toISOString());
      return context.json({ region: settings.REGION, stage, now, regions: regions.map(regionView) }, 200);
    },
  );
}
