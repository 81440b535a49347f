/** The API's snapshots and restores in the form that the functions give, so that commands read the same either way. Pure. */
import type { PublicRestore, PublicSnapshot } from "../../../lambda/requests/contract";
import type { PublicDrill } from "../../../lambda/drill/public-drill";
import { withoutPublished } from "../../../lambda/snapshot/published-words";
import type { ApiDrill, ApiRestore, ApiSnapshot } from "./answers";

export const publicSnapshot = (one: ApiSnapshot, now: Date): PublicSnapshot => ({
  snapshotId: one.snapshotId,
  state: one.state,
  // The API shows neither expired snapshots nor those that are being deleted.
  offered: one.state === "completed" && now < new Date(one.expiresAt),
  tier: one.tier,
  createdAt: one.createdAt,
  expiresAt: one.expiresAt,
  dumpSize: one.databaseSize,
  filesSize: one.filesSize,
  fileCount: one.fileCount,
  missingCount: one.missingCount,
  replicatedAt: one.replicatedAt,
  comment: one.comment,
  statusMessage: withoutPublished(one.statusMessage ?? ""),
  warnings: one.warnings,
  createdBy: one.type,
});

export const publicRestore = (one: ApiRestore): PublicRestore => ({
  restoreId: one.restoreId,
  sourceEnvironmentId: one.sourceEnvironmentId,
  snapshotId: one.sourceSnapshotId,
  targetEnvironmentId: one.targetEnvironmentId,
  databaseOnly: one.dbOnly,
  acknowledged: one.acknowledged,
  requestedBy: one.requestedBy,
  state: one.state,
  phase: one.phase,
  statusMessage: withoutPublished(one.statusMessage ?? ""),
  createdAt: one.createdAt,
  updatedAt: one.updatedAt ?? one.createdAt,
  finishedAt: one.finishedAt,
  plan: one.plan,
  files: one.files,
  notes: one.notes,
});

export const publicDrill = (one: ApiDrill, environmentId: string): PublicDrill => ({
  drillId: one.drillId,
  environmentId,
  snapshotId: one.snapshotId,
  snapshotCreatedAt: one.snapshotCreatedAt,
  requestedBy: one.requestedBy,
  state: one.state,
  outcome: one.outcome,
  statusMessage: one.statusMessage ?? "",
  createdAt: one.createdAt,
  startedAt: one.startedAt,
  finishedAt: one.finishedAt,
  seconds: one.seconds,
  slow: one.slowMessage,
  problems: one.problems,
  problemCount: one.problemCount,
  notes: one.notes,
  database: one.database,
  files: one.files,
  closure: one.closure,
});
