/**
 * The catalog's part of the seal: the snapshot becomes `completed` as its manifest says, and the base of the next
 * backup. One transaction, only while the lease is held; repeating it writes the same again.
 */
import { isoSeconds } from "../catalog/catalog";
import type { EnvironmentItem, SnapshotItem } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import type { CommittedManifest } from "./committed-manifest";

/** What is shown in place of the time at which a snapshot was seen whole in the replication region. */
export const SINGLE_REGION = "Not replicated: the environment was registered with replication off.";

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
  collaborators: Pick<Collaborators, "catalog" | "clock">,
): Promise<void> {
  const { committed, snapshot, environment, leaseToken, durationSeconds } = completion;
  const { manifest, entry } = committed;
  const { files, database } = manifest;
  const completed: SnapshotItem = {
    ...snapshot,
    state: "completed",
    statusMessage: manifest.warnings.join(" "),
    attemptId: manifest.attemptId,
    modelVersion: manifest.modelVersion,
    createdAt: manifest.createdAt,
    updatedAt: isoSeconds(collaborators.clock.now()),
    finishedAt: manifest.completedAt,
    expiresAt: manifest.expiresAt,
    dumpSize: database.dumpSize,
    databaseSize: database.databaseSize,
    filesSize: files.bytes,
    fileCount: files.count,
    missingCount: files.missing.count,
    manifest: entry,
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
