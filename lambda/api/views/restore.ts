/** Restores and their plans as the API shows them: no leases, no places, no facts of the server. Pure. */
import type { RestoreItem } from "../../catalog/items";
import { fileCounts } from "../../restore/file-counts";
import { restoreProgress } from "../../restore/progress";
import { notesOf } from "../../restore/restore-notes";
import { COMPLETED } from "../../snapshot/published-words";
import type { RestorePlanView, RestoreView } from "../schemas/restores";
import { progressOf, timeOf } from "./values";

export const restoreView = (restore: RestoreItem, now: Date): RestoreView => {
  const { files, database } = restore;
  return {
    restore_id: restore.restoreId,
    ...sharedView(restore, COMPLETED.restore),
    progress: restoreProgress(restore, now),
    files: fileCounts(files, database),
    acknowledged: [...restore.acknowledged],
    notes: [...notesOf(restore)],
  };
};

export const restorePlanView = (restore: RestoreItem): RestorePlanView => ({
  plan_id: restore.restoreId,
  ...sharedView(restore),
});

const sharedView = (restore: RestoreItem, words?: string) => ({
  source_snapshot_id: restore.snapshotId,
  source_environment_id: restore.sourceEnvironmentId,
  target_environment_id: restore.targetEnvironmentId,
  db_only: restore.databaseOnly,
  ...progressOf(restore, words),
  phase: restore.phase,
  plan: planView(restore),
  requested_by: restore.requestedBy,
});

const planView = ({ plan }: RestoreItem): RestoreView["plan"] =>
  plan === null
    ? null
    : {
        at: timeOf(plan.at),
        refusals: [...plan.refusals],
        warnings: [...plan.warnings],
        files_to_put: plan.filesToPut,
        bytes_to_put: plan.bytesToPut,
        files_present: plan.filesPresent,
        files_to_remove: plan.filesToRemove ?? null,
        no_old_files: plan.noOldFiles ?? null,
        files_to_replace: plan.filesToReplace ?? 0,
        bytes_to_replace: plan.bytesToReplace ?? 0,
        database_bytes_needed: plan.databaseBytesNeeded ?? null,
        database_bytes_free: plan.databaseBytesFree ?? null,
        estimated_seconds: plan.estimatedSeconds,
      };
