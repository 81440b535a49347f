/** What a plan comes to, in one sentence: whether the restore can go ahead, what holds it up, how long it takes. Pure. */
import type { Finding, RestoreItem, RestorePlan } from "../catalog/items";
import { holding, unacknowledged, wentOver } from "./acknowledgement";

type Asked = Pick<RestoreItem, "acknowledged" | "overWarnings">;

/** Why a restore can't go ahead, whatever was acknowledged; undefined when it can. */
export const refusalOf = ({ refusals }: RestorePlan): string | undefined =>
  refusals.length > 0 ? sentencesOf(refusals) : undefined;

/** What a restore that nothing forbids waits for, and how to let it go ahead; undefined where it need not wait. */
export const heldSentence = ({ refusals, warnings }: RestorePlan, asked: Asked): string | undefined => {
  const open = refusals.length > 0 ? [] : holding(warnings, asked);
  if (open.length === 0) return undefined;
  const codes = [...new Set([...asked.acknowledged, ...open.map(({ code }) => code)])].join(",");
  return `Nothing was touched: the restore waits for warnings to be acknowledged: ${named(open)}. Read them, then restore again with acknowledge=${codes}.`;
};

/** Empty where there are none. */
export const wentOverSentence = ({ warnings }: RestorePlan, asked: Asked): string => {
  const over = wentOver(warnings, asked);
  return over.length === 0 ? "" : `Warnings that nobody acknowledged: ${named(over)}.`;
};

/** The result of a plan that was only asked for. */
export const planSentence = (planned: RestorePlan, acknowledged: readonly string[]): string => {
  if (planned.refusals.length > 0) return `The restore can't go ahead. ${sentencesOf(planned.refusals)}`;
  const open = unacknowledged(planned.warnings, acknowledged);
  const told = removals(planned);
  const time = `it takes about ${duration(planned.estimatedSeconds)}`;
  if (open.length === 0) return `The restore can go ahead; ${time}.${told}`;
  return `The restore can go ahead once these warnings are acknowledged; ${time}. ${sentencesOf(open)}${told}`;
};

const removals = ({ filesToRemove, noOldFiles }: RestorePlan): string => {
  if (noOldFiles !== undefined) return ` ${noOldFiles}`;
  if (filesToRemove === null)
    return " Files that the target's database names and the snapshot doesn't are removed; nobody could count them in time.";
  if (filesToRemove === undefined || filesToRemove === 0) return "";
  const one = filesToRemove === 1;
  return ` ${filesToRemove.toLocaleString("en")} ${one ? "file" : "files"} of the target that the snapshot does not have ${one ? "is" : "are"} removed.`;
};

const sentencesOf = (findings: readonly Finding[]): string => findings.map(({ message }) => message).join(" ");
const named = (findings: readonly Finding[]): string =>
  findings.map(({ code, message }) => `${code} (${message.replace(/\.$/, "")})`).join("; ");

const duration = (seconds: number): string => {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 90) return minutes === 1 ? "a minute" : `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return `${hours} hours`;
};
