/** The older snapshot calls, those of the published Backups API's version 1: list, create, download, restore. */
import { createRoute } from "@hono/zod-openapi";
import type { AccessChecks } from "../access-checks";
import { type Api, type ApiCollaborators, FIRST_API_BASE } from "../api-context";
import { askForSnapshot } from "../ask-for-snapshot";
import { createFirstChecks } from "../first-checks";
import { firstDownloadsOf } from "../first-downloads";
import { askForRestore } from "../restore-wish";
import { body, idempotencyHeader, json, security } from "../schemas/common";
import {
  downloadFailures,
  firstDownloads,
  firstSnapshot,
  firstSnapshotList,
  firstSnapshotParams,
  modeFailures,
  modeParams,
  newFirstSnapshot,
} from "../schemas/look-ups";
import { firstSnapshotView } from "../views/look-ups";
import { newestFirst } from "../views/snapshot";
import { visibleSnapshots } from "../visible-snapshots";

const ENVIRONMENT = `${FIRST_API_BASE}/apps/{appId}/environments/{mode}` as const;
const SNAPSHOTS = `${ENVIRONMENT}/snapshots` as const;

export function addFirstSnapshotRoutes(api: Api, checks: AccessChecks, collaborators: ApiCollaborators): void {
  const may = createFirstChecks(checks, collaborators);
  const common = { tags: ["Older snapshot calls"], security };
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: SNAPSHOTS,
      operationId: "listFirstSnapshots",
      summary: "List an environment's snapshots, newest first, all at once",
      middleware: may.environment("read"),
      request: { params: modeParams },
      responses: { 200: json(firstSnapshotList, "All of them."), ...modeFailures },
    }),
    async (context) => {
      const { environmentId } = context.get("environment");
      const found = await visibleSnapshots(collaborators, environmentId);
      return context.json(found.toSorted(newestFirst).map(firstSnapshotView), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: SNAPSHOTS,
      operationId: "createFirstSnapshot",
      summary: "Create a snapshot; it is queued while the environment is busy",
      middleware: may.environment("backup"),
      request: { params: modeParams, headers: idempotencyHeader, body: body(newFirstSnapshot) },
      responses: { 200: json(firstSnapshot, "The snapshot, queued."), ...modeFailures },
    }),
    async (context) => {
      const { Comment, comment } = context.req.valid("json");
      const key = context.req.valid("header")["idempotency-key"];
      const created = await askForSnapshot(collaborators, context.get("environment"), {
        comment: Comment ?? comment ?? "",
        createdBy: context.get("caller").name,
        ...(key === undefined ? {} : { idempotencyKey: key }),
      });
      return context.json(firstSnapshotView(created), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: `${SNAPSHOTS}/{snapshotId}`,
      operationId: "getFirstDownloads",
      summary: "Prepare a snapshot's downloads, and give their addresses once they are ready",
      middleware: may.environment("restore"),
      request: { params: firstSnapshotParams },
      responses: { 200: json(firstDownloads, "Where to download it, without signing in."), ...downloadFailures },
    }),
    async (context) =>
      context.json(await firstDownloadsOf(collaborators, context, context.req.valid("param").snapshotId), 200),
  );
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: `${ENVIRONMENT}/restore/{snapshotId}`,
      operationId: "createFirstRestore",
      summary: "Restore a snapshot of the app into this environment, which must be stopped",
      middleware: may.environment("restore"),
      request: { params: firstSnapshotParams, headers: idempotencyHeader },
      responses: { 200: json(firstSnapshot, "The snapshot that is being restored."), ...modeFailures },
    }),
    async (context) => {
      const restore = await askForRestore(collaborators, context.get("environment"), {
        snapshotId: context.req.valid("param").snapshotId,
        databaseOnly: false,
        planOnly: false,
        acknowledged: undefined,
        requestedBy: context.get("caller").name,
        idempotencyKey: context.req.valid("header")["idempotency-key"],
      });
      const source = await collaborators.catalog.getSnapshot(restore.sourceEnvironmentId, restore.snapshotId);
      if (source === undefined) throw new Error(`Snapshot ${restore.snapshotId} went away as it was to be restored.`);
      return context.json(firstSnapshotView(source), 200);
    },
  );
}
