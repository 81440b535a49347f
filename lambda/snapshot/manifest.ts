/**
 * The manifest: a snapshot's own complete description. Its existence is the commit; from it alone a snapshot can
 * be verified and restored. Times are ISO 8601 in UTC; sizes are bytes; sha256 is lower-case hex; crc32 is the
 * unsigned number.
 */
import { z } from "zod";
import { ServiceFailure } from "../runtime/collaborators";

export const MANIFEST_FORMAT = 1;

/** An object of this snapshot as it stands in the primary bucket. Replicas may have other version ids. */
export const storedObject = z.object({
  key: z.string(),
  versionId: z.string(),
  size: z.number().int().nonnegative(),
  /** Of the object's bytes as stored. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  crc32: z.number().int().nonnegative(),
});
export type StoredObjectEntry = z.infer<typeof storedObject>;

export const packEntry = storedObject.extend({
  packId: z.string(),
  /** Segments in the pack, and how many of them this snapshot refers to. */
  segments: z.number().int(),
  liveSegments: z.number().int(),
  /** Compressed bytes of the segments that this snapshot refers to. */
  liveBytes: z.number().int(),
  /** The latest lock known to have been set; seals only ever move it forward. */
  lockedUntil: z.iso.datetime(),
});
export type PackEntry = z.infer<typeof packEntry>;

export const indexPartEntry = storedObject.extend({
  /** Lines of files that the snapshot holds; the lines of missing files are counted apart. */
  entries: z.number().int(),
  missing: z.number().int(),
  /** First and last key of the part, in UTF-8 byte order; null when the part is empty. */
  firstKey: z.string().nullable(),
  lastKey: z.string().nullable(),
  /** Sum of the files' sizes. */
  fileBytes: z.number().int(),
  /** Its lines say what attributes the files had; absent in parts from before that was kept. */
  attributes: z.literal(true).optional(),
});
export type IndexPartEntry = z.infer<typeof indexPartEntry>;

/** What decides the order of its text. */
export const databaseLocale = z.object({
  /** `libc`, `icu` or `builtin`. */
  provider: z.string(),
  /** The provider's own name of the locale; of libc the database's `collate`. */
  name: z.string(),
  /** ICU rules beyond the locale's own; else empty. */
  rules: z.string(),
  /** Of the library's collation, as the server says; null where it has none, as with C. */
  version: z.string().nullable(),
});
export type DatabaseLocale = z.infer<typeof databaseLocale>;

/** What stays with a database and is in no dump. A restored database keeps its target's. */
export const databaseProperties = z.object({
  owner: z.string(),
  comment: z.string().nullable(),
  /** -1: none. */
  connectionLimit: z.number().int(),
  /** `name=value`, of every role (`role` is null) or of one in this database. */
  settings: z.array(z.object({ role: z.string().nullable(), config: z.array(z.string()) })),
  /** Privileges on the database itself; `grantee` null is everybody. Null: the server's default, never changed. */
  grants: z
    .array(z.object({ grantee: z.string().nullable(), privilege: z.string(), grantable: z.boolean() }))
    .nullable(),
});
export type DatabaseProperties = z.infer<typeof databaseProperties>;

/** What is known of a database however it is kept. */
const databaseFacts = {
  /** pg_database_size right before it was taken. */
  databaseSize: z.number().int(),
  serverVersion: z.string(),
  encoding: z.string(),
  collate: z.string(),
  ctype: z.string(),
  /** `owner` is absent where nobody noted it. */
  extensions: z.array(z.object({ name: z.string(), version: z.string(), owner: z.string().optional() })),
  /** Roles that row-security policies name. */
  policyRoles: z.array(z.string()),
  /** What else an ordinary database lacks, in words, such as `2 event triggers`; absent where nobody looked. */
  customisations: z.array(z.string()).optional(),
  /** Absent where nobody looked, as in manifests from before, and of uploads. */
  locale: databaseLocale.optional(),
  properties: databaseProperties.optional(),
};

export const databaseEntry = storedObject.extend({
  /** Of the uncompressed dump (pg_dump -Fc -Z0). */
  dumpSize: z.number().int(),
  dumpSha256: z.string(),
  dumpCrc32: z.number().int(),
  /** Where the deflate body (one segment, ended by a full flush) lies in the object. */
  segment: z.object({ offset: z.number().int(), length: z.number().int() }),
  /**
   * The dump's head (header and table of contents) is the first of two segments that together are `segment`: its
   * length compressed, and what it is inflated. Absent where the dump is one segment, as older ones are.
   */
  head: z
    .object({ rawLength: z.number().int(), length: z.number().int(), crc32: z.number().int().nonnegative() })
    .optional(),
  /** Of the rest of the dump, inflated; there with `head`. */
  dataCrc32: z.number().int().nonnegative().optional(),
  dumpVersion: z.string(),
  /** The dump holds owners and privileges; absent or false: it was made without, as older ones were. */
  privileges: z.boolean().optional(),
  /** What the table of contents says a restore needs at the target; absent where nobody looked (`dump/restore-needs.ts`). */
  roles: z.array(z.string()).optional(),
  /** Those of the roles that own something in it. */
  owners: z.array(z.string()).optional(),
  /** Of the database itself, in whose place a target database's owner steps; empty where the dump doesn't say. */
  owner: z.string().optional(),
  tablespaces: z.array(z.string()).optional(),
  /** In words, such as `the event trigger audit`. */
  needsSuperuser: z.array(z.string()).optional(),
  ...databaseFacts,
});
export type DatabaseEntry = z.infer<typeof databaseEntry>;

/** A database that is too large to dump, kept by AWS Backup: no object of the bucket holds it. */
export const recoveryPointEntry = z.object({
  kind: z.literal("recovery-point"),
  /** The RDS instance that it was taken of. */
  instance: z.string(),
  /** In the region, and in the replication region; the latter is null for single-region environments. */
  vault: z.string(),
  recoveryPointArn: z.string(),
  copyVault: z.string().nullable(),
  copyRecoveryPointArn: z.string().nullable(),
  /** When AWS Backup made it: the database is as it was at some instant between this and its completion. */
  createdAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  /** From then on the vault's lock lets go of it, and AWS Backup removes it by itself; never before the expiry. */
  deleteAt: z.iso.datetime(),
  /** Bytes that RDS says the instance's storage has; the recovery point is of the whole instance. */
  backupSize: z.number().int().nonnegative(),
  ...databaseFacts,
  /** Files that the database named before and after; the snapshot's files are the union of both. */
  listedBefore: z.number().int(),
  listedAfter: z.number().int(),
});
export type RecoveryPointEntry = z.infer<typeof recoveryPointEntry>;

export const manifest = z.object({
  format: z.literal(MANIFEST_FORMAT),
  snapshotId: z.string(),
  attemptId: z.string(),
  /** Which attempt of its night succeeded; absent in manifests from before it was noted. */
  attempt: z.number().int().positive().optional(),
  environmentId: z.string(),
  appId: z.string(),
  region: z.string(),
  replication: z.enum(["replicated", "single-region"]),
  replicationRegion: z.string().nullable(),
  tier: z.enum(["nightly", "weekly", "monthly", "on-demand", "uploaded"]),
  /** UTC date on which the window was scheduled to start; null outside a window. */
  night: z.iso.date().nullable(),
  createdAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  createdBy: z.string(),
  comment: z.string(),
  modelVersion: z.string(),
  /**
   * `reference-query`: files are those the database names. `around-recovery-point`: those that it named before or after
   * its recovery point. `listing`: rule 9 cannot be promised. `uploaded`: database and files are those of an archive
   * that somebody made.
   */
  consistency: z.enum(["reference-query", "around-recovery-point", "listing", "uploaded"]),
  baseSnapshotId: z.string().nullable(),
  /** A dump's entry has no `kind`. */
  database: z.union([recoveryPointEntry, databaseEntry]),
  files: z.object({
    count: z.number().int(),
    bytes: z.number().int(),
    missing: z.object({ count: z.number().int(), keys: z.array(z.string()) }),
    index: z.array(indexPartEntry),
    packs: z.array(packEntry),
  }),
  /** Sentences for the user, such as an extension beyond the default. */
  warnings: z.array(z.string()),
  /** Their codes, in the same order; absent in manifests from before they were noted (`snapshot/warnings.ts`). */
  warningCodes: z.array(z.string()).optional(),
});
export type Manifest = z.infer<typeof manifest>;

/** How many keys of missing files a manifest spells out; all of them stand in the index. */
export const MISSING_KEYS_LISTED = 1000;

export const isRecoveryPoint = (database: Manifest["database"]): database is RecoveryPointEntry => "kind" in database;

/** The dump of a snapshot, wherever one is needed. Throws ServiceFailure where there is none. */
export function dumpOf({ snapshotId, database }: Pick<Manifest, "snapshotId" | "database">): DatabaseEntry {
  if (!isRecoveryPoint(database)) return database;
  throw new ServiceFailure("DatabaseIsRecoveryPoint", noDump(snapshotId), false);
}

/** What to do instead of downloading the database of such a snapshot. */
export const noDump = (snapshotId: string): string =>
  `The database of snapshot ${snapshotId} is a recovery point of AWS Backup, so there is no dump of it: restore the snapshot ` +
  `into an environment, register that one with "backup": "dump", take a backup there and download that. The files can be downloaded on their own.`;
