/**
 * What rebuilding the catalog reads and finds. It reads manifests and records in the buckets and nothing else, so it
 * works where catalog, functions, or a whole region are gone.
 */
import type { EnvironmentItem, RestoreItem, SnapshotItem } from "../catalog/items";
import type { BucketSide } from "../retention/inventory";
import type { EnvironmentPlace } from "../storage/object-keys";

/**
 * `head`: each object is there, with the manifest's size and, where the server keeps one, its checksum. `read`: every
 * byte is read and has the manifest's SHA-256.
 */
export type ObjectCheck = "head" | "read";

export interface RebuildSource {
  /**
   * Where objects are read, the first that gives one counts: primary then replica, or the replica alone. In the primary
   * bucket the manifest's version ids count; in a replica bucket, which has ids of its own, the oldest version does.
   */
  readonly sides: readonly BucketSide[];
  readonly check: ObjectCheck;
  /** What has expired by then is not offered. */
  readonly now: Date;
}

export type FindingCode =
  | "registration-unreadable"
  | "record-unreadable"
  | "manifest-unreadable"
  | "object-missing"
  | "object-damaged"
  | "replica-incomplete"
  | "snapshot-expired"
  | "snapshot-deleted"
  | "restore-unfinished";

/** Something that a person should know: one sentence, with the object it is about where there is one. */
export interface RebuildFinding {
  readonly code: FindingCode;
  readonly environmentId: string | null;
  readonly snapshotId: string | null;
  readonly bucket: string | null;
  readonly key: string | null;
  readonly message: string;
}

/** An environment as manifests and records tell it. */
export interface FoundEnvironment {
  readonly place: EnvironmentPlace;
  /** Null where no registration can be read: it has to be registered again before anything of it is offered. */
  readonly environment: EnvironmentItem | null;
  /** Oldest first. What has expired, and what a user has had deleted, is not among them. */
  readonly snapshots: readonly SnapshotItem[];
  /** What became of restores into it, oldest first. */
  readonly restores: readonly RestoreItem[];
  readonly findings: readonly RebuildFinding[];
}
