/**
 * Makes entries of a dump under the empty search path that pg_dump wrote them for; what fails there is tried again under
 * the database's own, because functions in its expressions may need that.
 */
import type { TocEntry } from "../dump/toc";
import { failureOf, type RestoreRun, runLeniently, underPath } from "./restore-run";

/** Throws the failures of `restoreFailure` for what fails both times. */
export const makeTwice = async (run: RestoreRun, entries: readonly TocEntry[], path: string): Promise<void> => {
  const first = await runLeniently(run, entries);
  if (first.length === 0) return;
  const [fatal] = await runLeniently(
    underPath(run, path),
    first.map(({ entry }) => entry),
  );
  if (fatal === undefined) return;
  // What stands since the first try failed in it for another reason.
  const before = first.find(({ entry }) => entry === fatal.entry);
  throw failureOf(run, /already exists/.test(fatal.words) && before !== undefined ? before.words : fatal.words);
};
