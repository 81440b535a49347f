/**
 * Asking for backups and restores, and looking at them: invoked directly by the command line, authorised by the
 * caller's IAM identity.
 */
import { z } from "zod";
import { unknownCodes, unknownCodesMessage } from "../restore/acknowledgement";
import { publicDrill } from "../drill/public-drill";

const id = z.string().min(1).max(128);
const person = z.string().min(1).max(256);
/** Made by the caller, so that asking again after a lost answer is the same request. Absent: every call is a new one. */
const requestId = z.uuid().optional();

export const requestsRequest = z.discriminatedUnion("action", [
  z.strictObject({
    action: z.literal("backup"),
    environmentId: id,
    comment: z.string().max(1000),
    createdBy: person,
    requestId,
  }),
  z.strictObject({
    action: z.literal("restore"),
    sourceEnvironmentId: id,
    snapshotId: id,
    targetEnvironmentId: id,
    databaseOnly: z.boolean(),
    /** Codes of the plan's warnings that the user has read and accepts. */
    acknowledged: z
      .array(z.string().max(64))
      .max(64)
      .refine((codes) => unknownCodes(codes).length === 0, {
        error: ({ input }) => unknownCodesMessage(input as string[]),
      }),
    requestedBy: person,
    requestId,
  }),
  z.strictObject({ action: z.literal("restore-status"), restoreId: id }),
  z.strictObject({ action: z.literal("drills"), environmentId: id }),
  /** Without a snapshot a random one of the last 30 days. */
  z.strictObject({
    action: z.literal("drill"),
    environmentId: id,
    snapshotId: id.nullable(),
    requestedBy: person,
  }),
  /** One page; `cursor` is the last page's. */
  z.strictObject({ action: z.literal("snapshots"), environmentId: id, cursor: z.string().max(4096).optional() }),
]);
export type RequestsRequest = z.infer<typeof requestsRequest>;

const accepted = z.object({ ok: z.literal(true), message: z.string() });
/** One sentence a line: what is wrong, where, what to do. */
export const requestRefused = z.object({ ok: z.literal(false), message: z.string() });
export type RequestRefused = z.infer<typeof requestRefused>;

export const backupAccepted = accepted.extend({ snapshotId: z.string() });

const finding = z.object({ code: z.string(), message: z.string() });
/** What users see of a restore. Times are ISO 8601 in UTC. */
export const publicRestore = z.object({
  restoreId: z.string(),
  sourceEnvironmentId: z.string(),
  snapshotId: z.string(),
  targetEnvironmentId: z.string(),
  databaseOnly: z.boolean(),
  acknowledged: z.array(z.string()),
  requestedBy: z.string(),
  state: z.enum(["queued", "running", "failed", "completed"]),
  phase: z.string(),
  statusMessage: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** Null until the plan has been made. */
  plan: z
    .object({
      at: z.string(),
      refusals: z.array(finding),
      warnings: z.array(finding),
      filesToPut: z.number(),
      bytesToPut: z.number(),
      filesPresent: z.number(),
      /** Standing with other bytes; older plans don't say. */
      filesToReplace: z.number().default(0),
      bytesToReplace: z.number().default(0),
      estimatedSeconds: z.number(),
    })
    .nullable(),
  /** So far. */
  files: z.object({
    put: z.number(),
    /** Over other bytes; an older deployment doesn't say. */
    replaced: z.number().default(0),
    kept: z.number(),
    removed: z.number(),
    left: z.number().default(0),
  }),
  /** What it could not put back as it was; an older deployment does not say. */
  notes: z.array(finding).default([]),
});
export type PublicRestore = z.infer<typeof publicRestore>;
/** Answers both to `restore` and to `restore-status`. */
export const restoreAnswered = accepted.extend({ restore: publicRestore });

/** What users see of a snapshot. Sizes are bytes, uncompressed, and null until it is completed. */
export const publicSnapshot = z.object({
  snapshotId: z.string(),
  state: z.enum(["queued", "running", "failed", "completed"]),
  /** Whether it may be restored now. */
  offered: z.boolean(),
  tier: z.enum(["nightly", "weekly", "monthly", "on-demand", "uploaded"]),
  createdAt: z.string(),
  /** From this second on it is gone. */
  expiresAt: z.string(),
  dumpSize: z.number().nullable(),
  filesSize: z.number().nullable(),
  fileCount: z.number().nullable(),
  missingCount: z.number().nullable(),
  /** Null until it is proven whole in the replication region, and where it isn't replicated. */
  replicatedAt: z.string().nullable(),
  comment: z.string(),
  statusMessage: z.string(),
  /** What it can't keep, or what a restore of it will meet; an older deployment does not say. */
  warnings: z.array(finding).default([]),
  createdBy: z.string(),
});
export type PublicSnapshot = z.infer<typeof publicSnapshot>;
/** In no order that means anything. A page may be empty and still have a cursor. */
export const snapshotsAnswered = accepted.extend({
  snapshots: z.array(publicSnapshot),
  cursor: z.string().optional(),
});

export const drillsAnswered = accepted.extend({
  /** Newest first. */
  drills: z.array(publicDrill),
  /** Why none are held; null where they are. */
  held: z.string().nullable(),
});
export const drillAnswered = accepted.extend({ drill: publicDrill });

export type RequestsResponse =
  | RequestRefused
  | z.infer<typeof backupAccepted>
  | z.infer<typeof restoreAnswered>
  | z.infer<typeof drillsAnswered>
  | z.infer<typeof drillAnswered>
  | z.infer<typeof snapshotsAnswered>;
