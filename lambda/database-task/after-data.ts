/**
 * What a dump makes after the rows: indexes, constraints, triggers. Functions in their expressions are called under an
 * empty search path; what fails there is tried again under the database's own, and a CHECK constraint that fails there
 * too is kept as NOT VALID.
 */
import type { FillNotes } from "../dump/fill-notes";
import { textOf, type TocEntry } from "../dump/toc";
import { type FailedEntry, failureOf, type RestoreRun, runLeniently, runStrictly, underPath } from "./restore-run";

export const makeAfterData = async (
  run: RestoreRun,
  entries: readonly TocEntry[],
  path: string,
  notes: FillNotes,
): Promise<void> => {
  const failed = await runLeniently(run, entries);
  const again = await runLeniently(
    underPath(run, path),
    failed.map(({ entry }) => entry),
  );
  const fatal = again.find(({ entry }) => entry.kind !== "CHECK CONSTRAINT");
  // It stands since the first try, whose words count.
  const first = failed.find(({ entry }) => entry.dumpId === fatal?.entry.dumpId);
  if (fatal !== undefined)
    throw failureOf(run, /already exists/.test(fatal.words) && first ? first.words : fatal.words);
  if (again.length === 0) return;
  for (const { entry, words } of again) notes.notValidated.add(`${textOf(entry.tag ?? "")}: ${words}`);
  await runStrictly(run, again.map(notValid));
};

const notValid = ({ entry }: FailedEntry): TocEntry => ({
  ...entry,
  definition: (entry.definition ?? "").replace(/(?<! NOT VALID);\s*$/, " NOT VALID;\n"),
});
