/** Restore drills of an environment: how they went, and one on demand. */
import { createRoute } from "@hono/zod-openapi";
import { recordAudit } from "../../audit/record-audit";
import { describeDrills } from "../../drill/describe-drills";
import { publicDrillOf } from "../../drill/public-drill";
import { requestDrill } from "../../drill/request-drill";
import type { AccessChecks } from "../access-checks";
import type { Api, ApiCollaborators } from "../api-context";
import { body, ENVIRONMENT_PATH, environmentParams, failures, json, security } from "../schemas/common";
import { drill, drillList, newDrillBody } from "../schemas/drills";
import { drillView } from "../views/drill";

const DRILLS = `${ENVIRONMENT_PATH}/drills` as const;

export function addDrillRoutes(api: Api, { environment: may }: AccessChecks, collaborators: ApiCollaborators): void {
  const common = { tags: ["Drills"], security };
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: DRILLS,
      operationId: "listDrills",
      summary: "List the environment's last restore drills, newest first",
      middleware: may("read"),
      request: { params: environmentParams },
      responses: { 200: json(drillList, "At most 20."), ...failures },
    }),
    async (context) => {
      const { drills, message } = await describeDrills(collaborators, context.req.valid("param").environmentId);
      return context.json({ drills: drills.map(drillView), message }, 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: DRILLS,
      operationId: "runDrill",
      summary: "Restore a snapshot at the region's drill target now, verify it in full, and remove it",
      middleware: may("administer"),
      request: { params: environmentParams, body: body(newDrillBody) },
      responses: { 200: json(drill, "The drill, queued while another one is running in the region."), ...failures },
    }),
    async (context) => {
      const environment = context.get("environment");
      const { environmentId } = environment;
      const by = context.get("caller").name;
      const snapshotId = context.req.valid("json").snapshot_id ?? null;
      const asked = await requestDrill(collaborators, { environmentId, snapshotId, requestedBy: by }, () =>
        recordAudit(collaborators, environment, { action: "drill.run", by, details: { snapshotId } }),
      );
      return context.json(drillView(publicDrillOf(asked)), 200);
    },
  );
}
