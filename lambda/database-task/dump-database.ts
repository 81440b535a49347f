/**
 * Runs pg_dump in an exported snapshot and streams it into the primary bucket. The object is committed only after
 * pg_dump has ended well; before that nothing but an unfinished upload exists, which is aborted.
 */
import { type StoredDump, storeDump } from "../pack/dump-segment";
import { ServiceFailure } from "../runtime/collaborators";
import type { SnapshotWarning } from "../snapshot/warnings";
import type { MultipartRequest, ObjectStore } from "../storage/object-store";
import { ObjectUpload } from "../storage/object-upload";
import type { Toolset } from "./client-programs";
import { LOCK_SECONDS } from "./connection";
import { type DatabaseLogin, serverOf } from "./database-login";
import { connectionString, lastWords, type ProgramEnd, type RunningProgram, withProgram } from "./run-program";

export interface DumpOrder {
  readonly tools: Toolset;
  readonly login: DatabaseLogin;
  /** Of pg_export_snapshot; the exporting transaction stays open until this is done. */
  readonly snapshot: string;
  readonly target: MultipartRequest;
}

/** What pg_dump warned of comes back as sentences. Throws DumpFailed with its last words. */
export const dumpDatabase = async (
  store: ObjectStore,
  { tools, login, snapshot, target }: DumpOrder,
  signal: AbortSignal,
): Promise<StoredDump & { readonly warnings: readonly SnapshotWarning[] }> => {
  const args = [
    "--format=custom",
    "--compress=0",
    "--no-password",
    `--snapshot=${snapshot}`,
    // A table that someone holds locked must not make the night wait for ever.
    `--lock-wait-timeout=${LOCK_SECONDS * 1000}`,
    `--dbname=${connectionString(login, login.database)}`,
  ];
  return withProgram(tools.dump, args, login, signal, async (running) => {
    running.stdin.end();
    const dump = await storeDump(untilEnded(running, login, signal), new ObjectUpload(store, target));
    return { ...dump, warnings: warningsOf(await running.ended) };
  });
};

async function* untilEnded(
  running: RunningProgram,
  login: DatabaseLogin,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of running.stdout) yield chunk as Uint8Array;
  const end = await running.ended;
  signal.throwIfAborted();
  if (end.code === 0) return;
  throw new ServiceFailure(
    "DumpFailed",
    `pg_dump of the database "${login.database}" on ${serverOf(login)} failed: ${lastWords(end)}`,
    true,
  );
}

/** pg_dump goes on after what it can't dump, and says so. */
const warningsOf = (end: ProgramEnd): SnapshotWarning[] =>
  end.lines
    .filter((line) => /warning:/i.test(line))
    .map((line) => ({ code: "DumpWarned", message: `pg_dump warned: ${line.replace(/^.*?warning:\s*/i, "")}` }));
