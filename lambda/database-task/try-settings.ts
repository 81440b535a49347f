/**
 * Which of the live database's settings a restore could not give to another one, in the server's own judgement: each is
 * set to what it is, in a transaction that is taken back. That says at once what only superusers, or whoever was granted
 * it, may set, for whichever version, parameter and extension. Nobody else sees any of it, and nothing of it stays.
 */
import type { Client } from "pg";
import type { SettingRefused } from "../catalog/target-details";
import { errorMessage, isConnectionLost } from "./connection-errors";
import type { DatabaseRow } from "./database-row";
import { ownSettings } from "./database-settings";

/** Somebody changes the same setting right now: that is no answer to wait for. */
const LOCK_MS = 5000;
/** Enough to tell, of a database with settings for each of its thousands of roles. */
const MOST = 20;

export const trySettings = async (client: Client, live: DatabaseRow, name: string): Promise<SettingRefused[]> => {
  const refused: SettingRefused[] = [];
  await client.query("BEGIN READ WRITE");
  await client.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
  try {
    for (const { statement, ...setting } of ownSettings(live, name)) {
      if (refused.length === MOST) break;
      await client.query("SAVEPOINT one");
      try {
        await client.query(statement);
      } catch (error) {
        if (isConnectionLost(error)) throw error;
        refused.push({ ...setting, reason: errorMessage(error) });
      }
      await client.query("ROLLBACK TO SAVEPOINT one");
    }
  } finally {
    await client.query("ROLLBACK").catch(() => undefined);
  }
  return refused;
};
