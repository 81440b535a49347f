/** Downloads: what an archive would take, asking for one, and the link to it. */
import { createRoute, type z } from "@hono/zod-openapi";
import { estimateArchive } from "../../archive/estimate";
import { isSameWish, partOf } from "../../archive/archive-wish";
import { archiveUrl, createLink, endOfWays, followLink } from "../../archive/links";
import { requestArchive } from "../../archive/request-archive";
import { recordAudit } from "../../audit/record-audit";
import type { ArchiveDataType, ArchiveItem, ArchiveWish, SnapshotItem } from "../../catalog/items";
import { checkSnapshot } from "../../restore/request";
import { rolesOn } from "../../access/roles";
import { type AccessChecks, requireRole } from "../access-checks";
import { ApiError } from "../api-error";
import { type Api, API_BASE, type ApiCollaborators, type ApiContext } from "../api-context";
import { requestHash, requireSameWish } from "../idempotency";
import { recordLook } from "../record-look";
import { archive, archiveEstimate, archiveQuery, dataType as dataTypes } from "../schemas/archives";
import {
  archiveParams,
  ENVIRONMENT_PATH,
  failures,
  idempotencyHeader,
  json,
  linkParams,
  openFailures,
  security,
  snapshotParams,
} from "../schemas/common";
import { archiveView } from "../views/archive";
import { visibleSnapshot } from "../visible-snapshots";

const LIST = `${ENVIRONMENT_PATH}/snapshots/{snapshotId}/archives` as const;

export function addArchiveRoutes(api: Api, { environment: may }: AccessChecks, collaborators: ApiCollaborators): void {
  const { catalog, clock } = collaborators;
  const common = { tags: ["Archives"], security };
  /** With a link and an address of its own for whoever looks: neither is stored, so none can be shown twice. */
  const viewWithLink = async (context: ApiContext, item: ArchiveItem, snapshot: Pick<SnapshotItem, "expiresAt">) => {
    const linkExpiresAt =
      item.state === "completed" && item.finishedAt !== null ? endOfWays(item.finishedAt, snapshot) : null;
    if (linkExpiresAt === null || clock.now() >= new Date(linkExpiresAt)) return archiveView(item, { linkExpiresAt });
    await recordLook(collaborators, context, item);
    const { token } = await createLink(collaborators, item, context.get("caller").name);
    const address = await archiveUrl(collaborators, item, new Date(linkExpiresAt));
    return archiveView(item, { link: `${context.env.base}${API_BASE}/links/${token}`, linkExpiresAt, address });
  };
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: `${LIST}/estimate`,
      operationId: "estimateArchive",
      summary: "How large a download would be, and how long it would take to prepare",
      middleware: may("read"),
      request: { params: snapshotParams, query: archiveQuery },
      responses: { 200: json(archiveEstimate, "The estimate."), ...failures },
    }),
    async (context) => {
      const { projectId, environmentId, snapshotId } = context.req.valid("param");
      const wish = wishOf(context.req.valid("query"));
      // Whether there is such a file, and how large, is the list's to tell, and to those who may have it.
      if (wish.dataType === "one_file") requireRole(rolesOn(context.get("caller"), projectId), "restore", projectId);
      const snapshot = await visibleSnapshot(collaborators, environmentId, snapshotId);
      checkSnapshot(snapshot, environmentId, snapshotId, clock.now());
      const { bytes, seconds } = await estimateArchive(collaborators, snapshot, wish);
      return context.json({ data_type: wish.dataType, size: bytes, estimated_seconds: seconds }, 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: LIST,
      operationId: "createArchive",
      summary: "Prepare a download of a snapshot",
      middleware: may("restore"),
      request: { params: snapshotParams, query: archiveQuery, headers: idempotencyHeader },
      responses: { 200: json(archive, "The archive, queued."), ...failures },
    }),
    async (context) => {
      const { environmentId, snapshotId } = context.req.valid("param");
      const wish = wishOf(context.req.valid("query"));
      const { name: requestedBy } = context.get("caller");
      const key = context.req.valid("header")["idempotency-key"];
      const snapshot = await visibleSnapshot(collaborators, environmentId, snapshotId);
      checkSnapshot(snapshot, environmentId, snapshotId, clock.now());
      const archiveId = key === undefined ? undefined : `archive-${requestHash("archive", environmentId, key)}`;
      const standing = archiveId === undefined ? undefined : await catalog.getArchive(archiveId);
      requireSameWish(
        standing === undefined || isSameWish(standing, { snapshotId, ...wish }),
        `archive ${archiveId ?? ""}`,
      );
      const item = await requestArchive(
        collaborators,
        { environmentId, snapshotId, ...wish, requestedBy, ...(archiveId === undefined ? {} : { archiveId }) },
        () =>
          recordAudit(collaborators, context.get("environment"), {
            action: "archive.create",
            by: requestedBy,
            details: { snapshotId, ...wish },
          }),
      );
      return context.json(await viewWithLink(context, item, snapshot), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: `${LIST}/{archiveId}`,
      operationId: "getArchive",
      summary: "Show a download's progress, and once it is completed where it is",
      middleware: may("restore"),
      request: { params: archiveParams },
      responses: { 200: json(archive, "The archive."), ...failures },
    }),
    async (context) => {
      const { environmentId, snapshotId, archiveId } = context.req.valid("param");
      const snapshot = await visibleSnapshot(collaborators, environmentId, snapshotId);
      const found = await catalog.getArchive(archiveId);
      if (found?.environmentId !== environmentId || found.snapshotId !== snapshotId) {
        throw new ApiError(
          "NOT_FOUND",
          `Snapshot ${snapshotId} has no archive ${archiveId}; archives are kept for a day, so prepare a new one.`,
        );
      }
      return context.json(await viewWithLink(context, found, snapshot), 200);
    },
  );
}

const wishOf = ({ data_type: asked, key, table }: z.output<typeof archiveQuery>): ArchiveWish => ({
  dataType: supported(asked),
  ...partOf({ file: key, table }),
});
const supported = (asked: string): ArchiveDataType => {
  const found = dataTypes.options.find((one) => one === asked);
  if (found !== undefined) return found;
  throw new ApiError(
    "UNSUPPORTED",
    `"data_type" says ${JSON.stringify(asked.slice(0, 60))}; it must be one of ${dataTypes.options.join(", ")}.`,
  );
};

/** Rule 3: with its snapshot a link ends. */
/** Whoever has the link may download that one object; nothing is said about links that don't work. */
export function addLinkRoute(api: Api, _checks: AccessChecks, collaborators: ApiCollaborators): void {
  api.openapi(
    createRoute({
      tags: ["Archives"],
      security: [],
      method: "get",
      path: `${API_BASE}/links/{token}`,
      operationId: "followLink",
      summary: "Download an archive by its link, without signing in",
      request: { params: linkParams },
      responses: {
        200: {
          description: "What the redirect leads to: the archive's bytes.",
          content: { "application/octet-stream": { schema: { type: "string" as const, format: "binary" } } },
        },
        302: { description: "The download itself.", headers: { Location: { schema: { type: "string" } } } },
        ...openFailures,
      },
    }),
    async (context) => {
      const method = context.req.method === "HEAD" ? "HEAD" : "GET";
      const url = await followLink(collaborators, context.req.valid("param").token, method);
      if (url === undefined)
        throw new ApiError("NOT_FOUND", "This link doesn't exist or has expired; ask for a new one.");
      return context.redirect(url, 302);
    },
  );
}
