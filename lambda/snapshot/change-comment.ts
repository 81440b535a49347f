/**
 * Changing a snapshot's comment. The audit record first, then the snapshot's record, then the catalog: a failure in
 * between leaves a record that is ahead, and repeating the call brings the catalog after it. A deletion that begins at
 * the same moment may lose its note of packs; then they go when their locks end.
 */
import { recordAudit } from "../audit/record-audit";
import { isoSeconds } from "../catalog/catalog";
import type { EnvironmentItem, SnapshotItem } from "../catalog/items";
import { putSnapshotRecord, readSnapshotRecord, RECORD_FORMAT } from "../catalog/records";
import type { Collaborators } from "../runtime/collaborators";

/** `updatedAt` stays: the snapshot itself is what it was. Throws ConditionFailed when it has just gone. */
export async function changeComment(
  collaborators: Pick<Collaborators, "catalog" | "settings" | "store" | "clock" | "random">,
  environment: EnvironmentItem,
  snapshot: SnapshotItem,
  { comment, by }: { readonly comment: string; readonly by: string },
): Promise<SnapshotItem> {
  const { catalog, clock } = collaborators;
  const { environmentId, snapshotId } = snapshot;
  await recordAudit(collaborators, environment, { action: "snapshot.comment", by, details: { snapshotId, comment } });
  const standing = await readSnapshotRecord(environment, snapshotId, collaborators);
  await putSnapshotRecord(
    environment,
    {
      format: RECORD_FORMAT,
      environmentId,
      snapshotId,
      keepUntil: standing?.keepUntil ?? null,
      deletion: standing?.deletion ?? null,
      comment,
      updatedAt: isoSeconds(clock.now()),
    },
    collaborators,
  );
  const change = { comment, firstComment: snapshot.firstComment ?? snapshot.comment };
  await catalog.updateSnapshot(environmentId, snapshotId, change);
  return { ...snapshot, ...change };
}
