/** Uploads: begin, look how far they are, addresses for the parts, complete, give up. The bytes go to storage directly. */
import { createRoute } from "@hono/zod-openapi";
import { recordAudit } from "../../audit/record-audit";
import { requestedSnapshotId } from "../../backup/snapshot-ids";
import { allPages } from "../../catalog/catalog";
import type { UploadItem } from "../../catalog/items";
import { abortUpload } from "../../upload/abort-upload";
import { completeUpload } from "../../upload/complete-upload";
import { createUpload } from "../../upload/create-upload";
import { currentUpload } from "../../upload/current-upload";
import { partUrls, uploadedParts } from "../../upload/parts";
import type { AccessChecks } from "../access-checks";
import { ApiError } from "../api-error";
import type { Api, ApiCollaborators } from "../api-context";
import { requireSameWish } from "../idempotency";
import {
  body,
  ENVIRONMENT_PATH,
  environmentParams,
  failures,
  idempotencyHeader,
  json,
  security,
  uploadParams,
} from "../schemas/common";
import { newUpload, partAddresses, upload, uploadList, uploadWithParts, wantedParts } from "../schemas/uploads";
import { uploadView } from "../views/upload";

const LIST = `${ENVIRONMENT_PATH}/uploads` as const;
const ONE = `${LIST}/{uploadId}` as const;

export function addUploadRoutes(api: Api, { environment: may }: AccessChecks, collaborators: ApiCollaborators): void {
  const { catalog, clock } = collaborators;
  const common = { tags: ["Uploads"], security };
  const uploadOf = async ({ environmentId, uploadId }: { environmentId: string; uploadId: string }) => {
    const found = await catalog.getUpload(uploadId);
    if (found?.environmentId === environmentId) return found;
    throw new ApiError(
      "NOT_FOUND",
      `Environment ${environmentId} has no upload ${uploadId}; uploads are kept for a day, so begin a new one.`,
    );
  };
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: LIST,
      operationId: "createUpload",
      summary: "Begin an upload of a full snapshot or a database dump",
      middleware: may("backup"),
      request: { params: environmentParams, headers: idempotencyHeader, body: body(newUpload) },
      responses: { 200: json(upload, "The upload, open for its parts."), ...failures },
    }),
    async (context) => {
      const environment = context.get("environment");
      const { environmentId } = environment;
      const { file_name: fileName, size, comment } = context.req.valid("json");
      const { name: createdBy } = context.get("caller");
      const key = context.req.valid("header")["idempotency-key"];
      // An upload's id becomes its snapshot's, and must not be that of a snapshot made with the same key.
      const uploadId = key === undefined ? undefined : requestedSnapshotId(`${environmentId}/uploads`, key);
      const requireSame = (standing: UploadItem | undefined): void =>
        requireSameWish(
          standing === undefined ||
            (standing.fileName === fileName && standing.size === size && standing.comment === comment),
          `upload ${uploadId ?? ""}`,
        );
      if (uploadId !== undefined) requireSame(await catalog.getUpload(uploadId));
      const item = await createUpload(
        collaborators,
        { environmentId, fileName, size, comment, createdBy, ...(uploadId === undefined ? {} : { uploadId }) },
        () =>
          recordAudit(collaborators, environment, {
            action: "upload.create",
            by: createdBy,
            details: { fileName, size, comment },
          }),
      );
      requireSame(item);
      return context.json(uploadView(item), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: LIST,
      operationId: "listUploads",
      summary: "List the uploads of the last day, newest first",
      middleware: may("read"),
      request: { params: environmentParams },
      responses: { 200: json(uploadList, "All of them."), ...failures },
    }),
    async (context) => {
      const { environmentId } = context.req.valid("param");
      const found: UploadItem[] = [];
      // Nothing in the transfer bucket lives longer than a day, so all uploads of the region are few.
      for await (const item of allPages((cursor) => catalog.listUploads(clock.now(), cursor))) {
        if (item.environmentId === environmentId) found.push(await currentUpload(collaborators, item));
      }
      const uploads = found.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)).map(uploadView);
      return context.json({ uploads }, 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "get",
      path: ONE,
      operationId: "getUpload",
      summary: "Show an upload, with the parts that have arrived: resuming one sends the others",
      middleware: may("read"),
      request: { params: uploadParams },
      responses: { 200: json(uploadWithParts, "The upload."), ...failures },
    }),
    async (context) => {
      const item = await uploadOf(context.req.valid("param"));
      const arrived = item.state === "open" ? await uploadedParts(collaborators, item) : [];
      const parts = arrived.map(({ partNumber, size }) => ({ part_number: partNumber, size }));
      return context.json({ ...uploadView(await currentUpload(collaborators, item)), parts }, 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: `${ONE}/parts`,
      operationId: "getPartAddresses",
      summary: "Addresses to put parts to, at most 100 at a time, each valid for an hour",
      middleware: may("backup"),
      request: { params: uploadParams, body: body(wantedParts) },
      responses: { 200: json(partAddresses, "The addresses."), ...failures },
    }),
    async (context) => {
      const item = await uploadOf(context.req.valid("param"));
      const found = await partUrls(collaborators, item, context.req.valid("json").part_numbers);
      return context.json({ parts: found.map(({ partNumber, url }) => ({ part_number: partNumber, url })) }, 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "post",
      path: `${ONE}/complete`,
      operationId: "completeUpload",
      summary: "All parts have arrived: make a snapshot of them",
      middleware: may("backup"),
      request: { params: uploadParams },
      responses: { 200: json(upload, "The upload, queued as a snapshot."), ...failures },
    }),
    async (context) => {
      const item = await uploadOf(context.req.valid("param"));
      const { uploadId } = item;
      const completed = await completeUpload(collaborators, item, () =>
        recordAudit(collaborators, context.get("environment"), {
          action: "upload.complete",
          by: context.get("caller").name,
          details: { uploadId },
        }),
      );
      return context.json(uploadView(await currentUpload(collaborators, completed)), 200);
    },
  );
  api.openapi(
    createRoute({
      ...common,
      method: "delete",
      path: ONE,
      operationId: "abortUpload",
      summary: "Give an open upload up",
      middleware: may("backup"),
      request: { params: uploadParams },
      responses: { 204: { description: "It and its parts are gone." }, ...failures },
    }),
    async (context) => {
      const item = await uploadOf(context.req.valid("param"));
      const { uploadId } = item;
      await recordAudit(collaborators, context.get("environment"), {
        action: "upload.abort",
        by: context.get("caller").name,
        details: { uploadId },
      });
      await abortUpload(collaborators, item);
      return context.body(null, 204);
    },
  );
}
