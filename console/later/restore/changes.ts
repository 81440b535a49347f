/** What a restore would do to its target, by its plan: a sentence for each change, the losses among them. Pure. */
import type { RestorePlanView } from "../../api/types";
import { count, size } from "../../text/format";

export type Plan = NonNullable<RestorePlanView["plan"]>;
export interface ChangeContext {
  /** Id of the environment that is restored into. */
  readonly target: string;
  /** When the backup was taken, in UTC, as people read it. */
  readonly takenAt: string;
  readonly databaseOnly: boolean;
}

export const changesOf = (plan: Plan, { target, takenAt, databaseOnly }: ChangeContext): readonly string[] => [
  `The database of ${target} is replaced: what was entered there since is lost, unless a backup has it. Afterwards it is as it was on ${takenAt} UTC.`,
  ...(databaseOnly ? ["Its files stay as they are."] : fileChanges(plan)),
];

const fileChanges = (plan: Plan): readonly string[] => [
  plan.files_to_put === 0
    ? "No file has to be put back."
    : `${files(plan.files_to_put)} put back (${size(plan.bytes_to_put)}).`,
  ...(plan.files_to_replace === 0
    ? []
    : [
        `${files(plan.files_to_replace)} put back over other contents (${size(plan.bytes_to_replace)}), which are lost.`,
      ]),
  `${files(plan.files_present)} there already, and ${plan.files_present === 1 ? "stays" : "stay"}.`,
  ...removals(plan),
];

const removals = ({ files_to_remove: number, no_old_files }: Plan): readonly string[] => {
  if (number === null)
    return no_old_files === null ? ["Files that the backup's database does not name are removed."] : [];
  if (number === 0) return ["No file is removed."];
  return [`${files(number)} removed, because the backup's database does not name ${number === 1 ? "it" : "them"}.`];
};

/** `1 file is`, `1,200 files are` */
const files = (number: number): string => (number === 1 ? "1 file is" : `${count(number)} files are`);
