/** The catalog's items. Times are ISO 8601 UTC strings with seconds (or milliseconds); sizes are bytes. */
import type { ReplicationClass } from "../storage/object-keys";
import type { DatabaseEntry, IndexPartEntry, PackEntry, StoredObjectEntry } from "../snapshot/manifest";
import type { Registration } from "./registration";

export type Tier = "nightly" | "weekly" | "monthly" | "on-demand" | "uploaded";
export type SnapshotState = "queued" | "running" | "failed" | "completed";

export interface EnvironmentItem {
  readonly environmentId: string;
  readonly registration: Registration;
  readonly replication: ReplicationClass;
  readonly registeredAt: string;
  /** First deployed and started (rule 4); null until then. */
  readonly firstStartedAt: string | null;
  readonly running: boolean;
  readonly modelVersion: string;
  /** Seconds that the last completed backup took; long ones start early. */
  readonly lastDurationSeconds: number | null;
  /** Newest sealed snapshot: the base of the next one. */
  readonly lastSnapshotId: string | null;
  /** What the last probe found, one sentence each; empty when all is well; null before the first probe. */
  readonly probe: { readonly at: string; readonly findings: readonly string[] } | null;
}

export interface SnapshotItem {
  readonly snapshotId: string;
  readonly environmentId: string;
  readonly tier: Tier;
  readonly night: string | null;
  readonly state: SnapshotState;
  readonly statusMessage: string;
  readonly attempt: number;
  readonly attemptId: string | null;
  readonly createdBy: string;
  readonly comment: string;
  readonly modelVersion: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly finishedAt: string | null;
  /** From this second on the snapshot is gone for every user (rule 3). */
  readonly expiresAt: string;
  /** Null until the replication check has seen every object at the replica; stays null for single-region. */
  readonly replicatedAt: string | null;
  readonly replicationMessage: string;
  /** Uncompressed dump and files; null until completed. */
  readonly dumpSize: number | null;
  readonly filesSize: number | null;
  readonly fileCount: number | null;
  readonly missingCount: number | null;
  readonly manifest: StoredObjectEntry | null;
  /** Set when retention or a user's delete has begun: no longer offered, and the deletion goes on. */
  readonly deleting: boolean;
}

/** One changing operation an environment at a time. The token guards every commit. */
export interface Lease {
  readonly environmentId: string;
  readonly executionArn: string;
  readonly purpose: "backup" | "upload" | "restore" | "expiry" | "deletion";
  readonly token: string;
  readonly takenAt: string;
  /** The database task that works under this lease, recorded by the task itself before it does anything. */
  readonly taskArn: string | null;
}

export interface Attempt {
  readonly attemptId: string;
  readonly environmentId: string;
  readonly snapshotId: string;
  readonly attempt: number;
  readonly executionArn: string;
  readonly leaseToken: string;
  readonly startedAt: string;
  /** Snapshot whose packs are carried over; pinned while the attempt runs. */
  readonly baseSnapshotId: string | null;
  readonly dump: DumpResult | null;
  readonly plan: PackPlan | null;
  /** A sentence left by the database task before it ended with a failure. */
  readonly failure: { readonly name: string; readonly message: string; readonly retryable: boolean } | null;
}
export interface DumpResult {
  readonly database: DatabaseEntry;
  readonly listSegments: readonly ListSegment[];
  readonly listCount: number;
  readonly warnings: readonly string[];
}
export interface ListSegment extends StoredObjectEntry {
  readonly lines: number;
  readonly firstKey: string;
  readonly lastKey: string;
}
export interface PackPlan {
  /** Half-open key ranges [from, to) that cover everything; null is −∞ or +∞. */
  readonly shards: readonly { readonly from: string | null; readonly to: string | null }[];
  /** Packs of the base whose live segments are copied into new packs. */
  readonly repack: readonly string[];
  /** False when the base's index was unreadable or absent: everything is packed anew. */
  readonly useBase: boolean;
  readonly warnings: readonly string[];
}
/** How far a shard has come. Written by the packer after every part of the index it has stored. */
export interface ShardProgress {
  readonly shard: number;
  readonly done: boolean;
  /** The last key that stands in a stored index part; null at the start. */
  readonly after: string | null;
  readonly parts: readonly IndexPartEntry[];
  /** Packs that these parts refer to: new ones, and base packs with this shard's share of live segments. */
  readonly packs: readonly PackEntry[];
  readonly missingKeys: readonly string[];
}

export type RestoreState = "queued" | "running" | "failed" | "completed";
export interface RestoreItem {
  readonly restoreId: string;
  readonly sourceEnvironmentId: string;
  readonly snapshotId: string;
  readonly targetEnvironmentId: string;
  readonly databaseOnly: boolean;
  readonly acknowledged: readonly string[];
  readonly requestedBy: string;
  readonly state: RestoreState;
  readonly phase: string;
  readonly statusMessage: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly finishedAt: string | null;
  readonly executionArn: string | null;
  readonly leaseToken: string | null;
  /** What the target's database looked like before anything was touched. */
  readonly preflight: TargetPreflight | null;
  readonly plan: RestorePlan | null;
  readonly files: RestoreFilesProgress;
  readonly database: RestoreDatabaseProgress | null;
  readonly removal: { readonly segments: readonly ListSegment[]; readonly count: number } | null;
  /** A sentence left by the database task before it ended with a failure. */
  readonly failure: { readonly name: string; readonly message: string } | null;
}
/** Facts the database task finds at the target; the plan's rules judge them. */
export interface TargetPreflight {
  readonly at: string;
  readonly databaseOid: number;
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  readonly serverVersion: string;
  readonly serverMajor: number;
  readonly databaseSize: number;
  readonly sessions: number;
  /** Bytes free for the restored database, where known. */
  readonly freeBytes: number | null;
  readonly roles: readonly string[];
  readonly availableExtensions: readonly string[];
  readonly canCreateDatabase: boolean;
  readonly memberOfOwner: boolean;
  readonly toolMajor: number;
}
export interface RestorePlan {
  readonly at: string;
  /** Refusals stop the restore; each is one sentence. */
  readonly refusals: readonly Finding[];
  /** Warnings need an acknowledgement by code. */
  readonly warnings: readonly Finding[];
  readonly filesToPut: number;
  readonly bytesToPut: number;
  readonly filesPresent: number;
  readonly estimatedSeconds: number;
}
export interface Finding {
  readonly code: string;
  readonly message: string;
}
export interface RestoreFilesProgress {
  /** Index parts finished, batches recorded, files put so far. */
  readonly part: number;
  readonly after: string | null;
  readonly batches: number;
  readonly put: number;
  readonly kept: number;
  readonly done: boolean;
}
export interface RestoreDatabaseProgress {
  readonly oldOid: number;
  readonly newName: string;
  readonly newOid: number | null;
  readonly restored: boolean;
  readonly oldList: readonly ListSegment[];
  readonly swappedAt: string | null;
  readonly removed: number;
  readonly oldDropped: boolean;
}

/** A night of a region: its existence makes the window unique. */
export interface Night {
  readonly region: string;
  readonly date: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly openedAt: string;
}
/** Keeps a snapshot alive while something reads it. */
export interface Pin {
  readonly environmentId: string;
  readonly snapshotId: string;
  readonly holder: string;
  readonly executionArn: string;
  readonly since: string;
}
