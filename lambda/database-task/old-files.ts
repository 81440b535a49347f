/** The list of the files that a restore's old database refers to. It reads the database and stores the list; a failure leaves segments that nothing refers to. */
import type { RestoreDatabaseProgress } from "../catalog/items";
import { withKnown } from "../restore/known-lines";
import { openSnapshot } from "../restore/open-snapshot";
import { indexLines } from "../restore/stored-lines";
import type { Manifest } from "../snapshot/manifest";
import { ServiceFailure } from "../runtime/collaborators";
import { StorageError } from "../storage/storage-errors";
import { restoreOldListKey } from "../storage/object-keys";
import { withConnection } from "./connection";
import type { DatabaseLogin } from "./database-login";
import { storeList } from "./file-list";
import { referencedFiles, whatQueryLacks } from "./reference-query";
import type { RestoreTarget } from "./restore-target";
import { runName } from "./run-name";
import type { TaskContext } from "./task-context";

/** The reference query sorts all its rows before the first one comes. */
const QUERY_SECONDS = 3600;

export type OldFiles = Pick<RestoreDatabaseProgress, "oldList" | "noOldFiles">;
export const NO_OLD_FILES: OldFiles = { oldList: [] };

/**
 * What the old database refers to. A target that lists its bucket refers to nothing, so nothing is removed from it:
 * files that no database names can't be told from files of others. Nor does a database that lacks the tables which the
 * query asks for: a wrong guess only leaves files, and a restore is what such a database waits for.
 */
export const listOldFiles = async (
  context: TaskContext,
  { login, restore: item, target }: RestoreTarget,
): Promise<OldFiles> => {
  const { source } = target.registration.files;
  if (item.databaseOnly || source.kind === "listing") return NO_OLD_FILES;
  const { random, settings, signal, store } = context;
  const place = { replication: target.replication, environmentId: target.environmentId };
  const run = runName(random);
  const keyOf = (segment: number): string => restoreOldListKey(place, item.restoreId, segment, run);
  try {
    return await withConnection(login, { statementSeconds: QUERY_SECONDS }, async (client) => {
      await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      const lines = referencedFiles(client, source.query, login);
      const { listSegments } = await storeList(store, lines, { bucket: settings.PRIMARY_BUCKET, keyOf }, signal);
      return { oldList: listSegments };
    });
  } catch (error) {
    const lacking = whatQueryLacks(error);
    if (lacking === undefined) throw error;
    const noOldFiles = noOldFilesSentence(login, lacking);
    context.log.warn(noOldFiles, { restoreId: item.restoreId });
    return { oldList: [], noOldFiles };
  }
};

/** Longer than people wait for a plan: it then says that nobody counted. For one statement, and for all of them. */
const COUNT_SECONDS = 300;

export interface OldFilesCount {
  /** Null where nobody could count: it took too long, the query failed, or the snapshot can't be read. */
  readonly filesToRemove: number | null;
  readonly noOldFiles?: string;
}

/**
 * The same, counted beforehand: how many of the files that the target's database names the snapshot doesn't, which are
 * those that a restore removes. Nothing is stored. Some may have gone already, and whoever changes the database until
 * the swap changes the number.
 */
export const countOldFiles = async (
  context: TaskContext,
  { login, restore, target }: Pick<RestoreTarget, "login" | "restore" | "target">,
): Promise<OldFilesCount> => {
  const { source } = target.registration.files;
  if (restore.databaseOnly || source.kind === "listing") return { filesToRemove: 0 };
  try {
    const { manifest, reader } = await openSnapshot(context, restore);
    if (holdsDatabaseAlone(manifest)) return { filesToRemove: 0 };
    return await withConnection(login, { statementSeconds: COUNT_SECONDS }, async (client) => {
      await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      const named = referencedFiles(client, source.query, login);
      const late = AbortSignal.timeout(COUNT_SECONDS * 1000);
      let filesToRemove = 0;
      for await (const { known } of withKnown(named, indexLines(reader, manifest.files.index, null))) {
        context.signal.throwIfAborted();
        if (late.aborted) return { filesToRemove: null };
        if (!known) filesToRemove++;
      }
      return { filesToRemove };
    });
  } catch (error) {
    const lacking = whatQueryLacks(error);
    if (lacking !== undefined) return { filesToRemove: 0, noOldFiles: noOldFilesSentence(login, lacking) };
    if (isJudgedElsewhere(error)) return { filesToRemove: null };
    throw error;
  }
};

/** A query that fails or takes too long, a snapshot that can't be read: the plan has other things to say first, and judges. */
const isJudgedElsewhere = (error: unknown): boolean =>
  error instanceof StorageError || (error instanceof ServiceFailure && JUDGED_ELSEWHERE.has(error.code));
const JUDGED_ELSEWHERE: ReadonlySet<string> = new Set([
  "ReferenceQueryFailed",
  "ReferenceQueryAmbiguous",
  "SnapshotDamaged",
  "SnapshotNotFound",
]);

/**
 * An upload without files: a database dump, or the archive of an app that has none. Nobody can tell which, so no file of
 * the target is removed for it.
 */
export const holdsDatabaseAlone = ({ consistency, files }: Manifest): boolean =>
  consistency === "uploaded" && files.count === 0;

const noOldFilesSentence = ({ database }: DatabaseLogin, lacking: string): string =>
  `The target's database "${database}" has not got what the reference query asks for (${lacking}), so it names no files and the restore removes none.`;
