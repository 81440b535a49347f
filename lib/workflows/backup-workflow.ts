/**
 * One attempt at a snapshot: begin, dump (or a recovery point between two lists), plan, pack, seal. A failure before the end of Seal goes to Fail, which
 * gives the lease back and starts the next attempt or tells someone; objects already written stay locked for two
 * days at most. After Seal the execution only goes forward.
 */
import { callFunction, catchAll, chooseByOutcome, type State, type Workflow } from "./asl";
import { databaseTask } from "./database-task";
import { NO_ROUNDS, patientStates } from "./rounds";
import type { RecoveryPointInput } from "../../lambda/recovery-point/contract";
import { PERSISTENT } from "./retries";
import { snapshotStates } from "./snapshot-states";

/** 12 hours at 50 MB/s are 2 TB; what is larger is for recovery points. */
const DUMP_SECONDS = 12 * 3600;
/** One shard's very large files, 20 GB and more, at 16 to 56 MB/s. */
const PACK_TASK_SECONDS = 12 * 3600;
/** The reference query has an hour, and the second list is merged with the first meanwhile. */
const LIST_SECONDS = 2 * 3600;
/** Two pauses and three attempts fit into the shortest window, one hour, for databases of ordinary size. */
const PAUSE_SECONDS = 5 * 60;

export const backupWorkflow = (): Workflow => ({
  Comment: "One attempt at a snapshot of one environment",
  StartAt: "IsFirstAttempt",
  /** Queueing for a day, a recovery point and its copy for a day each, packing for half a day, rounded up. */
  TimeoutSeconds: 4 * 24 * 3600,
  States: {
    IsFirstAttempt: {
      Type: "Choice",
      Choices: [{ Variable: "$.request.attempt", NumericGreaterThan: 1, Next: "Pause" }],
      Default: "Queue",
    },
    /** What failed an attempt, a restarting database or a busy network, is given time to pass. */
    Pause: { Type: "Wait", Seconds: PAUSE_SECONDS, Next: "Queue" },
    ...snapshotStates({
      first: "DatabaseKind",
      making: {
        DatabaseKind: {
          Type: "Choice",
          Choices: [{ Variable: "$.begun.database", StringEquals: "recovery-point", Next: "ListBefore" }],
          Default: "DumpDatabase",
        },
        ...recoveryPointStates,
        ...databaseTask(
          "DumpDatabase",
          {
            command:
              "States.Array('dump', $.begun.attempt.environmentId, $.begun.attempt.snapshotId, $.begun.attempt.attemptId)",
            networkPath: "$.begun.network",
            timeoutSeconds: DUMP_SECONDS,
          },
          { Catch: catchAll("Fail"), Next: "PlanFiles" },
        ),
        ...planStates,
        PackFiles: packFiles,
        IsPointCopied: {
          Type: "Choice",
          Choices: [{ Variable: "$.begun.database", StringEquals: "recovery-point", Next: "AwaitCopy" }],
          Default: "Seal",
        },
      },
      failure: "BackupFailed",
    }),
  },
});

/** Planning takes a place among the region's; while none is free it is asked for again. */
const planStates: Record<string, State> = {
  PlanFiles: callFunction(
    "BackupPlanFunctionArn",
    { "attempt.$": "$.begun.attempt" },
    { ResultPath: "$.plan", Catch: catchAll("Fail"), Next: "PlanOutcome" },
  ),
  PlanOutcome: chooseByOutcome("$.plan.outcome", { planned: "PackFiles" }, "MayWaitForPlace"),
  ...patientStates({
    name: "Place",
    waitedFor: "place",
    again: "PlanFiles",
    giveUp: "Fail",
    error: {
      Error: "NoPlace",
      Cause:
        "All places of this region for reading files have been taken for a day; look which backups hold them, or raise Lambda's quota and the stage's setting concurrency.",
    },
  }),
};

/**
 * A child execution a shard, each with a history of its own: an execution may have 25,000 events, and an inline map
 * writes at least eleven a shard into its own. Every item's output is its number: the outputs of thousands of shards
 * must fit into 256 KB together. Of a child that fails the map only says that one has: its reason is noted before.
 */
const packFiles: State = {
  Type: "Map",
  ItemsPath: "$.plan.shards",
  MaxConcurrencyPath: "$.plan.places",
  Label: "PackFiles",
  ItemSelector: {
    "attempt.$": "$.begun.attempt",
    "network.$": "$.begun.network",
    "shard.$": "$$.Map.Item.Value",
    rounds: NO_ROUNDS,
  },
  ItemProcessor: {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    StartAt: "PackShard",
    States: {
      PackShard: callFunction(
        "BackupPackFunctionArn",
        { "attempt.$": "$.attempt", "shard.$": "$.shard" },
        { ResultPath: "$.packed", Catch: catchAll("NoteFailure"), Next: "PackOutcome" },
      ),
      PackOutcome: chooseByOutcome("$.packed.outcome", { done: "ShardPacked", task: "PackLargeFile" }, "PackShard"),
      ...databaseTask(
        "PackLargeFile",
        {
          command:
            "States.Array('pack', $.attempt.environmentId, $.attempt.snapshotId, $.attempt.attemptId, States.Format('{}', $.shard))",
          networkPath: "$.network",
          timeoutSeconds: PACK_TASK_SECONDS,
        },
        { Catch: catchAll("NoteFailure"), Next: "PackShard" },
      ),
      ShardPacked: { Type: "Pass", OutputPath: "$.shard", End: true },
      NoteFailure: callFunction(
        "BackupPackFunctionArn",
        { "attempt.$": "$.attempt", "shard.$": "$.shard", "error.$": "$.error" },
        { ResultPath: "$.noted", Retry: [PERSISTENT], Next: "ShardFailed" },
      ),
      ShardFailed: { Type: "Fail", ErrorPath: "$.error.Error", CausePath: "$.error.Cause" },
    },
  },
  ResultPath: null,
  Catch: catchAll("Fail"),
  Next: "IsPointCopied",
};

const listFiles = (name: string, time: "before" | "after", next: string): Record<string, State> =>
  databaseTask(
    name,
    {
      command: `States.Array('list', $.begun.attempt.environmentId, $.begun.attempt.snapshotId, $.begun.attempt.attemptId, '${time}')`,
      networkPath: "$.begun.network",
      timeoutSeconds: LIST_SECONDS,
    },
    { Catch: catchAll("Fail"), Next: next },
  );
const askAwsBackup = (step: RecoveryPointInput["step"], next: string): State =>
  callFunction(
    "RecoveryPointFunctionArn",
    { step, "attempt.$": "$.begun.attempt" },
    { ResultPath: "$.point", Catch: catchAll("Fail"), Next: next },
  );
const wait = (next: string): State => ({ Type: "Wait", SecondsPath: "$.point.waitSeconds", Next: next });

/**
 * The recovery point between two lists of files. Its copy is started once before the files are packed, so that both go
 * on together, and awaited after. Waiting holds no function and no task; how long, the function decides.
 */
const recoveryPointStates: Record<string, State> = {
  ...listFiles("ListBefore", "before", "AwaitPoint"),
  AwaitPoint: askAwsBackup("point", "PointOutcome"),
  PointOutcome: chooseByOutcome("$.point.outcome", { done: "ListAfter" }, "WaitForPoint"),
  WaitForPoint: wait("AwaitPoint"),
  ...listFiles("ListAfter", "after", "StartCopy"),
  StartCopy: askAwsBackup("copy", "PlanFiles"),
  AwaitCopy: askAwsBackup("copy", "CopyOutcome"),
  CopyOutcome: chooseByOutcome("$.point.outcome", { done: "Seal" }, "WaitForCopy"),
  WaitForCopy: wait("AwaitCopy"),
};
