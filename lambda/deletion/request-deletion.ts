/**
 * Asking for a snapshot's deletion: refused at once with a sentence, or audited, recorded, started and no longer offered. A
 * crash in between leaves an audit record of what was only tried, or a deletion that runs although the snapshot is
 * still shown for a moment; asking again completes it, and starts nothing twice.
 */
import { recordAudit } from "../audit/record-audit";
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { EnvironmentItem, SnapshotItem } from "../catalog/items";
import { putSnapshotRecord, readSnapshotRecord, RECORD_FORMAT } from "../catalog/records";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { lockedSentence, lockedUntil } from "./compliance-lock";
import type { DeletionInput } from "./contract";

type DeletionRequestCollaborators = Pick<
  Collaborators,
  "catalog" | "workflows" | "settings" | "store" | "clock" | "random"
>;

export async function requestDeletion(
  collaborators: DeletionRequestCollaborators,
  environment: EnvironmentItem,
  snapshot: SnapshotItem,
  requestedBy: string,
): Promise<void> {
  const { workflows, settings } = collaborators;
  const { environmentId, snapshotId, state } = snapshot;
  if (state === "queued" || state === "running") {
    throw new ServiceFailure(
      "SnapshotNotEnded",
      `Snapshot ${snapshotId} is ${state}; it can be deleted once it is completed or failed.`,
      false,
    );
  }
  const until = state === "completed" ? await lockedUntil(snapshot, collaborators) : undefined;
  if (until !== undefined) throw new ServiceFailure("LockedInCompliance", lockedSentence(snapshot, until), false);
  await recordAudit(collaborators, environment, {
    action: "snapshot.delete",
    by: requestedBy,
    details: { snapshotId },
  });
  await recordWish(environment, snapshotId, requestedBy, collaborators);
  // By the snapshot's own name: whoever asks again, now or after a lost answer, starts nothing more.
  await workflows.start(settings.DELETION_STATE_MACHINE_ARN, `${snapshotId.slice(0, 70)}-asked`, {
    environmentId,
    snapshotId,
    requestedBy,
  } satisfies Omit<DeletionInput, "executionArn">);
  await mark(snapshot, collaborators);
}

/** The deletion itself adds what it is going to delete, and when it had done so. */
async function recordWish(
  environment: EnvironmentItem,
  snapshotId: string,
  requestedBy: string,
  collaborators: DeletionRequestCollaborators,
): Promise<void> {
  const standing = await readSnapshotRecord(environment, snapshotId, collaborators);
  if ((standing?.deletion ?? null) !== null) return;
  const now = isoSeconds(collaborators.clock.now());
  await putSnapshotRecord(
    environment,
    {
      format: RECORD_FORMAT,
      environmentId: environment.environmentId,
      snapshotId,
      comment: standing?.comment ?? null,
      keepUntil: standing?.keepUntil ?? null,
      deletion: { requestedBy, requestedAt: now, packs: [], completedAt: null },
      updatedAt: now,
    },
    collaborators,
  );
}

async function mark(
  { environmentId, snapshotId }: SnapshotItem,
  { catalog, clock }: DeletionRequestCollaborators,
): Promise<void> {
  try {
    await catalog.updateSnapshot(environmentId, snapshotId, { deleting: true, updatedAt: isoSeconds(clock.now()) });
  } catch (error) {
    // The deletion was faster: its item is gone.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
