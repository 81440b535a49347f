/**
 * Queues a backup: the snapshot's item, then its execution by name. Safe to repeat. A failure between the two leaves
 * a queued item, and repeating the call starts its execution.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { EnvironmentItem, SnapshotItem } from "../catalog/items";
import { expiryOf } from "../rules/retention-calendar";
import type { Collaborators } from "../runtime/collaborators";
import { UNSEALED_FACTS } from "../snapshot/sealed-facts";
import { backupExecutionName, type BackupExecutionInput, type BackupRequest } from "./contract";

/** True when this call started the execution; false when it had been started before. */
export async function queueBackup(
  request: BackupRequest,
  environment: Pick<EnvironmentItem, "modelVersion">,
  collaborators: Pick<Collaborators, "catalog" | "workflows" | "settings" | "clock">,
): Promise<boolean> {
  if (!(await queueSnapshot(request, environment, collaborators))) return false;
  const { started } = await startBackup(request, collaborators);
  return started;
}

/** The item alone. False when the snapshot is past that already. */
export async function queueSnapshot(
  request: BackupRequest,
  { modelVersion }: Pick<EnvironmentItem, "modelVersion">,
  { catalog, clock }: Pick<Collaborators, "catalog" | "clock">,
): Promise<boolean> {
  try {
    await catalog.createSnapshot(queuedSnapshot(request, modelVersion, clock.now()));
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const standing = await catalog.getSnapshot(request.environmentId, request.snapshotId);
    return standing?.state === "queued" && standing.attempt === request.attempt;
  }
}

/** Starts the execution of a snapshot that is queued already: the next attempt of a night. */
export const startBackup = (
  request: BackupRequest,
  { workflows, settings }: Pick<Collaborators, "workflows" | "settings">,
): Promise<{ readonly started: boolean }> =>
  workflows.start(settings.BACKUP_STATE_MACHINE_ARN, backupExecutionName(request), {
    request,
  } satisfies BackupExecutionInput);

function queuedSnapshot(request: BackupRequest, modelVersion: string, now: Date): SnapshotItem {
  return {
    snapshotId: request.snapshotId,
    environmentId: request.environmentId,
    tier: request.tier,
    night: request.night,
    state: "queued",
    statusMessage: "",
    attempt: request.attempt,
    attemptId: null,
    createdBy: request.createdBy,
    comment: request.comment,
    modelVersion,
    // Both are set anew when an attempt begins; until then they only say where the item belongs in a list.
    createdAt: isoSeconds(now),
    expiresAt: isoSeconds(expiryOf(request.tier, now)),
    updatedAt: isoSeconds(now),
    finishedAt: null,
    ...UNSEALED_FACTS,
    deleting: false,
  };
}
