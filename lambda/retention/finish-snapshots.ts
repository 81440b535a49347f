/**
 * The catalog's part, last of all: snapshots whose objects are gone on both sides leave the catalog, with their
 * attempts. Every step may be repeated; a failure leaves items that the next run removes.
 */
import { deleteAttemptItems } from "../backup/attempt-items";
import type { EnvironmentItem } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import type { Evidence } from "./evidence";
import type { Judgement } from "./living";
import type { ManifestFound } from "./read-manifests";

type FinishCollaborators = Pick<Collaborators, "catalog">;

export async function finishSnapshots(
  evidence: Evidence,
  judgement: Judgement,
  snapshotIds: readonly string[],
  { catalog }: FinishCollaborators,
): Promise<void> {
  const { environmentId } = evidence.environment;
  const gone = new Set(snapshotIds);
  if (evidence.environment.lastSnapshotId !== null && gone.has(evidence.environment.lastSnapshotId)) {
    // The next backup builds on the newest snapshot that still stands.
    await catalog.updateEnvironment(environmentId, {
      lastSnapshotId: newestLiving(evidence, judgement),
    } satisfies Partial<EnvironmentItem>);
  }
  for (const { snapshotId, attemptId } of evidence.snapshots) {
    if (!gone.has(snapshotId)) continue;
    for (const attempt of attemptsOf(evidence, snapshotId, attemptId)) await deleteAttemptItems(attempt, { catalog });
    await catalog.deleteSnapshot(environmentId, snapshotId);
  }
}

function attemptsOf(evidence: Evidence, snapshotId: string, last: string | null): ReadonlySet<string> {
  const attempts = new Set(last === null ? [] : [last]);
  for (const { what } of evidence.inventory) {
    if (what.kind === "attempt" && what.snapshotId === snapshotId) attempts.add(what.attemptId);
  }
  return attempts;
}

function newestLiving({ manifests, snapshots }: Evidence, { living }: Judgement): string | null {
  // Nothing builds on an upload.
  const uploads = new Set(snapshots.filter(({ tier }) => tier === "uploaded").map(({ snapshotId }) => snapshotId));
  const standing = manifests.filter(({ snapshotId }) => living.has(snapshotId) && !uploads.has(snapshotId));
  return standing.toSorted((a, b) => createdAt(b) - createdAt(a))[0]?.snapshotId ?? null;
}

const createdAt = ({ facts }: ManifestFound): number => Date.parse(facts?.createdAt ?? "") || 0;
