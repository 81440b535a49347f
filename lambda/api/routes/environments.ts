/** Environments: listing, showing, registering, noting that their apps were started or stopped, probing, the calendar. */
import { createRoute } from "@hono/zod-openapi";
import { recordAudit } from "../../audit/record-audit";
import { describeCalendar } from "../../calendar/describe-calendar";
import type { EnvironmentItem } from "../../catalog/items";
import { describeEnvironment } from "../../environments/describe-environment";
import { environmentsOfApp } from "../../environments/environments-of-app";
import type { RegistrationRequest } from "../../registration/contract";
import { handleRequest } from "../../registration/handle-request";
import type { AccessChecks } from "../access-checks";
import { ApiError } from "../api-error";
import { type Api, API_BASE, type ApiCollaborators, type ApiContext } from "../api-context";
import { registerEnvironment } from "../register-environment";
import { appParams, body, ENVIRONMENT_PATH, environmentParams, failures, json, security } from "../schemas/common";
import {
  calendar,
  calendarQuery,
  environment as environmentSchema,
  environmentList,
  registrationBody,
  startedBody,
} from "../schemas/environments";
import { calendarView, environmentSummary, environmentView } from "../views/environment";
import { visibleSnapshots } from "../visible-snapshots";

export function addEnvironmentRoutes(api: Api, checks: AccessChecks, collaborators: ApiCollaborators): void {
  const { catalog, clock } = collaborators;
  const may = checks.environment;
  const common = { tags: ["Environments"], security };
  const shown = { 200: json(environmentSchema, "The environment."), ...failures };
  const describeNow = async (environment: EnvironmentItem) =>
    environmentView(await describeEnvironment(collaborators, environment, rowOf(collaborators)));
  const change = async (context: ApiContext, request: RegistrationRequest, details: Record<string, unknown> = {}) => {
    const environment = context.get("environment");
    const { environmentId } = environment;
    const by = context.get("caller").name;
    await recordAudit(collaborators, environment, { action: `environment.${request.action}`, by, details });
    const answer = await handleRequest(request, collaborators);
    if (!answer.ok) throw new ApiError("INVALID_PARAMETERS", answer.message);
    return describeNow((await catalog.getEnvironment(environmentId)) ?? environment);
  };
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: `${API_BASE}/apps/{projectId}/environments`,
      operationId: "listEnvironments",
      summary: "List an app's environments in this region",
      middleware: checks.app("read"),
      request: { params: appParams },
      responses: { 200: json(environmentList, "All of them, by their ids."), ...failures },
    }),
    async (context) => {
      const { projectId } = context.req.valid("param");
      const environments = await environmentsOfApp(catalog, projectId);
      return context.json({ environments: environments.map(environmentSummary) }, 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: ENVIRONMENT_PATH,
      operationId: "getEnvironment",
      summary: "Show an environment: its app, storage used, database status, newest snapshots, probe",
      middleware: may("read"),
      request: { params: environmentParams },
      responses: shown,
    }),
    async (context) => context.json(await describeNow(context.get("environment")), 200),
  );
  api.openapi(
    createRoute({
      ...common,
      method: "put",
      path: ENVIRONMENT_PATH,
      operationId: "registerEnvironment",
      summary: "Register an environment, or register it again with other facts",
      middleware: checks.newEnvironment("administer"),
      request: { params: environmentParams, body: body(registrationBody) },
      responses: shown,
    }),
    async (context) => {
      const { projectId, environmentId } = context.req.valid("param");
      const registered = await registerEnvironment(collaborators, {
        projectId,
        environmentId,
        file: context.req.valid("json"),
        by: context.get("caller"),
      });
      return context.json(await describeNow(registered), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: `${ENVIRONMENT_PATH}/started`,
      operationId: "noteStarted",
      summary: "The app has been deployed and started: nightly backups begin with the next window",
      middleware: may("administer"),
      request: { params: environmentParams, body: body(startedBody) },
      responses: shown,
    }),
    async (context) => {
      const { environmentId } = context.req.valid("param");
      const { model_version: modelVersion } = context.req.valid("json");
      const facts = typeof modelVersion === "string" ? { modelVersion } : {};
      return context.json(await change(context, { action: "started", environmentId, ...facts }, facts), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: `${ENVIRONMENT_PATH}/stopped`,
      operationId: "noteStopped",
      summary: "The app has been stopped: a snapshot may be restored into the environment",
      middleware: may("administer"),
      request: { params: environmentParams },
      responses: shown,
    }),
    async (context) => {
      const { environmentId } = context.req.valid("param");
      return context.json(await change(context, { action: "stopped", environmentId }), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: `${ENVIRONMENT_PATH}/probe`,
      operationId: "probeEnvironment",
      summary: "Check connection, secret, buckets and keys; what is found appears in the environment",
      middleware: may("administer"),
      request: { params: environmentParams },
      responses: shown,
    }),
    async (context) => {
      const { environmentId } = context.req.valid("param");
      return context.json(await change(context, { action: "probe", environmentId }), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: `${ENVIRONMENT_PATH}/calendar`,
      operationId: "getCalendar",
      summary: "Coming backups with their tiers and expiries, and how long each snapshot lives",
      middleware: may("read"),
      request: { params: environmentParams, query: calendarQuery },
      responses: { 200: json(calendar, "The calendar."), ...failures },
    }),
    async (context) => {
      const environment = context.get("environment");
      const now = clock.now();
      const { days } = context.req.valid("query");
      const snapshots = await visibleSnapshots(collaborators, environment.environmentId);
      const question = { environment, row: rowOf(collaborators), now, days, snapshots };
      return context.json(calendarView(describeCalendar(question), now), 200);
    },
  );
}

/** The deployment writes all rows of the nightly table, its own among them. */
function rowOf({ api, settings }: ApiCollaborators) {
  const row = api.regions.find(({ region }) => region === settings.REGION);
  if (row === undefined) throw new Error(`The nightly table has no row for ${settings.REGION}.`);
  return row;
}
