/**
 * Asking for a restore, or for its plan, into the environment of the path. The source may be any snapshot of the same
 * app; what can be refused at once is refused, before anything is audited or changed.
 */
import { recordAudit } from "../audit/record-audit";
import { allPages } from "../catalog/catalog";
import type { EnvironmentItem, RestoreItem, SnapshotItem } from "../catalog/items";
import { checkSnapshot, requestRestore } from "../restore/request";
import { isVisible } from "../retention/offered";
import { ApiError } from "./api-error";
import type { ApiCollaborators } from "./api-context";
import { requestHash } from "./idempotency";

export interface RestoreWish {
  readonly snapshotId: string;
  readonly databaseOnly: boolean;
  readonly planOnly: boolean;
  readonly acknowledged: readonly string[];
  readonly requestedBy: string;
  readonly idempotencyKey: string | undefined;
}

export async function askForRestore(
  collaborators: ApiCollaborators,
  target: EnvironmentItem,
  wish: RestoreWish,
): Promise<RestoreItem> {
  const { catalog, clock, random, settings } = collaborators;
  const { snapshotId, databaseOnly, planOnly, acknowledged, requestedBy, idempotencyKey } = wish;
  const kind = planOnly ? "plan" : "restore";
  const { environmentId } = target;
  const hash =
    idempotencyKey === undefined
      ? Buffer.from(random(16)).toString("hex")
      : requestHash(kind, environmentId, idempotencyKey);
  const restoreId = `${kind}-${hash}`;
  const standing = idempotencyKey === undefined ? undefined : await catalog.getRestore(restoreId);
  if (standing !== undefined) requireSame(standing, wish);
  const source = standing?.sourceEnvironmentId ?? (await sourceOf(collaborators, target, snapshotId)).environmentId;
  if (standing === undefined) {
    checkSnapshot(await catalog.getSnapshot(source, snapshotId), source, snapshotId, clock.now());
    if (!planOnly) requireReady(target);
    await recordAudit(collaborators, target, {
      action: `${kind}.create`,
      by: requestedBy,
      details: { restoreId, snapshotId, sourceEnvironmentId: source, databaseOnly, acknowledged },
    });
  }
  const request = {
    sourceEnvironmentId: source,
    targetEnvironmentId: environmentId,
    restoreId,
    snapshotId,
    databaseOnly,
    acknowledged,
    requestedBy,
    ...(planOnly ? { planOnly } : {}),
  };
  return requestRestore(collaborators, request, settings.RESTORE_STATE_MACHINE_ARN);
}

/** The published API's conditions; everything else is the plan's to say. */
function requireReady({ environmentId, running, firstStartedAt }: EnvironmentItem): void {
  if (running) {
    throw new ApiError("INVALID_STATE", `The app of environment ${environmentId} is running: stop it, then restore.`);
  }
  if (firstStartedAt === null) {
    throw new ApiError(
      "INVALID_STATE",
      `No app has been deployed to environment ${environmentId} yet: deploy and start it once, stop it, then restore.`,
    );
  }
}

/** The target itself first: most restores go back where they came from. */
async function sourceOf(
  { catalog, clock }: ApiCollaborators,
  target: EnvironmentItem,
  snapshotId: string,
): Promise<SnapshotItem> {
  const visibleIn = async (environmentId: string): Promise<SnapshotItem | undefined> => {
    const found = await catalog.getSnapshot(environmentId, snapshotId);
    return found !== undefined && isVisible(found, clock.now()) ? found : undefined;
  };
  const own = await visibleIn(target.environmentId);
  if (own !== undefined) return own;
  for await (const { environmentId, registration } of allPages((cursor) => catalog.listEnvironments(cursor))) {
    if (registration.appId !== target.registration.appId || environmentId === target.environmentId) continue;
    const found = await visibleIn(environmentId);
    if (found !== undefined) return found;
  }
  throw new ApiError(
    "NOT_FOUND",
    `No environment of app ${target.registration.appId} has a snapshot ${snapshotId}; it may have expired or been deleted: choose one from a list.`,
  );
}

function requireSame(standing: RestoreItem, { snapshotId, databaseOnly }: RestoreWish): void {
  if (standing.snapshotId === snapshotId && standing.databaseOnly === databaseOnly) return;
  throw new ApiError(
    "INVALID_PARAMETERS",
    `"idempotency-key" was used before, for snapshot ${standing.snapshotId}; send a new one.`,
  );
}
