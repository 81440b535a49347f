/**
 * What users ask of backups and restores. Every answer is one sentence and what was asked for. What is refused comes
 * back as `ok: false` and has changed nothing; what failed on the way (catalog, workflows) is thrown and may be
 * repeated: with the same request id it is the same backup or restore.
 */
import { isDeepStrictEqual } from "node:util";
import { requestBackup } from "../backup/request-backup";
import { requestedSnapshotId } from "../backup/snapshot-ids";
import type { RestoreItem } from "../catalog/items";
import { describeDrills } from "../drill/describe-drills";
import { publicDrillOf } from "../drill/public-drill";
import { requestDrill } from "../drill/request-drill";
import { validationSentences } from "../registration/validation-sentences";
import { requestRestore } from "../restore/request";
import { isVisible } from "../retention/offered";
import { brokenText } from "../rules/whole-text";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { isError } from "../runtime/is-error";
import { requestsRequest, type RequestRefused, type RequestsRequest, type RequestsResponse } from "./contract";
import { publicRestoreOf, publicSnapshotOf } from "./public-views";

type RequestsCollaborators = Pick<Collaborators, "catalog" | "workflows" | "settings" | "clock" | "random">;
type Asked<A extends RequestsRequest["action"]> = Omit<Extract<RequestsRequest, { action: A }>, "action">;

export async function handleRequest(event: unknown, collaborators: RequestsCollaborators): Promise<RequestsResponse> {
  const parsed = requestsRequest.safeParse(event);
  if (!parsed.success) return refused(validationSentences(parsed.error, event).join("\n"));
  const broken = brokenText(event);
  if (broken !== undefined) return refused(broken);
  try {
    return await answer(parsed.data, collaborators);
  } catch (error) {
    if (error instanceof ServiceFailure && !error.retryable) return refused(error.message);
    throw error;
  }
}

function answer(request: RequestsRequest, collaborators: RequestsCollaborators): Promise<RequestsResponse> {
  switch (request.action) {
    case "backup":
      return backup(request, collaborators);
    case "restore":
      return restore(request, collaborators);
    case "drills":
      return drills(request, collaborators);
    case "drill":
      return drill(request, collaborators);
    case "restore-status":
      return restoreStatus(request, collaborators);
    default:
      return snapshots(request, collaborators);
  }
}

async function backup(
  { environmentId, comment, createdBy, requestId }: Asked<"backup">,
  collaborators: RequestsCollaborators,
): Promise<RequestsResponse> {
  const { RECOVERED_REGION: recovered, REGION: region } = collaborators.settings;
  if (recovered !== undefined)
    return refused(
      `This is the recovery of ${recovered}: it restores its snapshots into ${region} and makes no new ones; for backups register environment ${environmentId} with the service of ${region}.`,
    );
  const { snapshotId } = await requestBackup(collaborators, {
    environmentId,
    comment,
    createdBy,
    ...(requestId === undefined ? {} : { snapshotId: requestedSnapshotId(environmentId, requestId) }),
  });
  return {
    ok: true,
    message: `A backup of environment ${environmentId} is queued as snapshot ${snapshotId}.`,
    snapshotId,
  };
}

async function restore(asked: Asked<"restore">, collaborators: RequestsCollaborators): Promise<RequestsResponse> {
  const { requestId, ...wish } = asked;
  const restoreId =
    requestId === undefined ? {} : { restoreId: `restore-${requestId.replaceAll("-", "").toLowerCase()}` };
  const standing = await requestRestore(
    collaborators,
    { ...wish, ...restoreId },
    collaborators.settings.RESTORE_STATE_MACHINE_ARN,
  );
  const { targetEnvironmentId, snapshotId } = standing;
  if (!isDeepStrictEqual(wishOf(standing), wishOf(wish))) {
    return refused(
      `The request id ${requestId} was used before, for restore ${standing.restoreId} of snapshot ${snapshotId} into environment ${targetEnvironmentId}; ask for another restore with a new request id.`,
    );
  }
  return {
    ok: true,
    message: `Restore ${standing.restoreId} of snapshot ${snapshotId} into environment ${targetEnvironmentId} is ${standing.state}.`,
    restore: publicRestoreOf(standing),
  };
}

const wishOf = ({
  sourceEnvironmentId,
  snapshotId,
  targetEnvironmentId,
  databaseOnly,
  acknowledged,
}: Omit<Asked<"restore">, "acknowledged"> & Pick<RestoreItem, "acknowledged">) => ({
  sourceEnvironmentId,
  snapshotId,
  targetEnvironmentId,
  databaseOnly,
  acknowledged,
});

async function restoreStatus(
  { restoreId }: Asked<"restore-status">,
  { catalog, settings }: RequestsCollaborators,
): Promise<RequestsResponse> {
  const found = await catalog.getRestore(restoreId);
  if (found === undefined)
    return refused(`There is no restore ${restoreId} in ${settings.REGION}; check its id and region.`);
  return { ok: true, message: `Restore ${restoreId} is ${found.state}.`, restore: publicRestoreOf(found) };
}

async function drills(
  { environmentId }: Asked<"drills">,
  { catalog, settings }: RequestsCollaborators,
): Promise<RequestsResponse> {
  if ((await catalog.getEnvironment(environmentId)) === undefined)
    return refused(`There is no environment ${environmentId} in ${settings.REGION}; check its name and region.`);
  const found = await describeDrills({ catalog }, environmentId);
  const message = `Restore drills of environment ${environmentId}.`;
  return { ok: true, message, drills: [...found.drills], held: found.message };
}

async function drill(asked: Asked<"drill">, collaborators: RequestsCollaborators): Promise<RequestsResponse> {
  const requested = await requestDrill(collaborators, asked);
  const message = `Drill ${requested.drillId} of environment ${asked.environmentId} is ${requested.state}.`;
  return { ok: true, message, drill: publicDrillOf(requested) };
}

/** Rule 3: what has expired or is being deleted is gone, whether or not its data is still there. */
async function snapshots(
  { environmentId, cursor }: Asked<"snapshots">,
  { catalog, settings, clock }: RequestsCollaborators,
): Promise<RequestsResponse> {
  if ((await catalog.getEnvironment(environmentId)) === undefined) {
    return refused(
      `There is no environment ${environmentId} in ${settings.REGION}; register it first, or check its name and region.`,
    );
  }
  let page;
  try {
    page = await catalog.listSnapshots(environmentId, cursor);
  } catch (error) {
    // What the table says of a cursor that it didn't make.
    const isNoCursor = isError(error) && (error.name === "SyntaxError" || error.name === "ValidationException");
    if (cursor === undefined || !isNoCursor) throw error;
    return refused(
      `The cursor is none of the list of environment ${environmentId}'s snapshots; ask for its first page, without a cursor.`,
    );
  }
  const now = clock.now();
  const visible = page.items.filter((snapshot) => isVisible(snapshot, now));
  return {
    ok: true,
    message: `Snapshots of environment ${environmentId}.`,
    snapshots: visible.map((snapshot) => publicSnapshotOf(snapshot, now)),
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  };
}

const refused = (message: string): RequestRefused => ({ ok: false, message });
