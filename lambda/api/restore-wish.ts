/**
 * Asking for a restore, or for its plan, into the environment of the path. The source may be any snapshot of the same
 * app; what can be refused at once is refused, before anything is audited or changed.
 */
import { isDeepStrictEqual } from "node:util";
import { recordAudit } from "../audit/record-audit";
import { allPages } from "../catalog/catalog";
import type { EnvironmentItem, RestoreItem, SnapshotItem } from "../catalog/items";
import { checkSnapshot, requestRestore } from "../restore/request";
import { isVisible } from "../retention/offered";
import { ServiceFailure } from "../runtime/collaborators";
import { ApiError, type ErrorCode } from "./api-error";
import type { ApiCollaborators } from "./api-context";
import { requestHash, requireSameWish } from "./idempotency";

export interface RestoreWish {
  readonly snapshotId: string;
  readonly databaseOnly: boolean;
  readonly planOnly: boolean;
  /** Codes of warnings; undefined: not a word, so that none holds it. */
  readonly acknowledged: readonly string[] | undefined;
  readonly requestedBy: string;
  readonly idempotencyKey: string | undefined;
}

/** The published codes of what is wrong with the source; elsewhere the same failures have others. */
const PUBLISHED: Readonly<Record<string, ErrorCode>> = {
  SnapshotNotFound: "NOT_FOUND",
  SnapshotDeleted: "NOT_FOUND",
  SnapshotExpired: "NOT_FOUND",
  SnapshotFailed: "ERROR_NOT_ALLOWED",
  SnapshotNotCompleted: "ERROR_NOT_ALLOWED",
};

export const askForRestore = (...asked: Parameters<typeof ask>): Promise<RestoreItem> =>
  ask(...asked).catch((error: unknown) => {
    const code = error instanceof ServiceFailure ? PUBLISHED[error.code] : undefined;
    if (!(error instanceof Error) || code === undefined) throw error;
    throw new ApiError(code, error.message, { status: 400, cause: error });
  });

async function ask(collaborators: ApiCollaborators, target: EnvironmentItem, wish: RestoreWish): Promise<RestoreItem> {
  const { catalog, clock, random, settings } = collaborators;
  const { snapshotId, databaseOnly, planOnly, requestedBy, idempotencyKey } = wish;
  const { acknowledged, overWarnings } = wordOnWarnings(wish);
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
      details: { restoreId, snapshotId, sourceEnvironmentId: source, databaseOnly, acknowledged, overWarnings },
    });
  }
  const request = {
    sourceEnvironmentId: source,
    targetEnvironmentId: environmentId,
    restoreId,
    snapshotId,
    databaseOnly,
    acknowledged,
    overWarnings,
    requestedBy,
    ...(planOnly ? { planOnly } : {}),
  };
  return requestRestore(collaborators, request, settings.RESTORE_STATE_MACHINE_ARN);
}

const wordOnWarnings = ({ acknowledged, planOnly }: Pick<RestoreWish, "acknowledged" | "planOnly">) => ({
  acknowledged: acknowledged ?? [],
  overWarnings: acknowledged === undefined && !planOnly,
});

/** The published API's conditions; everything else is the plan's to say. */
function requireReady({ environmentId, running, firstStartedAt }: EnvironmentItem): void {
  if (running) {
    throw new ApiError(
      "ERROR_NOT_ALLOWED",
      `The app of environment ${environmentId} is running: stop it, then restore.`,
    );
  }
  if (firstStartedAt === null) {
    throw new ApiError(
      "ERROR_NOT_ALLOWED",
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
    { status: 400 },
  );
}

function requireSame(standing: RestoreItem, wish: RestoreWish): void {
  const { acknowledged, overWarnings } = wordOnWarnings(wish);
  requireSameWish(
    standing.snapshotId === wish.snapshotId &&
      standing.databaseOnly === wish.databaseOnly &&
      (standing.overWarnings ?? false) === overWarnings &&
      isDeepStrictEqual(standing.acknowledged.toSorted(), acknowledged.toSorted()),
    `${standing.planOnly === true ? "plan" : "restore"} ${standing.restoreId} of snapshot ${standing.snapshotId}`,
  );
}
