/**
 * Makes entries of a dump under the empty search path that pg_dump wrote them for; what fails there is tried again under
 * the database's own, because functions in its expressions may need that.
 */
import type { TocEntry } from "../dump/toc";
import { type FailedEntry, failureOf, type RestoreRun, runLeniently, underPath } from "./restore-run";

/** What fails both times and is `bearable` comes back, in order. Throws the failures of `restoreFailure` for the rest. */
export const makeTwice = async (
  run: RestoreRun,
  entries: readonly TocEntry[],
  path: string,
  bearable: (entry: TocEntry) => boolean = () => false,
): Promise<readonly FailedEntry[]> => {
  const first = await runLeniently(run, entries);
  if (first.length === 0) return [];
  const again = await runLeniently(
    underPath(run, path),
    first.map(({ entry }) => entry),
  );
  const fatal = again.find(({ entry }) => !bearable(entry));
  if (fatal === undefined) return again;
  // What stands since the first try failed in it for another reason.
  const before = first.find(({ entry }) => entry === fatal.entry);
  throw failureOf(run, /already exists/.test(fatal.words) && before !== undefined ? before.words : fatal.words);
};
