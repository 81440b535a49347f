/** A restore plan for people, and what stands against the restore. Pure. */
import type { ApiRestorePlan } from "./api/answers";
import { describeFindings } from "./describe-findings";
import { duration, oneLine, size } from "./plain-text";
import { CommandFailure } from "./surroundings";

export function describePlan(planned: ApiRestorePlan): readonly string[] {
  const { plan, dbOnly, sourceSnapshotId, sourceEnvironmentId, targetEnvironmentId } = planned;
  const head = [
    `snapshot  ${sourceSnapshotId} of environment ${sourceEnvironmentId}`,
    `into      environment ${targetEnvironmentId}, ${dbOnly ? "the database only" : "database and files"}`,
  ];
  if (plan === null) return head;
  const { databaseBytesNeeded: needed, databaseBytesFree: free } = plan;
  const room = `${needed === null ? "unknown" : size(needed)} needed, ${free === null ? "nobody knows how much is" : size(free)} free`;
  return [
    ...head,
    `database  ${room}`,
    ...(dbOnly
      ? []
      : [
          `files     ${plan.filesToPut} (${size(plan.bytesToPut)}) to put, ${toReplace(plan)}${plan.filesPresent} there already`,
        ]),
    ...(dbOnly ? [] : [`removes   ${toRemove(plan)}`]),
    `takes     about ${duration(plan.estimatedSeconds)}`,
    ...describeFindings("refused", plan.refusals),
    ...describeFindings("warning", plan.warnings),
    ...(plan.refusals.length + plan.warnings.length === 0 ? ["Nothing stands against it."] : []),
  ];
}

const toReplace = ({ filesToReplace, bytesToReplace }: NonNullable<ApiRestorePlan["plan"]>): string =>
  filesToReplace === 0 ? "" : `${filesToReplace} (${size(bytesToReplace)}) to put back over what stood there, `;

const toRemove = ({ filesToRemove, noOldFiles }: NonNullable<ApiRestorePlan["plan"]>): string => {
  if (noOldFiles !== null) return `nothing: ${oneLine(noOldFiles)}`;
  if (filesToRemove === null) return "files that the snapshot does not have; nobody could count them in time";
  return filesToRemove === 0 ? "nothing" : `${filesToRemove} files that the snapshot does not have`;
};

/** Undefined: nothing. */
export function objections(planned: ApiRestorePlan): CommandFailure | undefined {
  const { plan, sourceSnapshotId, targetEnvironmentId } = planned;
  if (plan !== null && plan.refusals.length > 0)
    return new CommandFailure(3, ["The restore would be refused; mend this and plan again."]);
  if (plan === null || planned.state !== "completed")
    return new CommandFailure(1, [`The plan failed: ${oneLine(planned.statusMessage ?? "nobody said why")}`]);
  if (plan.warnings.length === 0) return undefined;
  const codes = [...new Set(plan.warnings.map(({ code }) => code))].join(" ");
  return new CommandFailure(3, [
    `Read the warnings, then: backups restore ${sourceSnapshotId} --to ${targetEnvironmentId}${planned.dbOnly ? " --database-only" : ""} --acknowledge ${codes}`,
  ]);
}
