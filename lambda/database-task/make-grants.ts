/**
 * Makes a dump's grants, statement by statement. One that the server refuses gives somebody less than before, which is
 * noted; a right that can't be taken away would give somebody more, so the restore fails for it.
 */
import type { FillNotes } from "../dump/fill-notes";
import { textOf, type TocEntry } from "../dump/toc";
import { failureOf, type RestoreRun, runLeniently } from "./restore-run";

export const makeGrants = async (run: RestoreRun, grants: readonly TocEntry[], notes: FillNotes): Promise<void> => {
  for (const { entry, words } of await runLeniently(run, grants)) {
    const statement = textOf(entry.definition ?? "").trim();
    if (/\bREVOKE\b/.test(statement.replaceAll(/"(?:[^"]|"")*"/g, ""))) throw failureOf(run, words);
    notes.refusedGrants.add(statement.replaceAll(/\s*\n\s*/g, " "));
  }
};
