/** Listing, creating, commenting and deleting snapshots. */
import { createRoute } from "@hono/zod-openapi";
import { ConditionFailed } from "../../catalog/catalog-table";
import { requestDeletion } from "../../deletion/request-deletion";
import { requestKeep } from "../../keep/request-keep";
import { wholeSecond } from "../../rules/utc-date";
import { changeComment } from "../../snapshot/change-comment";
import type { AccessChecks } from "../access-checks";
import { ApiError } from "../api-error";
import type { Api, ApiCollaborators, ApiContext } from "../api-context";
import { askForSnapshot } from "../ask-for-snapshot";
import {
  body,
  ENVIRONMENT_PATH,
  environmentParams,
  failures,
  idempotencyHeader,
  json,
  paging,
  security,
  snapshotParams,
} from "../schemas/common";
import { keepUntil, newSnapshot, snapshot, snapshotChange, snapshotPage } from "../schemas/snapshots";
import { newestFirst, snapshotView } from "../views/snapshot";
import { pageOf } from "../views/values";
import { lastOf, noSnapshot, visibleSnapshot, visibleSnapshots } from "../visible-snapshots";

const LIST = `${ENVIRONMENT_PATH}/snapshots` as const;
const ONE = `${LIST}/{snapshotId}` as const;

export function addSnapshotRoutes(api: Api, { environment: may }: AccessChecks, collaborators: ApiCollaborators): void {
  const common = { tags: ["Snapshots"], security };
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: LIST,
      operationId: "listSnapshots",
      summary: "List an environment's snapshots, newest first",
      middleware: may("read"),
      request: { params: environmentParams, query: paging },
      responses: { 200: json(snapshotPage, "One page; beyond the end it is empty."), ...failures },
    }),
    async (context) => {
      const { environmentId } = context.get("environment");
      const found = (
        await visibleSnapshots(collaborators, environmentId).catch(listingFailed(collaborators, context))
      ).toSorted(newestFirst);
      const last = lastOf(found, collaborators.clock.now());
      const { items, ...page } = pageOf(found, context.req.valid("query"));
      return context.json({ snapshots: items.map((item) => snapshotView(item, last)), ...page }, 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: LIST,
      operationId: "createSnapshot",
      summary: "Create a snapshot; it is queued while the environment is busy",
      middleware: may("backup"),
      request: { params: environmentParams, headers: idempotencyHeader, body: body(newSnapshot) },
      responses: { 200: json(snapshot, "The snapshot, queued."), ...failures },
    }),
    async (context) => {
      const key = context.req.valid("header")["idempotency-key"];
      const created = await askForSnapshot(collaborators, context.get("environment"), {
        comment: context.req.valid("json").comment,
        createdBy: context.get("caller").name,
        ...(key === undefined ? {} : { idempotencyKey: key }),
      });
      return context.json(snapshotView(created), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: ONE,
      operationId: "getSnapshot",
      summary: "Show one snapshot",
      middleware: may("read"),
      request: { params: snapshotParams },
      responses: { 200: json(snapshot, "The snapshot."), ...failures },
    }),
    async (context) => {
      const { environmentId, snapshotId } = context.req.valid("param");
      const found = await visibleSnapshot(collaborators, environmentId, snapshotId);
      const others = await visibleSnapshots(collaborators, environmentId);
      return context.json(snapshotView(found, lastOf(others, collaborators.clock.now())), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "put",
      path: ONE,
      operationId: "changeSnapshot",
      summary: "Change a snapshot's comment; `updated_at` stays",
      middleware: may("backup"),
      request: { params: snapshotParams, body: body(snapshotChange) },
      responses: { 200: json(snapshot, "The snapshot with its new comment."), ...failures },
    }),
    async (context) => {
      const { environmentId, snapshotId } = context.req.valid("param");
      const standing = await visibleSnapshot(collaborators, environmentId, snapshotId);
      const change = { comment: context.req.valid("json").comment, by: context.get("caller").name };
      try {
        const changed = await changeComment(collaborators, context.get("environment"), standing, change);
        return context.json(snapshotView(changed), 200);
      } catch (error) {
        if (error instanceof ConditionFailed) throw noSnapshot(environmentId, snapshotId);
        throw error;
      }
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "put",
      path: `${ONE}/keep-until`,
      operationId: "keepSnapshot",
      summary: "Keep a snapshot longer; `expires_at` moves once all of it is locked. This can't be taken back",
      middleware: may("administer"),
      request: { params: snapshotParams, body: body(keepUntil) },
      responses: { 200: json(snapshot, "The snapshot, still with its present expiry."), ...failures },
    }),
    async (context) => {
      const { environmentId, snapshotId } = context.req.valid("param");
      const standing = await visibleSnapshot(collaborators, environmentId, snapshotId);
      const until = wholeSecond(new Date(context.req.valid("json").until));
      await requestKeep(collaborators, context.get("environment"), standing, { until, by: context.get("caller").name });
      return context.json(snapshotView(standing), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "delete",
      path: ONE,
      operationId: "deleteSnapshot",
      summary: "Delete a snapshot before its expiry, in both regions; this can't be undone",
      middleware: may("administer"),
      request: { params: snapshotParams },
      responses: { 204: { description: "It is gone for every user; its data goes next." }, ...failures },
    }),
    async (context) => {
      const { environmentId, snapshotId } = context.req.valid("param");
      const standing = await visibleSnapshot(collaborators, environmentId, snapshotId);
      await requestDeletion(collaborators, context.get("environment"), standing, context.get("caller").name);
      return context.body(null, 204);
    },
  );
}

/** The published code of a list that can't be read; the log has the reason. */
const listingFailed =
  ({ log }: ApiCollaborators, { env }: ApiContext) =>
  (error: unknown): never => {
    log.error("Snapshots could not be listed.", { requestId: env.requestId, error });
    throw new ApiError(
      "SNAPSHOT_LISTING_FAILED",
      "The snapshots can't be listed just now; try again in a few minutes.",
      { cause: error },
    );
  };
