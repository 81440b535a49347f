/**
 * Closure: every file that the database names is in the index, or listed there as missing. Both are read in key order,
 * side by side, in bounded memory. What can't be proven here is said so, with what would prove it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../../../lambda/catalog/items";
import type { DatabaseLogin } from "../../../lambda/database-task/database-login";
import { readDump } from "../../../lambda/pack/dump-segment";
import { flat, readIndex } from "../../../lambda/pack/index-io";
import { recordedQuery } from "../../../lambda/drill/query-then";
import { compareNamed } from "../../../lambda/restore/closure";
import type { Copy } from "../../../lambda/restore/snapshot-reader";
import type { ProblemList } from "../../../lambda/restore/verification-problems";
import { ServiceFailure } from "../../../lambda/runtime/collaborators";
import { type DatabaseEntry, dumpOf, isRecoveryPoint, type Manifest } from "../../../lambda/snapshot/manifest";
import { oldestVersion } from "../../../lambda/storage/oldest-version";
import { StorageError, StoreUnavailable } from "../../../lambda/storage/storage-errors";
import type { SnapshotStorage } from "../surroundings";
import { isDefaultQuery, namedInDump } from "./files-in-dump";
import { NotProven } from "./not-proven";
import { findPgRestore } from "./pg-restore";
import { inScratch } from "./scratch-database";

export interface Closure {
  readonly proven: boolean;
  /** Why not; null where it was looked at. */
  readonly reason: string | null;
  /** Files that the database names. */
  readonly named: number;
  /** What the scratch database could not be given as it was; null: nothing was restored. */
  readonly notes: readonly Finding[] | null;
}
export const ONLY_A_RESTORE_READS = "a recovery point of AWS Backup, which only a restore can read";

export interface ClosureMeans {
  /** Where programs are. */
  readonly path: string | undefined;
  readonly scratch: DatabaseLogin | undefined;
}

/** Files that are named and not indexed become problems. Throws when the store does not answer, and CommandFailure. */
export async function proveClosure(
  storage: SnapshotStorage,
  manifest: Manifest,
  means: ClosureMeans,
  problems: ProblemList,
): Promise<Closure> {
  let named = 0;
  let notes: readonly Finding[] | null = null;
  try {
    if (isRecoveryPoint(manifest.database)) throw new NotProven(`its database is ${ONLY_A_RESTORE_READS}`);
    const query = await queryOf(storage, manifest, means);
    // A database of the caller's own is filled whatever it can be asked.
    if (query instanceof NotProven && means.scratch === undefined) throw query;
    const program = findPgRestore(means.path);
    const { store, bucket } = storage;
    const dump = dumpOf(manifest);
    const copy = { store, ref: await oldestVersion(store, bucket, dump.key) };
    const check = async (keys: AsyncIterable<{ readonly key: string }>): Promise<void> => {
      named = await compareNamed(keys, indexKeys(storage, manifest), {
        lacking: (key) =>
          problems.add(manifest.snapshotId, "The database names the file, and the snapshot's index doesn't.", key),
        // What the database doesn't name is no loss, and the query may be a later one.
        surplus: () => undefined,
      });
    };
    if (means.scratch === undefined)
      await inFolder(async (folder) => check(await namedInDump(plainDump(copy, dump), { program, folder })));
    else
      await inScratch(copy, dump, { program, login: means.scratch }, async (found, namedBy) => {
        notes = found;
        if (query instanceof NotProven) throw query;
        await check(namedBy(query));
      });
    return { proven: problems.count === 0, reason: null, named, notes };
  } catch (error) {
    const isOurs = error instanceof NotProven || error instanceof ServiceFailure;
    const isDamage = error instanceof StorageError && !(error instanceof StoreUnavailable);
    if (!isOurs && !isDamage) throw error;
    return { proven: false, reason: error.message.replace(/\.$/, ""), named, notes };
  }
}

/** Or why there is none that can be asked. */
async function queryOf(
  { store, bucket }: SnapshotStorage,
  manifest: Manifest,
  { scratch }: ClosureMeans,
): Promise<string | NotProven> {
  if (manifest.consistency === "listing")
    return new NotProven("its files are those that the bucket held, whatever the database names");
  if (manifest.consistency === "uploaded")
    return new NotProven("it was uploaded: its files are those of the archive, whatever the database names");
  const query = await recordedQuery(store, bucket, manifest, manifest.completedAt);
  if (query === undefined)
    return new NotProven("the environment's registration, which has its query, is not to be found");
  if (query === null) return new NotProven("the environment is registered by listing, so its query is not known");
  if (scratch === undefined && !isDefaultQuery(query))
    return new NotProven(
      "its reference query is not the platform's; give --scratch-database, an empty database to run it in",
    );
  return query;
}

const plainDump = ({ store, ref }: Copy, dump: DatabaseEntry): AsyncIterable<Uint8Array> =>
  readDump(store, ref.bucket, { ...dump, key: ref.key, versionId: ref.versionId });

async function* indexKeys(
  { store, bucket }: SnapshotStorage,
  { files }: Manifest,
): AsyncGenerator<{ readonly key: string }> {
  for (const part of files.index) {
    const { versionId } = await oldestVersion(store, bucket, part.key);
    yield* flat(readIndex(store, bucket, [{ ...part, versionId }]));
  }
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "backups-verify-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
