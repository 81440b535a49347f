/**
 * `restore`: makes the database beside the live one and fills it, and lists which files the old database refers to.
 * The live database is only read. A failure leaves at most an unfinished database under the restore's own name, which
 * the next try makes anew and `undo` drops; a finished one is kept by a repetition.
 */
import type { Client } from "pg";
import type { RestoreDatabaseProgress } from "../catalog/items";
import { openSnapshot } from "../restore/open-snapshot";
import { ServiceFailure } from "../runtime/collaborators";
import { dumpOf } from "../snapshot/manifest";
import { gatherStatistics } from "./gather-statistics";
import { statementFailure } from "./connection-errors";
import { createBeside, dropDatabase } from "./database-beside";
import { type DatabaseRow, readDatabase, readOid } from "./database-row";
import { copySettings } from "./database-settings";
import { toolsFor } from "./dump-tools";
import { fillDatabase } from "./fill-database";
import { withTargetLocked } from "./maintenance";
import { holdsDatabaseAlone, listOldFiles, NO_OLD_FILES } from "./old-files";
import { besideName } from "./restore-names";
import { checkLease, openRestore, recordProgress, type RestoreTarget } from "./restore-target";
import type { TaskContext } from "./task-context";

export const restore = async (context: TaskContext, restoreId: string): Promise<void> => {
  const opened = await openRestore(context, restoreId);
  await withTargetLocked(context, opened.login, async (client) => {
    const live = await liveToRestore(client, opened);
    if (live === undefined) {
      context.log.info("The restored database stands already.", { restoreId });
      return;
    }
    const { reader, manifest } = await openSnapshot(context, opened.restore);
    const dump = dumpOf(manifest);
    const tools = await toolsFor(context, client, dump);
    const name = besideName(opened.login.database, restoreId);
    const oldFiles = holdsDatabaseAlone(manifest) ? NO_OLD_FILES : await listOldFiles(context, opened);
    const progress: RestoreDatabaseProgress = {
      oldOid: live.oid,
      newName: name,
      newOid: null,
      restored: false,
      ...oldFiles,
      swappedAt: null,
      removed: 0,
      oldDropped: false,
    };
    await recordProgress(context, restoreId, progress);
    // From the primary bucket, else the replica: after a copy that proves damaged the database is made anew.
    await reader.read(dump, async (copy) => {
      const { login } = opened;
      await checkLease(context, opened);
      await dropDatabase(context, client, name, login);
      const newOid = await createBeside(client, name, live, login);
      await recordProgress(context, restoreId, { ...progress, newOid });
      context.log.info("Restoring into the database beside.", { restoreId, database: name, dumpSize: dump.dumpSize });
      const order = { tools, login, database: name, settings: live.settings };
      const notes = await fillDatabase(copy, dump, order, context.signal);
      const analyzed = await gatherStatistics(context, login, name);
      await copySettings(client, live, name, login);
      await recordProgress(context, restoreId, { ...progress, newOid, restored: true, analyzed, notes });
    });
    context.log.info("Restored the database beside.", { restoreId, database: name });
  });
};

/** The live database as it is; undefined when a finished restored one stands already. Throws TargetReplaced. */
const liveToRestore = async (
  client: Client,
  { login, restore: { database: before } }: RestoreTarget,
): Promise<DatabaseRow | undefined> => {
  try {
    const live = await readDatabase(client, login.database);
    if (live === undefined)
      throw new ServiceFailure(
        "DatabaseMissing",
        `The target's database "${login.database}" doesn't exist; check the registered name.`,
        false,
      );
    if (before === null) return live;
    // Swapped in, or finished and waiting for the swap.
    if (live.oid === before.newOid) return undefined;
    if (before.restored && before.newOid !== null && (await readOid(client, before.newName)) === before.newOid)
      return undefined;
    // The first try may have been long ago; what it began with no longer counts, as nothing of it is kept.
    return live;
  } catch (error) {
    throw statementFailure(error, `Looking at the database "${login.database}"`, login);
  }
};
