/**
 * A connection for work on whole databases: to a maintenance database (one can't rename what one is connected to),
 * under an advisory lock named after the target, which keeps a twin of this task out. The server gives the lock back
 * when the connection ends, however it ends.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { ServiceFailure } from "../runtime/collaborators";
import { withConnection } from "./connection";
import type { DatabaseLogin } from "./database-login";
import { lockKey } from "./restore-names";
import type { TaskContext } from "./task-context";

/** Dropping a database of many files takes a while, creating one waits for a checkpoint. */
const STATEMENT_SECONDS = 900;

/** Advisory locks belong to the database one is connected to, so every twin must choose the same one. */
export const maintenanceDatabase = (target: string): string => (target === "postgres" ? "template1" : "postgres");

/** Throws TwinRunning, and the failures of connecting. */
export const withTargetLocked = async <T>(
  context: Pick<TaskContext, "patience" | "signal">,
  login: DatabaseLogin,
  use: (client: Client) => Promise<T>,
): Promise<T> =>
  withConnection(
    login,
    { database: maintenanceDatabase(login.database), statementSeconds: STATEMENT_SECONDS },
    async (client) => {
      await lockTarget(context, client, login.database);
      return use(client);
    },
  );

const lockTarget = async (
  { patience, signal }: Pick<TaskContext, "patience" | "signal">,
  client: Client,
  target: string,
) => {
  for (let tries = 1; ; tries++) {
    const { rows } = await client.query<{ locked: boolean }>("SELECT pg_catalog.pg_try_advisory_lock($1) AS locked", [
      lockKey(target),
    ]);
    if (rows[0]?.locked === true) return;
    if (tries >= patience.lockTries)
      throw new ServiceFailure(
        "TwinRunning",
        `Another task of this service is working on the database "${target}"; try again once it has ended.`,
        true,
      );
    await sleep(patience.pauseMs, undefined, { signal });
  }
};
