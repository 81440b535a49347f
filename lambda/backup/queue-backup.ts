/**
 * Queues a backup: the snapshot's item, then its execution by name. Safe to repeat. A failure between the two leaves
 * a queued item, and repeating the call starts its execution.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { EnvironmentItem, SnapshotItem } from "../catalog/items";
import { expiryOf } from "../rules/retention-calendar";
import type { Collaborators } from "../runtime/collaborators";
import { backupExecutionName, type BackupExecutionInput, type BackupRequest } from "./contract";

/** True when this call started the execution; false when it had been started before. */
export async function queueBackup(
  request: BackupRequest,
  environment: Pick<EnvironmentItem, "modelVersion">,
  { catalog, workflows, settings, clock }: Pick<Collaborators, "catalog" | "workflows" | "settings" | "clock">,
): Promise<boolean> {
  try {
    await catalog.createSnapshot(queuedSnapshot(request, environment.modelVersion, clock.now()));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const standing = await catalog.getSnapshot(request.environmentId, request.snapshotId);
    if (standing?.state !== "queued" || standing.attempt !== request.attempt) return false;
  }
  const { started } = await startBackup(request, { workflows, settings });
  return started;
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
    replicatedAt: null,
    replicationMessage: "",
    dumpSize: null,
    filesSize: null,
    fileCount: null,
    missingCount: null,
    manifest: null,
    deleting: false,
  };
}
