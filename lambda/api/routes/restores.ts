/** Restores into the environment of the path, and plans of them, which touch nothing. */
import { createRoute } from "@hono/zod-openapi";
import type { RestoreItem } from "../../catalog/items";
import type { AccessChecks } from "../access-checks";
import { ApiError } from "../api-error";
import type { Api, ApiCollaborators } from "../api-context";
import { askForRestore } from "../restore-wish";
import {
  ENVIRONMENT_PATH,
  environmentParams,
  failures,
  idempotencyHeader,
  json,
  planParams,
  restoreParams,
  security,
} from "../schemas/common";
import { planQuery, restore, type RestoreView, restoreList, restorePlan, restoreQuery } from "../schemas/restores";
import { restorePlanView, restoreView } from "../views/restore";

const RESTORES = `${ENVIRONMENT_PATH}/restores` as const;
const PLANS = `${ENVIRONMENT_PATH}/restore-plans` as const;

export function addRestoreRoutes(api: Api, { environment: may }: AccessChecks, collaborators: ApiCollaborators): void {
  const { catalog, clock } = collaborators;
  const common = { tags: ["Restores"], security };
  const found = async (environmentId: string, restoreId: string, planOnly: boolean): Promise<RestoreItem> => {
    const item = await catalog.getRestore(restoreId);
    if (item?.targetEnvironmentId === environmentId && (item.planOnly ?? false) === planOnly) return item;
    const what = planOnly ? "plan of a restore" : "restore";
    throw new ApiError("NOT_FOUND", `Environment ${environmentId} has no ${what} ${restoreId}; check its id.`);
  };
  const shown = (item: RestoreItem): RestoreView => restoreView(item, clock.now());
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: RESTORES,
      operationId: "createRestore",
      summary: "Restore a snapshot into this environment, which must be stopped",
      middleware: may("restore"),
      request: { params: environmentParams, query: restoreQuery, headers: idempotencyHeader },
      responses: { 200: json(restore, "The restore, queued."), ...failures },
    }),
    async (context) => {
      const { source_snapshot_id: snapshotId, db_only: databaseOnly, acknowledge } = context.req.valid("query");
      const item = await askForRestore(collaborators, context.get("environment"), {
        snapshotId,
        databaseOnly,
        planOnly: false,
        acknowledged: acknowledge,
        requestedBy: context.get("caller").name,
        idempotencyKey: context.req.valid("header")["idempotency-key"],
      });
      return context.json(shown(item), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: RESTORES,
      operationId: "listRestores",
      summary: "List the environment's most recent restores, newest first",
      middleware: may("read"),
      request: { params: environmentParams },
      responses: { 200: json(restoreList, "At most 25."), ...failures },
    }),
    async (context) => {
      const { items } = await catalog.listRestores(context.req.valid("param").environmentId);
      return context.json({ restores: items.map(shown) }, 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: `${RESTORES}/{restoreId}`,
      operationId: "getRestore",
      summary: "Show a restore's progress and result",
      middleware: may("read"),
      request: { params: restoreParams },
      responses: { 200: json(restore, "The restore."), ...failures },
    }),
    async (context) => {
      const { environmentId, restoreId } = context.req.valid("param");
      return context.json(shown(await found(environmentId, restoreId, false)), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: PLANS,
      operationId: "createRestorePlan",
      summary: "Plan a restore into this environment: nothing is touched, and it may be running",
      middleware: may("restore"),
      request: { params: environmentParams, query: planQuery, headers: idempotencyHeader },
      responses: { 200: json(restorePlan, "The plan, queued."), ...failures },
    }),
    async (context) => {
      const { source_snapshot_id: snapshotId, db_only: databaseOnly } = context.req.valid("query");
      const item = await askForRestore(collaborators, context.get("environment"), {
        snapshotId,
        databaseOnly,
        planOnly: true,
        acknowledged: undefined,
        requestedBy: context.get("caller").name,
        idempotencyKey: context.req.valid("header")["idempotency-key"],
      });
      return context.json(restorePlanView(item), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: `${PLANS}/{planId}`,
      operationId: "getRestorePlan",
      summary: "Show a plan of a restore",
      middleware: may("read"),
      request: { params: planParams },
      responses: { 200: json(restorePlan, "The plan."), ...failures },
    }),
    async (context) => {
      const { environmentId, planId } = context.req.valid("param");
      return context.json(restorePlanView(await found(environmentId, planId, true)), 200);
    },
  );
}
