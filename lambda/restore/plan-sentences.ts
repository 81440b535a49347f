/** What a plan comes to, in one sentence: whether the restore can go ahead, what holds it up, how long it takes. Pure. */
import type { Finding, RestorePlan } from "../catalog/items";
import { unacknowledged } from "./plan-rules";

/** Why a restore can't go ahead; undefined when it can. */
export const refusalOf = (planned: RestorePlan, acknowledged: readonly string[]): string | undefined => {
  if (planned.refusals.length > 0) return planned.refusals.map(({ message }) => message).join(" ");
  const open = unacknowledged(planned.warnings, acknowledged);
  if (open.length === 0) return undefined;
  return `The restore has changed nothing and waits for warnings to be acknowledged by their codes: ${named(open)}.`;
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
