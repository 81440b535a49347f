/** The list of the files that a restore's old database refers to. It reads the database and stores the list; a failure leaves segments that nothing refers to. */
import type { ListSegment } from "../catalog/items";
import { restoreOldListKey } from "../storage/object-keys";
import { withConnection } from "./connection";
import { storeList } from "./file-list";
import { referencedFiles } from "./reference-query";
import type { RestoreTarget } from "./restore-target";
import { runName } from "./run-name";
import type { TaskContext } from "./task-context";

/** The reference query sorts all its rows before the first one comes. */
const QUERY_SECONDS = 3600;

/**
 * What the old database refers to. A target that lists its bucket refers to nothing, so nothing is removed from it:
 * files that no database names can't be told from files of others.
 */
export const listOldFiles = async (
  context: TaskContext,
  { login, restore: item, target }: RestoreTarget,
): Promise<readonly ListSegment[]> => {
  const { source } = target.registration.files;
  if (item.databaseOnly || source.kind === "listing") return [];
  const { random, settings, signal, store } = context;
  const place = { replication: target.replication, environmentId: target.environmentId };
  const run = runName(random);
  const keyOf = (segment: number): string => restoreOldListKey(place, item.restoreId, segment, run);
  return withConnection(login, { statementSeconds: QUERY_SECONDS }, async (client) => {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const lines = referencedFiles(client, source.query, login);
    return (await storeList(store, lines, { bucket: settings.PRIMARY_BUCKET, keyOf }, signal)).listSegments;
  });
};
