/** A restore for people: all of it, one line of progress, its findings, and why it failed. Pure. */
import type { PublicRestore } from "../../lambda/requests/contract";
import { isHeld, unacknowledged } from "../../lambda/restore/acknowledgement";
import { describeFindings } from "./describe-findings";
import { oneLine, second, size } from "./plain-text";

export function describeRestore(restore: PublicRestore): readonly string[] {
  const { restoreId, snapshotId, sourceEnvironmentId, targetEnvironmentId, finishedAt, plan, files } = restore;
  const toPut = plan === null ? "" : ` of ${plan.filesToPut} (${size(plan.bytesToPut)})`;
  return [
    `restore   ${restoreId} of snapshot ${snapshotId} of environment ${sourceEnvironmentId}`,
    `into      environment ${targetEnvironmentId}, ${restore.databaseOnly ? "the database only" : "database and files"}`,
    `asked     ${second(restore.createdAt)} by ${oneLine(restore.requestedBy)}`,
    `state     ${progressOf(restore)}${finishedAt === null ? "" : `, ended ${second(finishedAt)}`}`,
    ...(restore.databaseOnly
      ? []
      : [
          `files     ${files.put}${toPut} put, ${replacedOf(restore)}${files.kept} kept, ${files.removed} removed${leftOf(restore)}`,
        ]),
    ...(restore.statusMessage === "" ? [] : [`message   ${oneLine(restore.statusMessage)}`]),
    ...findings(restore).map((line) => `  ${line}`),
  ];
}

const replacedOf = ({ plan, files: { replaced } }: PublicRestore): string => {
  const { filesToReplace = 0, bytesToReplace = 0 } = plan ?? {};
  return filesToReplace + replaced === 0
    ? ""
    : `${replaced} of ${filesToReplace} (${size(bytesToReplace)}) put back over what stood there, `;
};
const leftOf = ({ files: { left } }: PublicRestore): string => (left === 0 ? "" : `, ${left} left`);

/** Says the same as long as nothing has changed that people want to know. */
export function progressOf({ state, phase, plan, files, databaseOnly }: PublicRestore): string {
  if (isHeld({ state, phase })) return "waiting for its warnings to be accepted";
  if (state !== "running") return state === phase ? state : `${state} (${phase})`;
  if (phase !== "files" || databaseOnly || plan === null) return `running (${phase})`;
  return `running (files, ${files.put + files.replaced} of ${plan.filesToPut + plan.filesToReplace} put)`;
}

/** The plan's refusals and warnings, one sentence each with its code; the result's notes stand in its message. */
export const findings = ({ plan, acknowledged }: PublicRestore): readonly string[] => [
  ...describeFindings("refused", plan?.refusals ?? []),
  ...describeFindings("warning", plan?.warnings ?? [], (code) => (acknowledged.includes(code) ? ", acknowledged" : "")),
];

/** Why it failed and what to do; refusals and warnings have been printed by `findings`. */
export function failureOf(restore: PublicRestore): string {
  const { restoreId, snapshotId, sourceEnvironmentId, targetEnvironmentId, plan, acknowledged } = restore;
  const into = `Restore ${restoreId} into environment ${targetEnvironmentId}`;
  if ((plan?.refusals ?? []).length > 0)
    return `${into} was refused and has changed nothing; mend this and restore again.`;
  const open = isHeldBack(restore) ? unacknowledged(plan?.warnings ?? [], acknowledged) : [];
  if (open.length === 0) return `${into} failed: ${oneLine(restore.statusMessage)}`;
  const codes = [...new Set([...acknowledged, ...open.map(({ code }) => code)])].join(" ");
  const files = restore.databaseOnly ? " --database-only" : "";
  return (
    `${into} has changed nothing: it waits for its warnings to be accepted. Read them, then: ` +
    `backups restore ${snapshotId} --from ${sourceEnvironmentId} --to ${targetEnvironmentId}${files} --acknowledge ${codes}`
  );
}

/** It changed nothing: its plan refuses it, or has warnings that wait to be accepted. */
export const isHeldBack = (restore: PublicRestore): boolean =>
  isHeld(restore) || (restore.state === "failed" && (restore.plan?.refusals.length ?? 0) > 0);
