/**
 * A session in a restored database that works as the app would: as the object's owner, under the settings that the
 * database and that role have. For what depends on them: materialized views, constraints.
 */
import type { Client } from "pg";
import { statementFailure } from "./connection-errors";
import { connect } from "./connection";
import type { DatabaseLogin } from "./database-login";
import type { DatabaseSetting } from "./database-row";
import { searchPathOf, settingsOf, takeSettings } from "./own-settings";
import { identifier } from "./sql-text";

/** Filling a view, or reading a table once: as long as a database may take to restore. */
const LONGEST_SECONDS = 6 * 3600;

export interface AppSessions {
  readonly login: DatabaseLogin;
  readonly database: string;
  readonly settings: readonly DatabaseSetting[];
  readonly signal: AbortSignal;
}

/** One session for each piece of work, so that nothing of one role's settings reaches another's. */
export const asTheApp = async <T>(
  { login, database, settings, signal }: AppSessions,
  role: string,
  work: (client: Client) => Promise<T>,
): Promise<T> => {
  signal.throwIfAborted();
  const client = await connect(login, { database, statementSeconds: LONGEST_SECONDS });
  const stop = (): void => void client.end().catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const path = await searchPathOf(client, settings, role);
    await takeSettings(client, settingsOf(settings, role));
    await client.query("SELECT pg_catalog.set_config('search_path', $1, false)", [path]);
    await client.query(`SET ROLE ${identifier(role)}`);
    return await work(client);
  } catch (error) {
    signal.throwIfAborted();
    throw statementFailure(error, `Working in the restored database "${database}"`, login);
  } finally {
    signal.removeEventListener("abort", stop);
    await client.end().catch(() => undefined);
  }
};
