/**
 * Asking for a restore: what can be refused at once is refused with a sentence and leaves nothing behind; otherwise
 * the restore item is created and its execution started. A crash between the two leaves a queued item that nothing
 * works on and that pins and leases nothing; asking again with the same restore id starts it.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { EnvironmentItem, RestoreItem, SnapshotItem } from "../catalog/items";
import { mayRestoreInto, recoveryOf } from "../rules/restore-regions";
import { isExpired } from "../rules/retention-calendar";
import { addDays } from "../rules/utc-date";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";

export interface RestoreRequest {
  readonly sourceEnvironmentId: string;
  readonly snapshotId: string;
  readonly targetEnvironmentId: string;
  readonly databaseOnly: boolean;
  /** Only examines and plans: touches nothing, takes no lease, and may be asked for while the target is running. */
  readonly planOnly?: boolean;
  /** Codes of the plan's warnings that the user has read and accepts; `*` accepts all. */
  readonly acknowledged: readonly string[];
  /** Goes ahead over warnings that nobody has acknowledged, as published. @default false */
  readonly overWarnings?: boolean;
  readonly requestedBy: string;
  /** For asking again after a lost answer. @default a new random id */
  readonly restoreId?: string;
}
/** How long what became of a restore, or of a plan, can be looked up. */
export const RESTORE_DAYS = 90;
const PLAN_DAYS = 7;

type RequestCollaborators = Pick<Collaborators, "settings" | "catalog" | "workflows" | "clock" | "random">;

/** Returns the restore as it stands: queued, or further on if it was asked for before with the same id. */
export const requestRestore = async (
  collaborators: RequestCollaborators,
  request: RestoreRequest,
  restoreStateMachineArn: string,
): Promise<RestoreItem> => {
  const { catalog, clock, random, workflows } = collaborators;
  const kind = request.planOnly === true ? "plan" : "restore";
  const restoreId = request.restoreId ?? `${kind}-${Buffer.from(random(16)).toString("hex")}`;
  const standing = await catalog.getRestore(restoreId);
  if (standing === undefined) await checkRequest(collaborators, request);
  const restore = standing ?? newRestore(request, restoreId, clock.now());
  if (standing === undefined) await createOnce(collaborators, restore);
  if (restore.state !== "queued" || restore.executionArn !== null) return restore;
  await workflows.start(restoreStateMachineArn, restoreId, { restoreId });
  return restore;
};

const createOnce = async ({ catalog }: RequestCollaborators, restore: RestoreItem): Promise<void> => {
  try {
    await catalog.createRestore(restore);
  } catch (error) {
    // Our own earlier write whose answer was lost, or a twin with the same id: the item stands.
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

const checkRequest = async (
  { catalog, clock, settings }: RequestCollaborators,
  request: RestoreRequest,
): Promise<void> => {
  const source = await environmentOrRefusal(catalog, request.sourceEnvironmentId);
  const target = await environmentOrRefusal(catalog, request.targetEnvironmentId);
  const { snapshotId } = request;
  checkSnapshot(
    await catalog.getSnapshot(source.environmentId, snapshotId),
    source.environmentId,
    snapshotId,
    clock.now(),
  );
  if (source.registration.appId !== target.registration.appId) {
    throw refusal(
      "TargetOfOtherApp",
      `Environment ${target.environmentId} belongs to app ${target.registration.appId}, the snapshot to app ` +
        `${source.registration.appId}: choose a target of the same app.`,
    );
  }
  const [snapshotRegion, targetRegion] = [source.registration.region, target.registration.region];
  if (!mayRestoreInto(recoveryOf(settings), { snapshotRegion, targetRegion })) {
    throw refusal(
      "TargetInOtherRegion",
      `Environment ${target.environmentId} is in ${targetRegion}, the snapshot in ${snapshotRegion}: ` +
        (settings.RECOVERED_REGION === undefined
          ? "a restore stays within its region, so choose a target there."
          : `a recovery restores into ${settings.REGION}, so register a target there first.`),
    );
  }
};

const environmentOrRefusal = async (
  catalog: Collaborators["catalog"],
  environmentId: string,
): Promise<EnvironmentItem> => {
  const environment = await catalog.getEnvironment(environmentId);
  if (environment !== undefined) return environment;
  throw refusal(
    "EnvironmentNotFound",
    `There is no environment ${environmentId} in this region: check its id, or register it first.`,
  );
};

/** Throws one sentence unless the snapshot is offered at `now` (rule 3, I4). */
export const checkSnapshot: (
  snapshot: SnapshotItem | undefined,
  environmentId: string,
  snapshotId: string,
  now: Date,
) => asserts snapshot is SnapshotItem & { readonly manifest: NonNullable<SnapshotItem["manifest"]> } = (
  snapshot,
  environmentId,
  snapshotId,
  now,
) => {
  const name = `Snapshot ${snapshotId} of environment ${environmentId}`;
  if (snapshot === undefined) {
    throw refusal("SnapshotNotFound", `${name} does not exist: choose one from the environment's list.`);
  }
  if (snapshot.state === "failed") {
    const reason = snapshot.statusMessage.replace(/\.$/, "");
    throw refusal("SnapshotFailed", `${name} failed (${reason}): choose a completed one.`);
  }
  if (snapshot.deleting) throw refusal("SnapshotDeleted", `${name} is being deleted: choose another one.`);
  if (isExpired(snapshot.expiresAt, now)) {
    throw refusal("SnapshotExpired", `${name} expired at ${snapshot.expiresAt}: choose a later one.`);
  }
  if (snapshot.state !== "completed" || snapshot.manifest === null) {
    throw refusal("SnapshotNotCompleted", `${name} is still ${snapshot.state}: try again once it is completed.`);
  }
};

const refusal = (code: string, message: string): ServiceFailure => new ServiceFailure(code, message, false);

const newRestore = (request: RestoreRequest, restoreId: string, now: Date): RestoreItem => ({
  ...(request.planOnly === true ? { planOnly: true } : {}),
  restoreId,
  sourceEnvironmentId: request.sourceEnvironmentId,
  snapshotId: request.snapshotId,
  targetEnvironmentId: request.targetEnvironmentId,
  databaseOnly: request.databaseOnly,
  acknowledged: request.acknowledged,
  ...(request.overWarnings === true ? { overWarnings: true } : {}),
  requestedBy: request.requestedBy,
  state: "queued",
  phase: "queued",
  statusMessage: "",
  createdAt: isoSeconds(now),
  updatedAt: isoSeconds(now),
  keptUntil: isoSeconds(addDays(now, request.planOnly === true ? PLAN_DAYS : RESTORE_DAYS)),
  finishedAt: null,
  executionArn: null,
  leaseToken: null,
  preflight: null,
  plan: null,
  files: { part: 0, after: null, batches: 0, put: 0, kept: 0, done: false },
  database: null,
  removal: null,
  failure: null,
});
