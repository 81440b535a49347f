/**
 * The catalog's part of the seal: the snapshot becomes `completed` as its manifest says, and the base of the next
 * backup. One transaction, only while the lease is held; repeating it writes the same again.
 */
import type { EnvironmentItem, SnapshotItem } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import { sealedFacts, SINGLE_REGION } from "../snapshot/sealed-facts";
import type { CommittedManifest } from "./committed-manifest";

export interface Completion {
  readonly committed: CommittedManifest;
  readonly snapshot: SnapshotItem;
  readonly environment: EnvironmentItem;
  readonly leaseToken: string;
  /** How long the attempt took; null where nobody knows. */
  readonly durationSeconds: number | null;
}

export async function recordCompletion(
  completion: Completion,
  collaborators: Pick<Collaborators, "catalog" | "metrics">,
): Promise<void> {
  const { committed, snapshot, environment, leaseToken, durationSeconds } = completion;
  const { manifest, entry } = committed;
  const completed: SnapshotItem = {
    ...snapshot,
    ...sealedFacts(manifest, entry),
    replicationMessage: environment.replication === "replicated" ? snapshot.replicationMessage : SINGLE_REGION,
  };
  // An upload is no base: it holds another database's files, and says nothing about how long a backup takes.
  const isUpload = snapshot.tier === "uploaded";
  const isNewest = !isUpload && (await newestSoFar(manifest.createdAt, environment, collaborators));
  await collaborators.catalog.completeSnapshot(
    completed,
    {
      lastSnapshotId: isNewest ? snapshot.snapshotId : environment.lastSnapshotId,
      lastDurationSeconds: (isUpload ? null : durationSeconds) ?? environment.lastDurationSeconds,
    },
    leaseToken,
  );
  if (snapshot.night !== null) collaborators.metrics.add("NightlySucceeded", 1);
}

/** A snapshot whose completion was recorded late must not take the base's place from a newer one. */
async function newestSoFar(
  createdAt: string,
  environment: EnvironmentItem,
  { catalog }: Pick<Collaborators, "catalog">,
): Promise<boolean> {
  if (environment.lastSnapshotId === null) return true;
  const last = await catalog.getSnapshot(environment.environmentId, environment.lastSnapshotId);
  return last === undefined || last.createdAt <= createdAt;
}
