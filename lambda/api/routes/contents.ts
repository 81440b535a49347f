/** What a snapshot holds: its files, page by page. Names of files are data, so it takes the role that downloads take. */
import { createRoute } from "@hono/zod-openapi";
import { recordAudit } from "../../audit/record-audit";
import { listFiles } from "../../contents/list-files";
import { checkSnapshot } from "../../restore/request";
import { openSnapshot } from "../../restore/open-snapshot";
import type { AccessChecks } from "../access-checks";
import type { Api, ApiCollaborators } from "../api-context";
import { ENVIRONMENT_PATH, failures, json, security, snapshotParams } from "../schemas/common";
import { fileQuery, snapshotFilePage } from "../schemas/contents";
import { fileView } from "../views/file";
import { visibleSnapshot } from "../visible-snapshots";

export function addContentRoutes(api: Api, { environment: may }: AccessChecks, collaborators: ApiCollaborators): void {
  api.openapi(
    createRoute({
      tags: ["Contents"],
      security,
      method: "get",
      path: `${ENVIRONMENT_PATH}/snapshots/{snapshotId}/files`,
      operationId: "listFiles",
      summary: "List a snapshot's files in key order, by what their keys begin with",
      middleware: may("restore"),
      request: { params: snapshotParams, query: fileQuery },
      responses: { 200: json(snapshotFilePage, "One page; beyond the end it is empty."), ...failures },
    }),
    async (context) => {
      const { environmentId, snapshotId } = context.req.valid("param");
      const { prefix, after = null, limit } = context.req.valid("query");
      const snapshot = await visibleSnapshot(collaborators, environmentId, snapshotId);
      checkSnapshot(snapshot, environmentId, snapshotId, collaborators.clock.now());
      await recordAudit(collaborators, context.get("environment"), {
        action: "snapshot.files",
        by: context.get("caller").name,
        details: { snapshotId, prefix, after, limit },
      });
      const place = { sourceEnvironmentId: environmentId, snapshotId };
      const { lines, next } = await listFiles(await openSnapshot(collaborators, place), { prefix, after, limit });
      return context.json({ files: lines.map(fileView), next, limit }, 200);
    },
  );
}
