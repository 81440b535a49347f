/** What users see of catalog items: no leases, no places, no facts of the server. Pure. */
import type { RestoreItem, SnapshotItem } from "../catalog/items";
import { isOffered } from "../retention/offered";
import { fileCounts } from "../restore/file-counts";
import { notesOf } from "../restore/restore-notes";
import { shownComment } from "../snapshot/published-words";
import { shownWarnings } from "../snapshot/shown-warnings";
import type { PublicRestore, PublicSnapshot } from "./contract";

export const publicRestoreOf = ({ plan, files, database, ...restore }: RestoreItem): PublicRestore => ({
  restoreId: restore.restoreId,
  sourceEnvironmentId: restore.sourceEnvironmentId,
  snapshotId: restore.snapshotId,
  targetEnvironmentId: restore.targetEnvironmentId,
  databaseOnly: restore.databaseOnly,
  acknowledged: [...restore.acknowledged],
  requestedBy: restore.requestedBy,
  state: restore.state,
  phase: restore.phase,
  statusMessage: restore.statusMessage,
  createdAt: restore.createdAt,
  updatedAt: restore.updatedAt,
  finishedAt: restore.finishedAt,
  plan:
    plan === null
      ? null
      : { filesToReplace: 0, bytesToReplace: 0, ...plan, refusals: [...plan.refusals], warnings: [...plan.warnings] },
  files: fileCounts(files, database),
  notes: [...notesOf({ database })],
});

export const publicSnapshotOf = (snapshot: SnapshotItem, now: Date): PublicSnapshot => ({
  snapshotId: snapshot.snapshotId,
  state: snapshot.state,
  offered: isOffered(snapshot, now),
  tier: snapshot.tier,
  createdAt: snapshot.createdAt,
  expiresAt: snapshot.expiresAt,
  dumpSize: snapshot.dumpSize,
  filesSize: snapshot.filesSize,
  fileCount: snapshot.fileCount,
  missingCount: snapshot.missingCount,
  replicatedAt: snapshot.replicatedAt,
  comment: shownComment(snapshot),
  statusMessage: snapshot.statusMessage,
  warnings: [...shownWarnings(snapshot)],
  createdBy: snapshot.createdBy,
});
