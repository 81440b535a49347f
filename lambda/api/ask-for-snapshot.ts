/** Asking for a snapshot of an environment: on record before it is made, and the same one when asked again. */
import { recordAudit } from "../audit/record-audit";
import { requestBackup } from "../backup/request-backup";
import { newSnapshotId, requestedSnapshotId } from "../backup/snapshot-ids";
import type { EnvironmentItem, SnapshotItem } from "../catalog/items";
import type { ApiCollaborators } from "./api-context";
import { visibleSnapshot } from "./visible-snapshots";

export interface SnapshotWish {
  readonly comment: string;
  readonly createdBy: string;
  readonly idempotencyKey?: string;
}

export async function askForSnapshot(
  collaborators: ApiCollaborators,
  environment: EnvironmentItem,
  { comment, createdBy, idempotencyKey: key }: SnapshotWish,
): Promise<SnapshotItem> {
  const { environmentId } = environment;
  const snapshotId = key === undefined ? newSnapshotId(collaborators.random) : requestedSnapshotId(environmentId, key);
  await recordAudit(collaborators, environment, {
    action: "snapshot.create",
    by: createdBy,
    details: { snapshotId, comment },
  });
  await requestBackup(collaborators, { environmentId, comment, createdBy, snapshotId });
  return visibleSnapshot(collaborators, environmentId, snapshotId);
}
