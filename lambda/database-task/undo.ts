/**
 * `undo`: takes back what `restore` made, unless the swap has happened: then it only records that, and the restore goes
 * forward. It drops the database beside and never the live one. Repeatable.
 */
import { isoSeconds } from "../catalog/catalog";
import { ServiceFailure } from "../runtime/collaborators";
import { dropDatabase } from "./database-beside";
import { readOid } from "./database-row";
import { withTargetLocked } from "./maintenance";
import { checkLease, openRestore, recordProgress } from "./restore-target";
import { besideName } from "./restore-names";
import type { TaskContext } from "./task-context";

export const undoRestore = async (context: TaskContext, restoreId: string): Promise<void> => {
  const opened = await openRestore(context, restoreId);
  const { login, restore } = opened;
  const progress = restore.database;
  const beside = progress?.newName ?? besideName(login.database, restoreId);
  await withTargetLocked(context, login, async (client) => {
    const live = await readOid(client, login.database);
    if (live !== undefined && progress !== null && live === progress.newOid) {
      if (progress.swappedAt === null)
        await recordProgress(context, restoreId, { ...progress, swappedAt: isoSeconds(context.clock.now()) });
      context.log.info("The restored database is live already; nothing to undo.", { restoreId });
      return;
    }
    const standing = await readOid(client, beside);
    if (standing !== undefined && live === undefined)
      throw new ServiceFailure(
        "TargetReplaced",
        `The database "${login.database}" is gone from the server, so the restored one beside it, "${beside}", is kept; look at the server.`,
        false,
      );
    if (standing !== undefined) {
      await checkLease(context, opened);
      await dropDatabase(context, client, beside, login);
      context.log.info("Dropped the database beside the live one.", { restoreId, database: beside });
    }
    if (progress !== null) await recordProgress(context, restoreId, { ...progress, newOid: null, restored: false });
  });
};
