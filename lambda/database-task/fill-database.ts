/**
 * Streams a dump into a database with pg_restore, as the database's owner. The dump is verified to its last byte: a
 * damaged one is ObjectDamaged even where pg_restore was content, or failed first. A failure leaves a half-filled
 * database, which only a restore's own name stands for.
 */
import { readDump } from "../pack/dump-segment";
import type { Copy } from "../restore/snapshot-reader";
import { ServiceFailure } from "../runtime/collaborators";
import type { DatabaseEntry } from "../snapshot/manifest";
import type { Toolset } from "./client-programs";
import { type DatabaseLogin, serverOf } from "./database-login";
import { connectionString, inputOf, lastWords, type RunningProgram, withProgram } from "./run-program";

export interface FillOrder {
  readonly tools: Toolset;
  readonly login: DatabaseLogin;
  readonly database: string;
  readonly owner: string;
}

/** Throws RestoreFailed or ServerFull with pg_restore's last words; ObjectDamaged. */
export const fillDatabase = async (
  { store, ref }: Copy,
  dump: DatabaseEntry,
  { tools, login, database, owner }: FillOrder,
  signal: AbortSignal,
): Promise<void> => {
  const args = [
    `--role=${owner}`,
    "--exit-on-error",
    "--no-owner",
    "--no-acl",
    "--no-password",
    `--dbname=${connectionString(login, database)}`,
  ];
  const source = readDump(store, ref.bucket, { ...dump, key: ref.key, versionId: ref.versionId });
  await withProgram(tools.restore, args, login, signal, async (running) => {
    running.stdout.resume();
    await feed(source, running);
    const end = await running.ended;
    signal.throwIfAborted();
    if (end.code !== 0) throw restoreFailure(lastWords(end), `"${database}" on ${serverOf(login)}`);
  });
};

const restoreFailure = (words: string, where: string): ServiceFailure => {
  // The server's own words for a full disk, which pg_restore quotes without their code.
  const [code, advice] = /No space left on device|Disk quota exceeded/i.test(words)
    ? ["ServerFull", "give the server more storage"]
    : ["RestoreFailed", "mend that at the target, or choose another snapshot"];
  return new ServiceFailure(
    code,
    `The restore into the database ${where} failed (${words.replace(/\.$/, "")}); ${advice}.`,
    code === "RestoreFailed",
  );
};

/** Reads the source to its end, for its checks, though pg_restore may need no more of it. */
const feed = async (source: AsyncIterable<Uint8Array>, running: RunningProgram): Promise<void> => {
  const give = inputOf(running);
  for await (const piece of source) await give(piece);
  running.stdin.end();
};
