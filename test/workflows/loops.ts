/**
 * What the definitions don't say of their loops: how long a function works before it hands back, how often the code
 * behind a step leads back to it. Computed from that code where it can be.
 */
import { ENVIRONMENTS_A_RUN } from "../../lambda/retention/select";
import { patience } from "../../lambda/replication-check/limits";
import { waiting } from "../../lambda/recovery-point/waiting";
import { FUNCTION_SIZES } from "../../lib/functions/function-sizes";
import type { WorkflowName } from "../../lib/names";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import type { Limits, StepLimit } from "./worst-history";

/** A function that hands back works until little of its time is left: two minutes or less, see each HAND_BACK_MS. */
const HAND_BACK_SECONDS = 120;
const handsBack = (from: string, to: string, name: keyof typeof FUNCTION_SIZES): StepLimit => ({
  from,
  to,
  atLeastSeconds: FUNCTION_SIZES[name].timeoutSeconds - HAND_BACK_SECONDS,
  why: `${name} hands back when its time is nearly over`,
});

/** Rounds until `since` has grown to `hours`, when each waits as long as `wait` says. */
const roundsOf = (hours: number, wait: (sinceSeconds: number) => number): number => {
  let rounds = 0;
  for (let since = 0; since <= hours * 3600; since += wait(since)) rounds++;
  return rounds + 1;
};
const pointRounds = roundsOf(25, (since) => waiting(since * 1000).waitSeconds);
const checkRounds = roundsOf(
  12,
  (since) => patience({ finishedAt: null, createdAt: "" }, new Date(0), since).waitSeconds,
);
/** One a minute, the last look included. */
const slotRounds = Math.max(...NIGHTLY_TABLE.map(({ durationMinutes }) => durationMinutes)) + 2;

const NOTHING: Limits = { steps: [], items: {} };

/** By workflow, and by the distributed maps inside, whose items have histories of their own. */
export const LOOPS: Readonly<Record<WorkflowName | "backup, PackFiles", Limits>> = {
  "nightly-window": {
    steps: [
      { from: "WindowOutcome", to: "WaitForSlot", atMost: slotRounds, why: "a round a minute until the last slot" },
    ],
    items: {},
  },
  backup: {
    steps: [
      {
        from: "PointOutcome",
        to: "WaitForPoint",
        atMost: pointRounds,
        why: "take-recovery-point.ts gives up after 24 hours and one",
      },
      {
        from: "CopyOutcome",
        to: "WaitForCopy",
        atMost: pointRounds,
        why: "copy-recovery-point.ts gives up after 24 hours",
      },
    ],
    items: {},
  },
  "replication-check": {
    steps: [
      {
        from: "CheckOutcome",
        to: "WaitForReplication",
        atMost: checkRounds,
        why: "limits.ts gives up after twelve hours of waiting",
      },
    ],
    items: {},
  },
  retention: { steps: [handsBack("ExpireOutcome", "Expire", "retention")], items: { ExpireEach: ENVIRONMENTS_A_RUN } },
  deletion: NOTHING,
  keep: { steps: [handsBack("BeginOutcome", "Keep", "keep")], items: {} },
  restore: {
    steps: [
      handsBack("PlanOutcome", "Plan", "restore"),
      handsBack("FilesOutcome", "Files", "restore"),
      handsBack("RemovalOutcome", "PlanRemoval", "restore"),
      handsBack("UndoOutcome", "UndoFiles", "restore"),
    ],
    items: {},
  },
  drill: {
    steps: [handsBack("FilesOutcome", "CheckFiles", "drill"), handsBack("ClearOutcome", "ClearFiles", "drill")],
    items: {},
  },
  archive: {
    steps: [
      handsBack("BuildOutcome", "Build", "archive"),
      {
        from: "BuildOutcome",
        to: "BuildByTask",
        atMost: 1,
        why: "the task inflates the whole dump, and the next call finds it",
      },
    ],
    items: {},
  },
  upload: NOTHING,
  probe: NOTHING,
  "backup, PackFiles": {
    steps: [
      handsBack("PackOutcome", "PackShard", "backup-pack"),
      {
        from: "PackOutcome",
        to: "PackLargeFile",
        atMost: 1,
        why: "the task has no deadline and packs the rest of the shard",
      },
    ],
    items: {},
  },
};
