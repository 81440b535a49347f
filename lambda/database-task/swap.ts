/**
 * `swap`: puts the restored database in the old one's place, removes the files that only the old one referred to, and
 * drops the old one, in this order; progress stands in the restore after each. It can be repeated from any point: a
 * failure before the swap leaves the old database live, a failure after it leaves work that the next try finishes. An old
 * database that something still holds is noted and left to `drop-old`: the restore doesn't wait for it.
 */
import type { Client } from "pg";
import { isoSeconds } from "../catalog/catalog";
import type { RestoreDatabaseProgress } from "../catalog/items";
import { ServiceFailure } from "../runtime/collaborators";
import { notTold } from "../restore/rules-obstacles";
import { statementFailure } from "./connection-errors";
import { afterDropping, dropReplaced } from "./drop-old";
import { withTargetLocked } from "./maintenance";
import { readObstacles } from "./obstacles";
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
  await swapDatabases(context, login, names, async (client) => {
    await checkLease(context, opened);
    await requireAllTold(client, opened);
  });
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
    progress = afterDropping(progress, await dropReplaced(context, client, login, names));
    await recordProgress(context, restoreId, progress);
    context.log.info("Done with the old database.", { restoreId, dropped: progress.oldDropped });
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

/** Nothing goes with the old database that the plan didn't tell. Throws SwapRefused. */
const requireAllTold = async (client: Client, { login, restore: { preflight } }: RestoreTarget): Promise<void> => {
  const planned = preflight?.details?.obstacles;
  if (planned === undefined) return;
  const since = notTold(planned, await readObstacles(client, login.database));
  if (since.length === 0) return;
  throw new ServiceFailure(
    "SwapRefused",
    `Since the plan was made ${since.join(" and ")} came to the database "${login.database}" and would go with it: drop it, or restore again.`,
    false,
  );
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
