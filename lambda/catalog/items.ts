/** The catalog's items. Times are ISO 8601 UTC strings with seconds (or milliseconds); sizes are bytes. */
import type { ReplicationClass } from "../storage/object-keys";
import type {
  DatabaseEntry,
  IndexPartEntry,
  PackEntry,
  RecoveryPointEntry,
  StoredObjectEntry,
} from "../snapshot/manifest";
import type { SnapshotWarning } from "../snapshot/warnings";
import type { InstanceEndpoint, InstanceSettings } from "../instance-swap/instances";
import type { Registration } from "./registration";
import type { TargetDetails } from "./target-details";

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
  /** When its last restore drill began; absent before the first. */
  readonly lastDrillAt?: string;
  /** What RDS said of its instance when a night opened; null where it knows none; absent before the first time. */
  readonly databaseInstance?: KnownInstance | null;
}
/** RDS's own words; windows in UTC, as `ddd:hh:mm-ddd:hh:mm` and `hh:mm-hh:mm`, empty where there is none. */
export interface KnownInstance {
  /** When RDS first said this, of all times that it was asked. */
  readonly since: string;
  readonly status: string;
  readonly engineVersion: string;
  readonly maintenanceWindow: string;
  readonly backupWindow: string;
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
  /** As it was asked for with, once it has been changed; absent until then. */
  readonly firstComment?: string;
  readonly modelVersion: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly finishedAt: string | null;
  /** From this second on the snapshot is gone for every user (rule 3). */
  readonly expiresAt: string;
  /** Null until the replication check has seen every object at the replica; stays null for single-region. */
  readonly replicatedAt: string | null;
  readonly replicationMessage: string;
  /** Where the server keeps no checksums: the replica's objects up to this key have been read back and are whole. */
  readonly replicaReadTo?: string;
  /** Uncompressed dump and files; null until completed. There is no dump of a recovery point. */
  readonly dumpSize: number | null;
  /** What the database took on its server (pg_database_size); absent until completed. */
  readonly databaseSize?: number | null;
  readonly filesSize: number | null;
  readonly fileCount: number | null;
  readonly missingCount: number | null;
  /** What it can't keep, or what a restore of it will meet: the first fifty. Absent where nobody noted codes. */
  readonly warnings?: readonly Finding[];
  readonly manifest: StoredObjectEntry | null;
  /** Sealed, but not whole when the catalog was rebuilt: shown as failed, and kept until its expiry. */
  readonly withheld?: boolean;
  /** The database is a recovery point of AWS Backup; absent: a dump. */
  readonly recoveryPoint?: RecoveryPointPlaces;
  /** Set when retention or a user's delete has begun: no longer offered, and the deletion goes on. */
  readonly deleting: boolean;
}

/** Where the recovery points of a snapshot, or of an attempt, lie: they outlive the manifest that names them. */
export interface RecoveryPointPlaces {
  readonly vault: string;
  readonly arn: string;
  readonly copyVault: string | null;
  readonly copyArn: string | null;
  /** The lock's end: no sooner can either be deleted. */
  readonly deleteAt: string;
}

/** What changes an environment. */
export type Operation = "backup" | "upload" | "restore" | "expiry" | "deletion" | "keep";
/** One changing operation an environment at a time, and one drill at the drill target. The token guards every commit. */
export interface Lease {
  readonly environmentId: string;
  readonly executionArn: string;
  readonly purpose: Operation | "drill";
  readonly token: string;
  readonly takenAt: string;
  /** The database task that works under this lease, recorded by the task itself before it does anything. */
  readonly taskArn: string | null;
  /** When the task recorded itself; absent in leases of before this was kept. */
  readonly taskSince?: string;
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
  readonly failure: { readonly name: string; readonly message: string } | null;
  /** Where the database is kept by AWS Backup: how far that has come. */
  readonly recovery?: RecoveryProgress;
  /** Set before the manifest is written: from here on only the bucket knows whether the snapshot is committed. */
  readonly sealing?: boolean;
  /** What the attempt has stored so far is locked at least until then; absent until the first renewal. */
  readonly lockedUntil?: string;
}
export interface DumpResult {
  /** Null where the database is a recovery point. */
  readonly database: DatabaseEntry | null;
  readonly listSegments: readonly ListSegment[];
  readonly listCount: number;
  readonly warnings: readonly SnapshotWarning[];
}
export interface RecoveryProgress {
  /** The database's files right before, and what the server says of the database. */
  readonly before: {
    readonly listSegments: readonly ListSegment[];
    readonly listCount: number;
    readonly facts: Pick<
      RecoveryPointEntry,
      | "databaseSize"
      | "serverVersion"
      | "encoding"
      | "collate"
      | "ctype"
      | "extensions"
      | "policyRoles"
      | "customisations"
    >;
    readonly warnings: readonly SnapshotWarning[];
  };
  /** How many files it named right after; null until then. */
  readonly listedAfter: number | null;
  readonly jobId: string | null;
  readonly point: {
    readonly arn: string;
    readonly createdAt: string;
    readonly completedAt: string;
    readonly deleteAt: string;
    readonly bytes: number;
  } | null;
  readonly copyJobId: string | null;
  /** How often a copy was started before, and how often one failed for a reason of its own. */
  readonly copyStarts: number;
  readonly copyTries: number;
  readonly copyArn: string | null;
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
  readonly warnings: readonly SnapshotWarning[];
}
/** Packs of the base are marked, because the seal makes one request for them and two for new ones. */
export type PackedEntry = PackEntry & { readonly carriedOver?: boolean };
/** A shard's share of a pack of the base: pack id, live segments, live bytes. */
export type CarriedShare = readonly [packId: string, liveSegments: number, liveBytes: number];
/** How far a shard has come. Written by the packer after every part of the index it has stored. */
export interface ShardProgress {
  readonly shard: number;
  readonly done: boolean;
  /** The last key that stands in a stored index part; null at the start. */
  readonly after: string | null;
  readonly parts: readonly IndexPartEntry[];
  /** Packs that these parts refer to: new ones, and base packs with this shard's share of live segments. */
  readonly packs: readonly PackedEntry[];
  /** Where there are too many base packs for an item of 400 KB: by id only, the rest is in the base's manifest. */
  readonly carriedOver?: readonly CarriedShare[];
  readonly missingKeys: readonly string[];
}

export type RestoreState = "queued" | "running" | "failed" | "completed";
export interface RestoreItem {
  readonly restoreId: string;
  readonly sourceEnvironmentId: string;
  readonly snapshotId: string;
  readonly targetEnvironmentId: string;
  readonly databaseOnly: boolean;
  /** Only examines and plans: nothing at the target is touched, and no lease is taken. */
  readonly planOnly?: boolean;
  /** Codes of warnings that were read and accepted; what else the plan warns of holds the restore. */
  readonly acknowledged: readonly string[];
  /** Asked for without a word on warnings: none holds it, as published. Absent: those not acknowledged do. */
  readonly overWarnings?: boolean;
  readonly requestedBy: string;
  readonly state: RestoreState;
  readonly phase: string;
  readonly statusMessage: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly finishedAt: string | null;
  readonly executionArn: string | null;
  /** From then on, if it has ended, it is swept from the catalog; absent: never. */
  readonly keptUntil?: string;
  /** How often it was started again because its execution had ended without ending the restore. */
  readonly resumed?: number;
  readonly leaseToken: string | null;
  /** What the target's database looked like before anything was touched. */
  readonly preflight: TargetPreflight | null;
  readonly plan: RestorePlan | null;
  /** How far the plan's comparison of files has come, where one invocation is not enough. */
  readonly comparison?: FileComparison | null;
  readonly files: RestoreFilesProgress;
  readonly database: RestoreDatabaseProgress | null;
  /** The snapshot's database is a recovery point, which comes back as an instance; absent: a dump. */
  readonly recoveryPoint?: boolean;
  /** Of a recovery point: the instances, from the first look at the old one on. */
  readonly instances?: InstanceSwap | null;
  readonly removal: RestoreRemoval | null;
  /** When to try again to drop the database that it replaced; absent or null: nothing is left to drop. */
  readonly dropOldAt?: string | null;
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
  /** Of all databases of the server whose size this login may see. */
  readonly serverSize?: number;
  readonly sessions: number;
  /** Bytes free for the restored database, where known. */
  readonly freeBytes: number | null;
  readonly roles: readonly string[];
  readonly availableExtensions: readonly string[];
  readonly canCreateDatabase: boolean;
  readonly memberOfOwner: boolean;
  readonly toolMajor: number;
  /** Files that its database names and the snapshot doesn't; null where nobody could count, absent where nobody tried. */
  readonly filesToRemove?: number | null;
  /** Why its database names no files; absent where it names some, or was not asked. */
  readonly noOldFiles?: string;
  /** What else a restore will need or meet; absent in preflights from before it was asked. */
  readonly details?: TargetDetails;
}
export interface RestorePlan {
  readonly at: string;
  /** Refusals stop the restore; each is one sentence. */
  readonly refusals: readonly Finding[];
  /** Each holds a restore that says what it acknowledges, and does not name its code. */
  readonly warnings: readonly Finding[];
  readonly filesToPut: number;
  readonly bytesToPut: number;
  readonly filesPresent: number;
  /** Files that stand at the target with other bytes, which the restore puts back; absent in plans from before it did. */
  readonly filesToReplace?: number;
  readonly bytesToReplace?: number;
  /** Files that the restore removes, as TargetPreflight has them. */
  readonly filesToRemove?: number | null;
  /** Why no file of the target will be removed; absent where its database was asked, and names some. */
  readonly noOldFiles?: string;
  /** Room that the database needs beside the live one, and at most how much there is; null where nobody knows. */
  readonly databaseBytesNeeded?: number;
  readonly databaseBytesFree?: number | null;
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
  /** What the plan's comparison has read, as there. */
  readonly read?: readonly ListSegment[];
  /** Files put over what stood there, not counted in `put`. */
  readonly replaced?: number;
  readonly done: boolean;
  /** Files put by a batch that had to stop halfway: the next look finds them standing and must not count them as kept. */
  readonly again?: number;
  /** While they are undone, the newest batch first: the last batch record (its object key) that is done with. */
  readonly undoneTo?: string | null;
  /** Why something of it could not be undone: the first sentence. Of a failed restore: some of what it put still stands. */
  readonly undoStuck?: string | null;
}
/** The snapshot's files as they compare with the target's; `part` and `after` as in RestoreFilesProgress. */
export interface FileComparison {
  readonly part: number;
  readonly after: string | null;
  readonly absent: number;
  readonly absentBytes: number;
  readonly present: number;
  /** Files whose key is taken by other bytes, and the bytes that the snapshot has for them. */
  readonly conflicts: number;
  readonly conflictBytes?: number;
  /** Lists of the files that had to be read and are the same, with their ETags (as markers): they need no second look. */
  readonly read?: readonly ListSegment[];
  /** Files whose key would be longer than S3 admits, under the target's prefix. */
  readonly tooLong: number;
  readonly done: boolean;
}
export interface RestoreRemoval {
  readonly segments: readonly ListSegment[];
  readonly count: number;
  /** Old keys up to this one have been looked at. */
  readonly after?: string | null;
  /** Nothing is removed before this is true. */
  readonly done?: boolean;
}
/** Files that the restored database no longer names and that stand at the target all the same. */
export interface FilesLeft {
  readonly count: number;
  readonly keys: readonly string[];
  /** Of the first one, as the bucket says it. */
  readonly reason: string;
}
export interface RestoreDatabaseProgress {
  readonly oldOid: number;
  readonly newName: string;
  readonly newOid: number | null;
  readonly restored: boolean;
  readonly oldList: readonly ListSegment[];
  /** False: the server's statistics could not be gathered, and its own maintenance has to; absent: not there yet. */
  readonly analyzed?: boolean;
  /** What could not be put back as it was; absent: not filled yet, or by an earlier version. */
  readonly notes?: readonly Finding[];
  readonly swappedAt: string | null;
  /** Keys of the removal that are done with: removed, or left. */
  readonly removed: number;
  /** Those that could not be removed: how many, and the first of them with the reason. */
  readonly left?: FilesLeft;
  /** How often the removal has been begun: at last what fails is left rather than tried again. */
  readonly removalTries?: number;
  /** Why nothing is known of the files that the old database named, so that none of them is removed: one sentence. */
  readonly noOldFiles?: string;
  readonly oldDropped: boolean;
  /** The replaced database still stands, though the restore may have completed; absent or null: it doesn't. */
  readonly oldLeft?: OldDatabaseLeft | null;
}
export interface OldDatabaseLeft {
  readonly database: string;
  /** Why it could not be dropped when it was last tried: one sentence. */
  readonly reason: string;
  readonly triedAt: string;
}

/** How far a restore that swaps database instances is. What is recorded before each step lets the next call find out. */
export interface InstanceSwap {
  /** RDS identifiers: of the target, of the new instance until the swap, of the old one after it. */
  readonly instance: string;
  readonly beside: string;
  readonly replaced: string;
  readonly startedAt: string;
  /** RDS's own ids, which no rename changes; the new one's is null until it has been seen. */
  readonly oldResourceId: string;
  readonly newResourceId: string | null;
  /** The old instance's, as they were before anything was made. */
  readonly settings: InstanceSettings;
  /** AWS Backup may have been asked, and by which job it answered. */
  readonly jobAsked: boolean;
  readonly restoreJobId: string | null;
  /** The new instance has been made like the old one, and where it answers until the swap. */
  readonly changed: boolean;
  readonly endpoint: InstanceEndpoint | null;
  /** The new instance has not been seen since then. */
  readonly unseenSince: string | null;
  /** Set before the first rename is asked for: from here on only looking tells what has happened. */
  readonly renamingSince: string | null;
  /** The new instance has the name, and its protection. */
  readonly settled?: boolean;
  readonly undoingSince?: string;
  /** Someone has been told that it was interrupted between the renames. */
  readonly told?: boolean;
}

/** A night of a region: its existence makes the window unique. */
export interface Night {
  readonly region: string;
  readonly date: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly openedAt: string;
  /** The execution that opened it, so that a lost reply is told from a second delivery. */
  readonly openedBy?: string;
}
/** Keeps a snapshot alive while something reads it. */
export interface Pin {
  readonly environmentId: string;
  readonly snapshotId: string;
  readonly holder: string;
  readonly executionArn: string;
  readonly since: string;
}
/** When retention looks at an environment again even though nothing of it has expired, and what it has said. */
export interface Sweep {
  readonly environmentId: string;
  /** Null before the first sweep. */
  readonly sweptAt: string | null;
  readonly dueAt: string;
  /** The sentences last told, so that nobody is told the same every five minutes; null when all is well. */
  readonly told: { readonly at: string; readonly reasons: readonly string[] } | null;
}
/** Someone has been told that an environment's last snapshot expires soon. */
export interface LastWarning {
  readonly environmentId: string;
  readonly snapshotId: string;
  readonly expiresAt: string;
  /** Days before the expiry: the last lead at which a message was sent. */
  readonly lead: number;
  readonly toldAt: string;
}
/** The daily look for environments that have no sweep yet, in the catalog and in the bucket. */
export interface Census {
  readonly completedAt: string | null;
  /** Where the next run goes on; null when none is under way. */
  readonly after: { readonly replication: ReplicationClass; readonly environmentId: string } | null;
}

/** The published API's words for what an archive holds, and `files_only`, which it lacks. */
export type ArchiveDataType = "files_and_database" | "database_only" | "files_only" | "one_file" | "one_table";
/** Which file (its key) of a snapshot, or which table (as a person wrote it); only with `one_file`, `one_table`. */
export interface ArchivePart {
  readonly file?: string;
  readonly table?: string;
}
export interface ArchiveWish extends ArchivePart {
  readonly dataType: ArchiveDataType;
}
/** A downloadable file made from a snapshot. It lives in the transfer bucket for a day. */
export interface ArchiveItem extends ArchiveWish {
  readonly archiveId: string;
  readonly environmentId: string;
  readonly snapshotId: string;
  readonly state: RestoreState;
  readonly statusMessage: string;
  readonly requestedBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly finishedAt: string | null;
  readonly executionArn: string | null;
  /** Of the finished object in the transfer bucket, and what a browser calls it. */
  readonly key: string;
  readonly fileName: string;
  /** Bytes of the finished file; null until it has been planned. */
  readonly size: number | null;
  readonly bytesDone: number;
  readonly estimatedSeconds: number;
}
/** A link to one archive: the token itself is never stored, only its SHA-256 in hex. */
export interface ArchiveLink {
  readonly archiveId: string;
  readonly tokenHash: string;
  readonly expiresAt: string;
  readonly createdFor: string;
}

export type UploadState = "open" | "queued" | "running" | "failed" | "completed";
/** An archive on its way in: first parts in the transfer bucket, then the snapshot of the same item. */
export interface UploadItem {
  readonly uploadId: string;
  readonly environmentId: string;
  /** The snapshot that it becomes; there is no such snapshot before the parts are complete. */
  readonly snapshotId: string;
  readonly fileName: string;
  readonly comment: string;
  readonly createdBy: string;
  /** Bytes announced; all parts but the last have `partSize` bytes. */
  readonly size: number;
  readonly partSize: number;
  readonly key: string;
  readonly multipartId: string;
  readonly state: UploadState;
  readonly statusMessage: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** An upload that is still open then is swept. */
  readonly expiresAt: string;
}

export type { ApiKeyItem, Grant, PrincipalItem, Role } from "./people-items";
