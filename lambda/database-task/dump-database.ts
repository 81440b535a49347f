/**
 * Runs pg_dump in an exported snapshot and streams it into the primary bucket, with owners and privileges. The object is
 * committed only after pg_dump has ended well; before that nothing but an unfinished upload exists, which is aborted.
 * Then its table of contents is read back as it is stored: a dump whose own can't be read is no backup.
 */
import { LONGEST_HEAD } from "../dump/edit-head";
import type { Toc } from "../dump/toc";
import { type StoredDump, storeDump } from "../pack/dump-segment";
import { readStoredHead } from "../pack/stored-head";
import { ServiceFailure } from "../runtime/collaborators";
import type { SnapshotWarning } from "../snapshot/warnings";
import type { MultipartRequest, ObjectStore } from "../storage/object-store";
import { ObjectUpload } from "../storage/object-upload";
import type { Toolset } from "./client-programs";
import { LOCK_SECONDS } from "./connection";
import type { DatabaseLogin } from "./database-login";
import { dumpFailure } from "./dump-failure";
import { connectionString, type ProgramEnd, type RunningProgram, withProgram } from "./run-program";

export interface DumpOrder {
  readonly tools: Toolset;
  readonly login: DatabaseLogin;
  /** Of pg_export_snapshot; the exporting transaction stays open until this is done. */
  readonly snapshot: string;
  readonly target: MultipartRequest;
}

/** What pg_dump warned of comes back as sentences. Throws the failures of `dumpFailure`, and DumpUnreadable. */
export const dumpDatabase = async (
  store: ObjectStore,
  { tools, login, snapshot, target }: DumpOrder,
  signal: AbortSignal,
): Promise<StoredDump & { readonly toc: Toc; readonly warnings: readonly SnapshotWarning[] }> => {
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
    const toc = await readBack(store, target, dump, login);
    return { ...dump, toc, warnings: warningsOf(await running.ended) };
  });
};

const readBack = async (
  store: ObjectStore,
  { bucket }: MultipartRequest,
  dump: StoredDump,
  { database }: DatabaseLogin,
): Promise<Toc> => {
  const head = await readStoredHead(store, { bucket, key: dump.key, versionId: dump.versionId }, dump);
  if (head !== undefined) return head.toc;
  throw new ServiceFailure(
    "DumpUnreadable",
    `The table of contents of the dump of the database "${database}" can't be read back: it is larger than ${LONGEST_HEAD / 1024 ** 2} MiB, or in a format that is not known here; register the environment with "backup": "recovery-point".`,
    false,
  );
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
  throw dumpFailure(end, login);
}

/** pg_dump goes on after what it can't dump, and says so. */
const warningsOf = (end: ProgramEnd): SnapshotWarning[] =>
  end.lines
    .filter((line) => /warning:/i.test(line))
    .map((line) => ({
      code: "DumpWarned",
      message: `pg_dump warned: ${line.replace(/^.*?warning:\s*/i, "").replace(/\.?$/, ".")}`,
    }));
