/** How far a restore has come, in people's words: the service's own weighting where it is told. Pure. */
import type { RestoreView } from "../../api/types";

/** `progress` is absent in answers of an older service. */
type Followed = RestoreView & {
  readonly progress?: { readonly percent: number | null; readonly step: string } | null;
};

/** The service's steps and phases. */
const STEPS: Readonly<Record<string, string>> = {
  queued: "Waiting for its turn",
  preflight: "Checking that the backup fits the environment",
  plan: "Comparing the backup's files with those that are there",
  files: "Putting files back",
  database: "Putting the database together, beside the one that is in use",
  "plan-removal": "Working out which files the restored database no longer names",
  swap: "Putting the restored database in the place of the old one",
  removal: "Removing files that the restored database no longer names",
  undo: "Taking back what was begun",
  done: "Done",
};

/** A sentence without its full stop. What this page has no words for yet is shown as the service names it. */
export const stepWords = (step: string): string => {
  const known = STEPS[step];
  if (known !== undefined) return known;
  const words = step.replaceAll("-", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};

/** 0 to 100. Without the service's word: the files' share, which leaves the last tenth to the database. */
export const percentOf = (restore: Followed): number => {
  const told = restore.progress?.percent;
  if (told !== undefined && told !== null) return Math.min(100, Math.max(0, Math.floor(told)));
  const { plan, files, db_only: databaseOnly } = restore;
  const total = plan === null || databaseOnly ? 0 : plan.files_to_put + plan.files_to_replace + plan.files_present;
  if (total === 0) return 0;
  return Math.min(90, Math.floor((90 * (files.put + files.replaced + files.kept)) / total));
};
export const stepOf = ({ state, phase, progress }: Followed): string =>
  stepWords(state === "queued" ? "queued" : (progress?.step ?? phase));
