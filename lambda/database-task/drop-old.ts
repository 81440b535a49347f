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
import { type DatabaseLogin, serverOf } from "./database-login";
import { readOid } from "./database-row";
import { withTargetLocked } from "./maintenance";
import { readObstacles } from "./obstacles";
import { openEnded } from "./restore-target";
import { identifier } from "./sql-text";
import type { TaskContext } from "./task-context";

export interface OldDatabase {
  /** The database that stands in the old one's place. */
  readonly live: string;
  readonly newOid: number | null;
  readonly replaced: string;
  readonly oldOid: number;
}

export const dropOld = async (context: TaskContext, restoreId: string): Promise<void> => {
  const { restore, login } = await openEnded(context, restoreId);
  const { database } = restore;
  if (!database?.oldLeft) return;
  const { oldOid, newOid } = database;
  const old: OldDatabase = { live: login.database, newOid, replaced: database.oldLeft.database, oldOid };
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
 * Undefined when it is gone, else why it is left. A database of that name that isn't the old one is none of ours; and
 * where the restored one isn't live, as at another server, nothing tells that the old one is gone or may go. Throws only
 * when the server is out of reach: that is waited for.
 */
export const dropReplaced = async (
  context: TaskContext,
  client: Client,
  login: DatabaseLogin,
  { live, newOid, replaced, oldOid }: OldDatabase,
  drop: () => Promise<void> = () => dropDatabase(context, client, replaced, login),
): Promise<OldDatabaseLeft | undefined> => {
  const left = (reason: string): OldDatabaseLeft => {
    context.log.warn("The old database could not be dropped.", { database: replaced, reason });
    return { database: replaced, reason, triedAt: isoSeconds(context.clock.now()) };
  };
  try {
    if ((await readOid(client, live)) !== newOid)
      return left(
        `The database "${live}" on ${serverOf(login)} isn't the one that was restored; look for "${replaced}" at its server, and drop it by hand.`,
      );
    if ((await readOid(client, replaced)) !== oldOid) return undefined;
    await dropSubscriptions(client, login, replaced);
    await drop();
    return undefined;
  } catch (error) {
    const failure = statementFailure(error, `Dropping the database "${replaced}"`, login);
    if (isConnectionLost(error) || failure.code === "DatabaseUnreachable") throw failure;
    context.signal.throwIfAborted();
    return left(failure.message);
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
