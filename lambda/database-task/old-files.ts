/** The list of the files that a restore's old database refers to. It reads the database and stores the list; a failure leaves segments that nothing refers to. */
import type { Client } from "pg";
import type { RestoreDatabaseProgress } from "../catalog/items";
import type { Registration } from "../catalog/registration";
import { restoreOldListKey } from "../storage/object-keys";
import { withConnection } from "./connection";
import type { DatabaseLogin } from "./database-login";
import { storeList } from "./file-list";
import { referencedFiles, tryReferenceQuery, whatQueryLacks } from "./reference-query";
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

/** The same, asked beforehand; undefined where the query runs. */
export const lacksOldFiles = async (
  client: Client,
  { source }: Registration["files"],
  login: DatabaseLogin,
): Promise<string | undefined> => {
  if (source.kind === "listing") return undefined;
  try {
    await tryReferenceQuery(client, source.query, login);
    return undefined;
  } catch (error) {
    const lacking = whatQueryLacks(error);
    return lacking === undefined ? undefined : noOldFilesSentence(login, lacking);
  }
};

const noOldFilesSentence = ({ database }: DatabaseLogin, lacking: string): string =>
  `The target's database "${database}" has not got what the reference query asks for (${lacking}), so it names no files and the restore removes none.`;
