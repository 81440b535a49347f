/**
 * `drop-old`: drops the database that a completed restore has replaced and had to leave. It holds no lease: only the
 * replaced database's own name and OID, which no other operation touches, tell what is dropped; and nobody's session is
 * ended for it. Repeatable; what keeps the database stands in the restore, and retention tries again.
 */
import type { Client } from "pg";
import type { OldDatabaseLeft, RestoreDatabaseProgress } from "../catalog/items";
import { isoSeconds } from "../catalog/catalog";
import { restoredSentence } from "../restore/finish";
import { withConnection } from "./connection";
import { isConnectionLost, statementFailure } from "./connection-errors";
import { dropDatabase, dropGently } from "./database-beside";
import type { DatabaseLogin } from "./database-login";
import { readOid } from "./database-row";
import { withTargetLocked } from "./maintenance";
import { readObstacles } from "./obstacles";
import { openEnded } from "./restore-target";
import { identifier } from "./sql-text";
import type { TaskContext } from "./task-context";

export interface OldDatabase {
  readonly replaced: string;
  readonly oldOid: number;
}

export const dropOld = async (context: TaskContext, restoreId: string): Promise<void> => {
  const { restore, login } = await openEnded(context, restoreId);
  const { database } = restore;
  if (!database?.oldLeft) return;
  const old = { replaced: database.oldLeft.database, oldOid: database.oldOid };
  const left = await withTargetLocked(context, login, (client) =>
    dropReplaced(context, client, login, old, () => dropGently(client, old.replaced)),
  );
  const progress: RestoreDatabaseProgress = afterDropping(database, left);
  await context.catalog.updateRestore(restoreId, {
    database: progress,
    statusMessage: restoredSentence({ ...restore, database: progress }),
    updatedAt: isoSeconds(context.clock.now()),
    ...(left === undefined ? { dropOldAt: null } : {}),
  });
  context.log.info("The old database was tried again.", {
    restoreId,
    database: old.replaced,
    left: left?.reason ?? "",
  });
};

export const afterDropping = (
  progress: RestoreDatabaseProgress,
  left: OldDatabaseLeft | undefined,
): RestoreDatabaseProgress =>
  left === undefined
    ? { ...progress, oldDropped: true, oldLeft: null }
    : { ...progress, oldDropped: false, oldLeft: left };

/**
 * Undefined when it is gone, else why it is left. A database of that name that isn't the old one is none of ours. Throws
 * only when the server is out of reach: that is waited for.
 */
export const dropReplaced = async (
  context: TaskContext,
  client: Client,
  login: DatabaseLogin,
  { replaced, oldOid }: OldDatabase,
  drop: () => Promise<void> = () => dropDatabase(context, client, replaced, login),
): Promise<OldDatabaseLeft | undefined> => {
  try {
    if ((await readOid(client, replaced)) !== oldOid) return undefined;
    await dropSubscriptions(client, login, replaced);
    await drop();
    return undefined;
  } catch (error) {
    const failure = statementFailure(error, `Dropping the database "${replaced}"`, login);
    if (isConnectionLost(error) || failure.code === "DatabaseUnreachable") throw failure;
    context.signal.throwIfAborted();
    context.log.warn("The old database could not be dropped.", { database: replaced, reason: failure.message });
    return { database: replaced, reason: failure.message, triedAt: isoSeconds(context.clock.now()) };
  }
};

/**
 * A database that has a subscription can't be dropped, and dropping one asks its publisher to drop its slot: without a
 * slot it doesn't, and the slot may serve the restored database. Only those that the plan has told: the disabled.
 */
const dropSubscriptions = async (client: Client, login: DatabaseLogin, database: string): Promise<void> => {
  const { subscriptions } = await readObstacles(client, database);
  const told = subscriptions.filter(({ enabled, ours }) => !enabled && ours);
  if (told.length === 0) return;
  await withConnection(login, { database }, async (inside) => {
    for (const { name } of told) {
      await inside.query(`ALTER SUBSCRIPTION ${identifier(name)} SET (slot_name = NONE)`);
      await inside.query(`DROP SUBSCRIPTION ${identifier(name)}`);
    }
  });
};
