/**
 * What a dump makes after the rows: indexes, constraints, triggers. A CHECK constraint that pg_dump wrote apart, and that
 * the rows don't pass, is kept as NOT VALID and noted.
 */
import type { FillNotes } from "../dump/fill-notes";
import { textOf, type TocEntry } from "../dump/toc";
import { makeTwice } from "./make-twice";
import { type RestoreRun, runStrictly } from "./restore-run";

export const makeAfterData = async (
  run: RestoreRun,
  entries: readonly TocEntry[],
  path: string,
  notes: FillNotes,
): Promise<void> => {
  const failed = await makeTwice(run, entries, path, ({ kind }) => kind === "CHECK CONSTRAINT");
  if (failed.length === 0) return;
  for (const { entry, words } of failed) notes.notValidated.add(`${textOf(entry.tag ?? "")}: ${words}`);
  await runStrictly(
    run,
    failed.map(({ entry }) => notValid(entry)),
  );
};

const notValid = (entry: TocEntry): TocEntry => ({
  ...entry,
  definition: (entry.definition ?? "").replace(/(?<! NOT VALID);\s*$/, " NOT VALID;\n"),
});
