/**
 * Where each fact of the catalog comes from when it is rebuilt. Typed over the items, so that a new field does not
 * compile before somebody has said where it comes from. docs/data-format.md shows the same table. Pure data.
 */
import type { ApiKeyItem, EnvironmentItem, PrincipalItem, SnapshotItem } from "../catalog/items";

/**
 * `manifest`, `record`: it stands there. `seen`: found by looking at the buckets. `not-kept`: running state, or progress
 * that is made again; whoever reads it is content without.
 */
export type Origin = "manifest" | "record" | "seen" | "not-kept";
type Origins<T> = { readonly [field in keyof Required<T>]: Origin };

export const ENVIRONMENT_FIELDS: Origins<EnvironmentItem> = {
  environmentId: "record",
  registration: "record",
  replication: "record",
  registeredAt: "record",
  firstStartedAt: "record",
  running: "record",
  modelVersion: "record",
  probe: "record",
  lastDrillAt: "record",
  /** Of the newest backup that is offered. */
  lastSnapshotId: "seen",
  lastDurationSeconds: "seen",
  /** The next night asks RDS again. */
  databaseInstance: "not-kept",
};

export const SNAPSHOT_FIELDS: Origins<SnapshotItem> = {
  snapshotId: "manifest",
  environmentId: "manifest",
  tier: "manifest",
  night: "manifest",
  /** `completed` by the manifest's being there, `failed` by a record. */
  state: "manifest",
  statusMessage: "manifest",
  attempt: "manifest",
  attemptId: "manifest",
  createdBy: "manifest",
  /** The record's, once it has been changed. */
  comment: "record",
  /** Made again from the manifest and the record; not compared, because older items have none. */
  firstComment: "not-kept",
  modelVersion: "manifest",
  createdAt: "manifest",
  updatedAt: "record",
  finishedAt: "manifest",
  /** The record's, where somebody keeps it for longer. */
  expiresAt: "record",
  replicatedAt: "record",
  replicationMessage: "record",
  replicaReadTo: "not-kept",
  dumpSize: "manifest",
  databaseSize: "manifest",
  filesSize: "manifest",
  fileCount: "manifest",
  missingCount: "manifest",
  warnings: "manifest",
  manifest: "seen",
  recoveryPoint: "manifest",
  withheld: "seen",
  deleting: "record",
};

export const PRINCIPAL_FIELDS: Origins<PrincipalItem> = {
  name: "record",
  grants: "record",
  createdAt: "record",
  createdBy: "record",
  updatedAt: "record",
};
export const KEY_FIELDS: Origins<ApiKeyItem> = {
  principal: "record",
  keyId: "record",
  hash: "record",
  label: "record",
  createdAt: "record",
  createdBy: "record",
  expiresAt: "record",
};
