/**
 * One run of pg_restore: some entries of a dump's table of contents, with the dump's data or without. What it made before
 * a failure stays.
 */
import { madeEntry } from "../dump/made-entry";
import { type Toc, type TocEntry, writeToc } from "../dump/toc";
import type { Toolset } from "./client-programs";
import { type DatabaseLogin, serverOf } from "./database-login";
import { restoreFailure } from "./restore-failures";
import { connectionString, inputOf, lastWords, LINES_KEPT, type ProgramEnd, withProgram } from "./run-program";

export interface RestoreRun {
  readonly tools: Pick<Toolset, "restore">;
  readonly login: DatabaseLogin;
  readonly database: string;
  readonly toc: Toc;
  /** Stand ahead of each run's entries. */
  readonly settings: readonly TocEntry[];
  readonly signal: AbortSignal;
}
/** An entry that could not be made, and the server's words. */
export interface FailedEntry {
  readonly entry: TocEntry;
  readonly words: string;
}

/** Throws the failures of `restoreFailure`. */
export const runStrictly = async (
  run: RestoreRun,
  entries: readonly TocEntry[],
  data?: AsyncIterable<Uint8Array>,
): Promise<void> => {
  const all = [...run.settings, ...entries];
  // Data name their entry by its number.
  const end = await runProgram(run, ["--exit-on-error"], data === undefined ? renumbered(all) : all, data);
  if (end.code !== 0) throw failureOf(run, lastWords(end));
};

/** Makes what it can, and tells what it couldn't, in the order of the entries. Throws where it ended otherwise. */
export const runLeniently = async (run: RestoreRun, entries: readonly TocEntry[]): Promise<readonly FailedEntry[]> => {
  if (entries.length === 0) return [];
  const end = await runProgram(run, ["--verbose"], renumbered([...run.settings, ...entries]));
  if (end.code === 0) return [];
  const failed = failedNumbers(end.lines);
  // It ended for another reason than its entries, or for so many that not all are known.
  if (end.code !== 1 || failed.size === 0 || end.lines.length === LINES_KEPT) throw failureOf(run, lastWords(end));
  return [...failed].flatMap(([number, words]) => {
    const entry = entries[number - 1 - run.settings.length];
    return entry === undefined ? [] : [{ entry, words }];
  });
};

export const failureOf = ({ database, login }: RestoreRun, words: string): Error =>
  restoreFailure(words, `"${database}" on ${serverOf(login)}`, login.user);

/** The same run under another search path; `path` is a byte string, as the dump's texts are. */
export const underPath = (run: RestoreRun, path: string): RestoreRun => ({
  ...run,
  settings: run.settings.map((entry) =>
    entry.kind === "SEARCHPATH"
      ? {
          ...madeEntry(`SELECT pg_catalog.set_config('search_path', '${path.replaceAll("'", "''")}', false);\n`, entry),
          kind: "SEARCHPATH",
          dumpId: entry.dumpId,
        }
      : entry,
  ),
});

const runProgram = async (
  { tools, login, database, toc, signal }: RestoreRun,
  args: readonly string[],
  entries: readonly TocEntry[],
  data?: AsyncIterable<Uint8Array>,
): Promise<ProgramEnd> =>
  withProgram(
    tools.restore,
    [...args, "--no-password", `--dbname=${connectionString(login, database)}`],
    login,
    signal,
    async (running) => {
      running.stdout.resume();
      const give = inputOf(running);
      await give(writeToc({ ...toc, entries }));
      // To its end, for its checks, though pg_restore may need no more of it.
      for await (const piece of data ?? []) await give(piece);
      running.stdin.end();
      const end = await running.ended;
      signal.throwIfAborted();
      return end;
    },
  );

/** A number of its own for each, so that pg_restore's words about one are told from those about another. */
const renumbered = (entries: readonly TocEntry[]): TocEntry[] =>
  entries.map((entry, at) => ({ ...entry, dumpId: at + 1, dependencies: [] }));

/** Told to be verbose, pg_restore names an entry once, before its first words about it. */
export const failedNumbers = (lines: readonly string[]): Map<number, string> => {
  const failed = new Map<number, string>();
  let number: number | undefined;
  for (const line of lines) {
    const [, entry] = /^pg_restore: from TOC entry (\d+);/.exec(line) ?? [];
    if (entry !== undefined) number = Number(entry);
    const [, words] = /^pg_restore: error: (?:could not execute query: (?:ERROR: +)?)?(.*)$/.exec(line) ?? [];
    if (words !== undefined && number !== undefined && !failed.has(number)) failed.set(number, words);
  }
  return failed;
};
