/**
 * `swap`: puts the restored database in the old one's place, removes the files that only the old one referred to, and
 * drops the old one, in this order; progress stands in the restore after each. It can be repeated from any point: a
 * failure before the swap leaves the old database live, a failure after it leaves work that the next try finishes.
 */
import type { Client } from "pg";
import { isoSeconds } from "../catalog/catalog";
import type { RestoreDatabaseProgress } from "../catalog/items";
import { ServiceFailure } from "../runtime/collaborators";
import { statementFailure } from "./connection-errors";
import { dropDatabase } from "./database-beside";
import { readOid } from "./database-row";
import { withTargetLocked } from "./maintenance";
import { removeFiles } from "./remove-files";
import { checkLease, openRestore, recordProgress, type RestoreTarget } from "./restore-target";
import { replacedName } from "./restore-names";
import { liveIsNew, type Swap, swapDatabases } from "./swap-databases";
import type { TaskContext } from "./task-context";

export const swap = async (context: TaskContext, restoreId: string): Promise<void> => {
  const opened = await openRestore(context, restoreId);
  const { login, restore } = opened;
  const { newOid, ...rest } = readyToSwap(opened);
  let progress: RestoreDatabaseProgress = { ...rest, newOid };
  const record = async (change: Partial<RestoreDatabaseProgress>): Promise<void> => {
    progress = { ...progress, ...change };
    await recordProgress(context, restoreId, progress);
  };
  const names: Swap = {
    live: login.database,
    beside: progress.newName,
    replaced: replacedName(login.database, restoreId),
    oldOid: progress.oldOid,
    newOid,
  };
  await swapDatabases(context, login, names, () => checkLease(context, opened));
  if (progress.swappedAt === null) await record({ swappedAt: isoSeconds(context.clock.now()) });
  context.log.info("The restored database is live.", { restoreId, database: names.live });

  await withTargetLocked(context, login, async (client) => {
    const mayGoOn = async (): Promise<void> => {
      await checkLease(context, opened);
      await requireLiveNew(client, names, opened);
    };
    if (!restore.databaseOnly) await removeFiles(context, opened, progress, mayGoOn, record);
    if (progress.oldDropped) return;
    await mayGoOn();
    // A database of that name that isn't the old one is none of ours.
    if ((await readOid(client, names.replaced)) === names.oldOid)
      await dropDatabase(context, client, names.replaced, login);
    await record({ oldDropped: true });
    context.log.info("Dropped the old database.", { restoreId, database: names.replaced });
  });
};

/** Throws RestoreUnfinished: `restore` or the plan of the removal hasn't come to its end. */
const readyToSwap = ({
  restore: { database, databaseOnly, removal, restoreId },
}: RestoreTarget): RestoreDatabaseProgress & { newOid: number } => {
  if (database === null || !database.restored || database.newOid === null || (!databaseOnly && removal?.done !== true))
    throw new ServiceFailure(
      "RestoreUnfinished",
      `The restore ${restoreId} isn't ready for the swap; start the restore again.`,
      false,
    );
  return { ...database, newOid: database.newOid };
};

const requireLiveNew = async (client: Client, names: Swap, { login }: RestoreTarget): Promise<void> => {
  let isNew: boolean;
  try {
    isNew = await liveIsNew(client, names);
  } catch (error) {
    throw statementFailure(error, `Looking at the database "${names.live}"`, login);
  }
  if (!isNew)
    throw new ServiceFailure(
      "TargetReplaced",
      `The database "${names.live}" is the old one again, so nothing of it is removed; look at the server.`,
      false,
    );
};
