/**
 * What the catalog lists of a sealed snapshot because its manifest says so: the seal writes it, and whoever rebuilds the
 * catalog writes the same again. Pure.
 */
import type { RecoveryPointPlaces, SnapshotItem } from "../catalog/items";
import type { ReplicationClass } from "../storage/object-keys";
import { isRecoveryPoint, type Manifest, type RecoveryPointEntry, type StoredObjectEntry } from "./manifest";
import { listedWarnings } from "./shown-warnings";
import { warningsOf } from "./warnings";

/** What is shown in place of the time at which a snapshot was seen whole in the replication region. */
export const SINGLE_REGION = "Not replicated: the environment was registered with replication off.";

export type SealedFacts = Omit<
  SnapshotItem,
  "comment" | "replicatedAt" | "replicationMessage" | "replicaReadTo" | "deleting"
>;

export const sealedFacts = (manifest: Manifest, entry: StoredObjectEntry): SealedFacts => {
  const { files, database } = manifest;
  const warnings = listedWarnings(warningsOf(manifest));
  return {
    snapshotId: manifest.snapshotId,
    environmentId: manifest.environmentId,
    tier: manifest.tier,
    night: manifest.night,
    state: "completed",
    statusMessage: warnings.map(({ message }) => message).join(" "),
    // Manifests from before it was noted are taken for first attempts, which nearly all are.
    attempt: manifest.attempt ?? 1,
    attemptId: manifest.attemptId,
    createdBy: manifest.createdBy,
    modelVersion: manifest.modelVersion,
    createdAt: manifest.createdAt,
    updatedAt: manifest.completedAt,
    finishedAt: manifest.completedAt,
    expiresAt: manifest.expiresAt,
    dumpSize: isRecoveryPoint(database) ? null : database.dumpSize,
    databaseSize: database.databaseSize,
    ...(isRecoveryPoint(database) ? { recoveryPoint: placesOf(database) } : {}),
    filesSize: files.bytes,
    fileCount: files.count,
    missingCount: files.missing.count,
    warnings,
    manifest: entry,
  };
};

export const placesOf = (point: RecoveryPointEntry): RecoveryPointPlaces => ({
  vault: point.vault,
  arn: point.recoveryPointArn,
  copyVault: point.copyVault,
  copyArn: point.copyRecoveryPointArn,
  deleteAt: point.deleteAt,
});

export const replicationMessageOf = (replication: ReplicationClass): string =>
  replication === "replicated" ? "" : SINGLE_REGION;

/** How long the attempt took: it begins in the second that the snapshot is named after. The next slot is chosen by it. */
export const secondsTaken = ({ createdAt, completedAt }: Pick<Manifest, "createdAt" | "completedAt">): number =>
  Math.max(0, Math.round((Date.parse(completedAt) - Date.parse(createdAt)) / 1000));

/** Of a snapshot that has no contents, because it has not been sealed yet or never will be. */
export const UNSEALED_FACTS = {
  replicatedAt: null,
  replicationMessage: "",
  dumpSize: null,
  filesSize: null,
  fileCount: null,
  missingCount: null,
  manifest: null,
} as const;
