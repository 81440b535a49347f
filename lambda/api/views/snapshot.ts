/** A snapshot as the API shows it. Pure. */
import type { SnapshotItem } from "../../catalog/items";
import { type LastSnapshot, warningOf } from "../../rules/last-snapshot";
import type { SnapshotView } from "../schemas/snapshots";
import { COMPLETED, shownComment } from "../../snapshot/published-words";
import { shownWarnings } from "../../snapshot/shown-warnings";
import { progressOf, textOrNull, timeOf, timeOrNull } from "./values";

/** What the page and the published API call automatic snapshots, whoever or whatever started them. */
const AUTOMATIC = "Nightly";

/** `last`: the environment's last snapshot, where its warning is to be shown with it. */
export const snapshotView = (snapshot: SnapshotItem, last?: LastSnapshot): SnapshotView => {
  const { dumpSize, filesSize } = snapshot;
  return {
    snapshot_id: snapshot.snapshotId,
    model_version: snapshot.state === "queued" ? null : textOrNull(snapshot.modelVersion),
    comment: shownComment(snapshot),
    expires_at: timeOf(snapshot.expiresAt),
    ...progressOf(snapshot, snapshot.tier === "uploaded" ? COMPLETED.upload : COMPLETED.backup),
    type: snapshot.night === null ? snapshot.createdBy : AUTOMATIC,
    tier: snapshot.tier,
    database_backup: snapshot.recoveryPoint === undefined ? "dump" : "recovery-point",
    database_size: dumpSize,
    files_size: filesSize,
    size: dumpSize === null && filesSize === null ? null : (dumpSize ?? 0) + (filesSize ?? 0),
    file_count: snapshot.fileCount,
    missing_count: snapshot.missingCount,
    replicated_at: timeOrNull(snapshot.replicatedAt),
    replication_message: textOrNull(snapshot.replicationMessage),
    warnings: [...shownWarnings(snapshot)],
    warning: last?.snapshotId === snapshot.snapshotId ? warningOf(last) : null,
  };
};

/** Newest first; the id decides within a second, so that pages never overlap. */
export const newestFirst = (a: SnapshotItem, b: SnapshotItem): number =>
  b.createdAt.localeCompare(a.createdAt) || a.snapshotId.localeCompare(b.snapshotId);
