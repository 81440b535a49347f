/**
 * Statistics of a restored database: a dump has none, and without them its first queries are planned blindly. Only a
 * kindness: what fails, or takes too long, is left to the server's own maintenance, and the tables done until then keep
 * theirs.
 */
import { withConnection } from "./connection";
import type { DatabaseLogin } from "./database-login";
import type { TaskContext } from "./task-context";

/** It reads a sample of each table: minutes for thousands of large ones. */
const ANALYZE_SECONDS = 1800;

/** False when some or all are lacking; the reason is logged. Throws only when the task was told to stop. */
export const gatherStatistics = async (
  { log, signal }: Pick<TaskContext, "log" | "signal">,
  login: DatabaseLogin,
  database: string,
): Promise<boolean> => {
  try {
    await withConnection(login, { database, statementSeconds: ANALYZE_SECONDS }, async (client) => {
      await client.query("ANALYZE");
    });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    log.warn("The restored database's statistics could not be gathered.", { database, error: String(error) });
    return false;
  }
};
