/** The backup workflow's states: what goes in and what comes out. State N's input is state N-1's output. */
import { z } from "zod";

export const backupRequest = z.object({
  environmentId: z.string(),
  snapshotId: z.string(),
  trigger: z.enum(["nightly", "on-demand", "upload"]),
  tier: z.enum(["nightly", "weekly", "monthly", "on-demand", "uploaded"]),
  /** UTC date on which the window was scheduled to start; null for on-demand. */
  night: z.iso.date().nullable(),
  /** 1 to 3; on-demand has one attempt. */
  attempt: z.number().int().min(1).max(3),
  createdBy: z.string(),
  comment: z.string(),
  requestedAt: z.iso.datetime(),
});
export type BackupRequest = z.infer<typeof backupRequest>;

/** Execution input: `{ request }`. Its name: `backupExecutionName(request)`. */
export const backupExecutionInput = z.object({ request: backupRequest });
export type BackupExecutionInput = z.infer<typeof backupExecutionInput>;

/** At most 80 characters, the limit of Step Functions; the same request has the same name, so starting twice is harmless. */
export const backupExecutionName = (
  request: Pick<BackupRequest, "environmentId" | "snapshotId" | "night" | "attempt">,
): string =>
  request.night === null
    ? `${request.environmentId.slice(0, 79 - request.snapshotId.length)}-${request.snapshotId}`
    : `${request.environmentId}-${request.night}-${request.attempt}`;

export const attemptRef = z.object({
  environmentId: z.string(),
  snapshotId: z.string(),
  attemptId: z.string(),
});
export type AttemptRef = z.infer<typeof attemptRef>;

/** How RunTask reaches the environment's network. */
export const taskNetwork = z.object({
  subnets: z.array(z.string()),
  securityGroups: z.array(z.string()),
  assignPublicIp: z.enum(["ENABLED", "DISABLED"]),
});
export type TaskNetwork = z.infer<typeof taskNetwork>;

/** Begin: `{ executionArn, request }` → `$.begun`. `busy` waits and begins again; `skip` ends the execution. */
export const beginInput = z.object({ executionArn: z.string(), request: backupRequest });
export const beginOutput = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("begun"),
    attempt: attemptRef,
    network: taskNetwork,
    /** How the environment's database is kept. */
    database: z.enum(["dump", "recovery-point"]),
  }),
  z.object({ outcome: z.literal("busy"), reason: z.string() }),
  z.object({ outcome: z.literal("skip"), reason: z.string() }),
]);
export type BeginInput = z.infer<typeof beginInput>;
export type BeginOutput = z.infer<typeof beginOutput>;

/** Dump database: the task runs `dump <environmentId> <snapshotId> <attemptId>`; its result stands in the attempt. */

/** The map's input has room for them. */
export const MOST_SHARDS = 10_000;

/**
 * Plan files: `{ attempt }` → `$.plan`; the shards themselves stand in the attempt. `busy`: all places of the region
 * are taken, wait and call again. `places`: how many packers may run at a time.
 */
export const planFilesInput = z.object({ attempt: attemptRef });
export const planFilesOutput = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("planned"),
    shards: z.array(z.number().int()).max(MOST_SHARDS),
    places: z.number().int().positive(),
  }),
  z.object({ outcome: z.literal("busy"), reason: z.string() }),
]);
export type PlanFilesInput = z.infer<typeof planFilesInput>;
export type PlanFilesOutput = z.infer<typeof planFilesOutput>;

/** Step Functions' `{ Error, Cause }`. */
export const workflowError = z.object({ Error: z.string().optional(), Cause: z.string().optional() });

/**
 * Pack files, one shard: `{ attempt, shard }` → `$.packed`. `more`: call again (progress stands in the catalog);
 * `task`: a very large file comes next, run the task with `pack <environmentId> <snapshotId> <attemptId> <shard>`.
 * With `error`, the shard has failed for good and the reason is noted in the attempt: a map's own failure doesn't say it.
 */
export const packFilesInput = z.object({
  attempt: attemptRef,
  shard: z.number().int(),
  error: workflowError.optional(),
});
export const packFilesOutput = z.object({ outcome: z.enum(["done", "more", "task", "failed"]) });
export type PackFilesInput = z.infer<typeof packFilesInput>;
export type PackFilesOutput = z.infer<typeof packFilesOutput>;

/** Seal: `{ attempt }` → `$.sealed`. After it the execution only goes forward. */
export const sealInput = z.object({ attempt: attemptRef });
export const sealOutput = z.object({
  snapshotId: z.string(),
  environmentId: z.string(),
  replicated: z.boolean(),
});
export type SealInput = z.infer<typeof sealInput>;
export type SealOutput = z.infer<typeof sealOutput>;

/** Fail: any failure before the commit. Gives the lease back, then starts the next attempt or tells someone. */
export const failInput = z.object({
  executionArn: z.string(),
  request: backupRequest,
  error: workflowError,
});
export const failOutput = z.object({
  reason: z.string(),
  nextAttempt: z.number().int().nullable(),
  sealed: z.boolean(),
});
export type FailInput = z.infer<typeof failInput>;
export type FailOutput = z.infer<typeof failOutput>;
