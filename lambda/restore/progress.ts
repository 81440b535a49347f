/**
 * How far a restore is, for people who wait: its steps weigh what the plan says that they take, so that a percent is about
 * as long wherever it comes. The database fills without saying how far it is; there the time since it began counts, and
 * never to its end. Pure.
 */
import type { RestoreItem, RestorePlan } from "../catalog/items";
import { FIXED_SECONDS, secondsOfWork } from "./estimate";
import { isHeld } from "./acknowledgement";
import { isSwapped, UNDO_PHASE } from "./restore-state";

export const RESTORE_STEPS = ["waiting", "planning", "files", "database", "swap", "removal", "undo", "ended"] as const;
export type RestoreStep = (typeof RESTORE_STEPS)[number];
export interface RestoreProgress {
  readonly step: RestoreStep;
  /** Whole, 0 to 99 while it runs and 100 once it has completed; null where it goes back or has failed. */
  readonly percent: number | null;
  /** What is being done, as people say it. */
  readonly message: string;
}

const MESSAGES: Readonly<Record<Exclude<RestoreStep, "ended">, string>> = {
  waiting: "Waiting for its turn: the environment is busy.",
  planning: "Looking at the target, and planning.",
  files: "Putting files back.",
  database: "Filling a new database beside the old one.",
  swap: "Putting the new database in the old one's place.",
  removal: "Removing files that the backup does not have.",
  undo: "Going back: everything becomes as it was before.",
};
const INSTANCE_MESSAGE = "RDS makes a new instance beside the old one.";

/** Of the fixed time: looking and planning before, the swap after. */
const PLANNING_SECONDS = FIXED_SECONDS / 2;
const SWAP_SECONDS = FIXED_SECONDS - PLANNING_SECONDS;
/** What only time tells is never told as done. */
const NEARLY = 0.95;

type Restore = Pick<
  RestoreItem,
  | "state"
  | "phase"
  | "plan"
  | "planOnly"
  | "files"
  | "database"
  | "databaseOnly"
  | "instances"
  | "removal"
  | "updatedAt"
>;

export function restoreProgress(restore: Restore, now: Date): RestoreProgress {
  if (restore.state === "completed") return { step: "ended", percent: 100, message: "Completed." };
  if (restore.state === "failed") return { step: "ended", percent: null, message: "Failed." };
  if (isHeld(restore))
    return { step: "waiting", percent: 0, message: "Waits for warnings to be acknowledged; nothing was touched." };
  if (restore.state === "queued") return { step: "waiting", percent: 0, message: MESSAGES.waiting };
  if (restore.phase === UNDO_PHASE || typeof restore.instances?.undoingSince === "string")
    return { step: "undo", percent: null, message: MESSAGES.undo };
  const step = stepOf(restore);
  const message = step === "database" && restore.instances ? INSTANCE_MESSAGE : MESSAGES[step];
  return { step, percent: percentOf(step, restore, now), message };
}

type Running = "planning" | "files" | "database" | "swap" | "removal";
const ORDER: readonly Running[] = ["planning", "files", "database", "swap", "removal"];

const stepOf = (restore: Restore): Running => {
  const { phase, plan, files, database, databaseOnly, instances } = restore;
  if (isSwapped(restore)) return "removal";
  if (plan === null || restore.planOnly === true || phase === "preflight" || phase === "plan") return "planning";
  if (!databaseOnly && !files.done) return "files";
  const isMade = instances ? instances.changed : database?.restored === true;
  return isMade ? "swap" : "database";
};

const percentOf = (step: Running, restore: Restore, now: Date): number => {
  const seconds = secondsOf(restore.plan, restore.databaseOnly);
  if (seconds === null) return 0;
  const total = ORDER.reduce((sum, one) => sum + seconds[one], 0);
  const before = ORDER.slice(0, ORDER.indexOf(step)).reduce((sum, one) => sum + seconds[one], 0);
  const done = before + seconds[step] * shareOf(step, restore, seconds[step], now);
  return Math.min(99, Math.floor((100 * done) / total));
};

const secondsOf = (plan: RestorePlan | null, databaseOnly: boolean): Record<Running, number> | null => {
  if (plan === null) return null;
  const work = secondsOfWork({ dumpSize: 0, filesToRemove: 0, ...plan });
  const files = databaseOnly ? 0 : work.files;
  const removal = databaseOnly ? 0 : work.removal;
  const database = Math.max(1, plan.estimatedSeconds - FIXED_SECONDS - files - removal);
  return { planning: PLANNING_SECONDS, files, database, swap: SWAP_SECONDS, removal };
};

/** 0 to 1. */
const shareOf = (step: Running, restore: Restore, seconds: number, now: Date): number => {
  const { plan, files, instances, updatedAt, removal, database } = restore;
  switch (step) {
    case "planning":
      return NEARLY;
    case "files": {
      const toPut = (plan?.filesToPut ?? 0) + (plan?.filesToReplace ?? 0);
      return portion(files.put + (files.replaced ?? 0), toPut);
    }
    case "database": {
      const since = Date.parse(instances?.startedAt ?? updatedAt);
      return Math.min(NEARLY, Math.max(0, now.getTime() - since) / 1000 / Math.max(1, seconds));
    }
    case "removal":
      return portion(database?.removed ?? 0, removal?.count ?? 0);
    default:
      return 0;
  }
};

const portion = (done: number, all: number): number => (all === 0 ? 0 : Math.min(1, done / all));
