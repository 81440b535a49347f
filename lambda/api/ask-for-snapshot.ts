/** Asking for a snapshot of an environment: on record before it is made, and the same one when asked again. */
import { recordAudit } from "../audit/record-audit";
import { requestBackup } from "../backup/request-backup";
import { newSnapshotId, requestedSnapshotId } from "../backup/snapshot-ids";
import type { EnvironmentItem, SnapshotItem } from "../catalog/items";
import type { ApiCollaborators } from "./api-context";
import { requireSameWish } from "./idempotency";
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
  const requireSame = (standing: SnapshotItem | undefined): void =>
    requireSameWish(
      standing === undefined || (standing.firstComment ?? standing.comment) === comment,
      `snapshot ${snapshotId}`,
    );
  if (key !== undefined) requireSame(await collaborators.catalog.getSnapshot(environmentId, snapshotId));
  await recordAudit(collaborators, environment, {
    action: "snapshot.create",
    by: createdBy,
    details: { snapshotId, comment },
  });
  await requestBackup(collaborators, { environmentId, comment, createdBy, snapshotId });
  const asked = await visibleSnapshot(collaborators, environmentId, snapshotId);
  requireSame(asked); // somebody else was faster
  return asked;
}
