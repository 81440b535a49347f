/**
 * The swap: in one transaction sessions are ended and both databases renamed. Whatever happens to the task or to the
 * connection, the live name stands for the old database or for the new one. Who it is, is told by the database's OID,
 * so a lost reply, a repetition and a twin all come to the same end.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { whyInUse } from "../restore/rules-obstacles";
import { ServiceFailure } from "../runtime/collaborators";
import { statementFailure } from "./connection-errors";
import { isInUse } from "./database-beside";
import type { DatabaseLogin } from "./database-login";
import { readOid } from "./database-row";
import { withTargetLocked } from "./maintenance";
import { readObstacles } from "./obstacles";
import { OTHER_CLIENTS } from "./server-session";
import { identifier } from "./sql-text";
import type { TaskContext } from "./task-context";

export interface Swap {
  readonly live: string;
  readonly beside: string;
  readonly replaced: string;
  readonly oldOid: number;
  readonly newOid: number;
}

/**
 * On return the live name stands for the new database. Throws TargetReplaced when it stands for neither; SwapRefused
 * when something kept holding the old one, with what it was. `mayCommit` is asked before each try and throws when the
 * lease is gone.
 */
export const swapDatabases = async (
  context: Pick<TaskContext, "patience" | "signal" | "log">,
  login: DatabaseLogin,
  swap: Swap,
  mayCommit: (client: Client) => Promise<void>,
): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      await withTargetLocked(context, login, async (client) => {
        if ((await liveIsNew(client, swap)) || (await tryWhileBusy(context, client, login, swap, mayCommit))) return;
      });
      return;
    } catch (error) {
      // A reply may have been lost: connect again and let the OID say what happened.
      const lost = error instanceof ServiceFailure && error.code === "DatabaseUnreachable";
      if (!lost || tries >= CONNECTIONS) throw error;
      context.log.warn("The connection broke during the swap; looking again.", { tries });
      await sleep(context.patience.pauseMs, undefined, { signal: context.signal });
    }
  }
};

/** How often a broken connection is opened again. */
const CONNECTIONS = 10;
/** Between two tries against clients that come back at once. */
const BUSY_MS = 250;

/** Throws TargetReplaced when the live name stands for neither database. */
export const liveIsNew = async (client: Client, { live, oldOid, newOid }: Swap): Promise<boolean> => {
  const oid = await readOid(client, live);
  if (oid === newOid) return true;
  if (oid === oldOid) return false;
  throw new ServiceFailure(
    "TargetReplaced",
    `The database "${live}" is ${oid === undefined ? "gone" : "another one"} since the restore began; look at the server before restoring again.`,
    false,
  );
};

const tryWhileBusy = async (
  { patience, signal }: Pick<TaskContext, "patience" | "signal">,
  client: Client,
  login: DatabaseLogin,
  swap: Swap,
  mayCommit: (client: Client) => Promise<void>,
): Promise<true> => {
  for (let tries = 1; ; tries++) {
    await lookBefore(client, login, swap, mayCommit);
    try {
      await renameBoth(client, swap);
      return true;
    } catch (error) {
      if (!isInUse(error)) throw statementFailure(error, `Swapping the restored database in for "${swap.live}"`, login);
      if (tries >= patience.busyTries)
        throw new ServiceFailure(
          "SwapRefused",
          `The database "${swap.live}" is in use, so it can't be swapped. ${whyInUse(await readObstacles(client, swap.live), `"${swap.live}"`)}`,
          true,
          { cause: error },
        );
      await sleep(BUSY_MS, undefined, { signal });
    }
  }
};

const lookBefore = async (
  client: Client,
  login: DatabaseLogin,
  { live }: Swap,
  mayCommit: (client: Client) => Promise<void>,
): Promise<void> => {
  try {
    await mayCommit(client);
  } catch (error) {
    throw statementFailure(error, `Looking at the database "${live}"`, login);
  }
};

const renameBoth = async (client: Client, { live, beside, replaced }: Swap): Promise<void> => {
  await client.query("BEGIN");
  try {
    await endSessions(client, [live, beside]);
    await client.query(`ALTER DATABASE ${identifier(live)} RENAME TO ${identifier(replaced)}`);
    await client.query(`ALTER DATABASE ${identifier(beside)} RENAME TO ${identifier(live)}`);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
};

/** Superusers' sessions, and those of roles that are none of ours, are left: asking for more would fail as a whole. */
const endSessions = async (client: Client, databases: readonly string[]): Promise<void> => {
  await client.query(
    `SELECT pg_catalog.pg_terminate_backend(pid)
       FROM pg_catalog.pg_stat_activity LEFT JOIN pg_catalog.pg_roles r ON r.oid = usesysid
      WHERE datname = ANY ($1) AND ${OTHER_CLIENTS}
        AND (pg_catalog.current_setting('is_superuser') = 'on' OR NOT coalesce(r.rolsuper, false) AND (
          pg_catalog.pg_has_role(r.oid, 'USAGE') OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')))`,
    [databases],
  );
};
