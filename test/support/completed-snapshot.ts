/** The catalog's item of a snapshot that is completed and replicated, as its manifest says. */
import type { SnapshotItem } from "../../lambda/catalog/items";
import { isRecoveryPoint, type Manifest } from "../../lambda/snapshot/manifest";

export const completedSnapshot = (manifest: Manifest, stored: SnapshotItem["manifest"]): SnapshotItem => ({
  snapshotId: manifest.snapshotId,
  environmentId: manifest.environmentId,
  tier: manifest.tier,
  night: manifest.night,
  state: "completed",
  statusMessage: "",
  attempt: 1,
  attemptId: manifest.attemptId,
  createdBy: manifest.createdBy,
  comment: "",
  modelVersion: manifest.modelVersion,
  createdAt: manifest.createdAt,
  updatedAt: manifest.completedAt,
  finishedAt: manifest.completedAt,
  expiresAt: manifest.expiresAt,
  replicatedAt: manifest.completedAt,
  replicationMessage: "",
  dumpSize: isRecoveryPoint(manifest.database) ? null : manifest.database.dumpSize,
  filesSize: manifest.files.bytes,
  fileCount: manifest.files.count,
  missingCount: manifest.files.missing.count,
  manifest: stored,
  deleting: false,
});
