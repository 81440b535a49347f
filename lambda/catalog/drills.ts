/**
 * Restore drills as catalog and records hold them. A drill restores a snapshot at the region's *drill target*: a
 * PostgreSQL server that is meant for nothing else, and a prefix of the service's own transfer bucket.
 */
import { z } from "zod";
import { sslModeInFile, withSslMode } from "./ssl-mode";

const GIB = 1024 ** 3;

/** What the file given to `backups drills target` holds. */
export const drillTarget = z.strictObject({
  database: z
    .strictObject({
      host: z.string().min(1),
      port: z.number().int().min(1).max(65535).default(5432),
      /** Secrets Manager secret (ARN or name) with JSON `username` and `password`; the user may create databases. */
      secret: z.string().min(1),
      ssl: sslModeInFile,
    })
    .transform(withSslMode),
  network: z.strictObject({
    subnets: z.array(z.string()).min(1).max(16),
    securityGroups: z.array(z.string()).min(1).max(5),
    publicAddress: z.boolean().default(false),
  }),
  /** A snapshot with a larger database, or with more files, is not drilled, and its drill says so. */
  limits: z
    .strictObject({
      databaseGiB: z.number().positive().default(100),
      filesGiB: z.number().positive().default(500),
      files: z.number().int().positive().default(2_000_000),
    })
    .default({ databaseGiB: 100, filesGiB: 500, files: 2_000_000 }),
});
export type DrillTarget = z.infer<typeof drillTarget>;

/** `service/records/drill-target.json`; `target` is null where it was taken away. */
export const drillTargetRecord = z.object({
  format: z.literal(1),
  target: drillTarget.nullable(),
  updatedAt: z.iso.datetime(),
});

/** `failed`: the snapshot could not be restored, or something in it is wrong. `not-drilled`: it is none for drills. */
export const DRILL_OUTCOMES = ["passed", "failed", "not-drilled"] as const;
export type DrillOutcome = (typeof DRILL_OUTCOMES)[number];

const seconds = z.number().nonnegative().nullable();
/** A drill that has ended. Times are ISO 8601 in UTC. */
export const drillResult = z.object({
  drillId: z.string(),
  environmentId: z.string(),
  /** Null where there was none to restore. */
  snapshotId: z.string().nullable(),
  snapshotCreatedAt: z.iso.datetime().nullable(),
  /** `schedule`, or who asked for it. */
  requestedBy: z.string(),
  outcome: z.enum(DRILL_OUTCOMES),
  statusMessage: z.string(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime(),
  /** As far as it came: `total` is what a restore would have taken, database and files, with what was verified. */
  seconds: z.object({ total: seconds, database: seconds, tables: seconds, closure: seconds, files: seconds }),
  /** Why the time is too long, in one sentence. */
  slow: z.string().nullable(),
  /** The first of them, one sentence each. */
  problems: z.array(z.string()),
  problemCount: z.number().int(),
  /** What the restored database could not be given as it was in the snapshot; absent: nothing, or nobody noted it. */
  notes: z.array(z.object({ code: z.string(), message: z.string() })).optional(),
  /** What was read of the restored database. */
  database: z
    .object({
      tables: z.number().int(),
      rows: z.number().int(),
      bytes: z.number().int(),
      largeObjects: z.number().int(),
    })
    .nullable(),
  /** Files put at the scratch prefix and read back. */
  files: z.object({ checked: z.number().int(), bytes: z.number().int() }),
  /** Whether the database names exactly the files of the snapshot; `reason` says why that can't be proven. */
  closure: z.object({ proven: z.boolean(), reason: z.string().nullable(), named: z.number().int() }).nullable(),
});
export type DrillResult = z.infer<typeof drillResult>;

/** `<prefix>/records/drills.json`: an environment's last drills, newest first. */
export const drillsRecord = z.object({
  format: z.literal(1),
  environmentId: z.string(),
  drills: z.array(drillResult),
  updatedAt: z.iso.datetime(),
});
export type DrillsRecord = z.infer<typeof drillsRecord>;
/** As many are kept, in the record and in the catalog. */
export const DRILLS_KEPT = 20;
export const PROBLEMS_KEPT = 20;

/** In the catalog; `seconds.total` is null and `finishedAt` too while it goes on. */
export interface DrillItem extends Omit<DrillResult, "outcome" | "finishedAt" | "files"> {
  readonly state: "queued" | "running" | "completed";
  readonly outcome: DrillOutcome | null;
  readonly finishedAt: string | null;
  readonly updatedAt: string;
  readonly executionArn: string | null;
  /** Of the drill target's lease. */
  readonly leaseToken: string | null;
  /** The reference query as it was registered when the snapshot was made; null where there is none to be known. */
  readonly query: string | null;
  /** Why it can't count as passed, whatever is found, in one sentence. */
  readonly notDrilled: string | null;
  readonly files: DrillResult["files"] & {
    /** Files up to this key are checked. */
    readonly after: string | null;
    readonly startedAt: string | null;
    readonly done: boolean;
  };
  /** A sentence left by the database task before it ended with a failure. */
  readonly failure: { readonly name: string; readonly message: string } | null;
}

/** What there is at the region's drill target. Written before anything is made there. */
export interface DrillState {
  readonly current: { readonly environmentId: string; readonly drillId: string; readonly executionArn: string } | null;
  readonly leaseToken: string | null;
  readonly databaseClear: boolean;
  readonly filesClear: boolean;
}

/** Whose lease it is: one drill at a time a region. No environment can have this id. */
export const DRILL_LEASE = "$drill-target";

/** One sentence: why the snapshot is too large for the drill target; undefined where it is not. */
export const tooLarge = (
  { limits }: DrillTarget,
  sizes: { readonly database: number; readonly fileBytes: number; readonly files: number },
): string | undefined => {
  const over = (what: string, bytes: number, gib: number): string | undefined =>
    bytes <= gib * GIB
      ? undefined
      : `Too large for the drill target: ${what} ${(bytes / GIB).toFixed(1)} GiB, and its limit is ${gib} GiB.`;
  if (sizes.files > limits.files)
    return `Too large for the drill target: the snapshot has ${sizes.files.toLocaleString("en")} files, and its limit is ${limits.files.toLocaleString("en")}.`;
  return (
    over("the database takes", sizes.database, limits.databaseGiB) ??
    over("the files take", sizes.fileBytes, limits.filesGiB)
  );
};

/** What page, API and command line say where there is no target. */
export const NO_DRILL_TARGET = "No drill: this region has no drill target; `backups drills target` gives it one.";
