/** What both verbs of a drill begin with: the drill target, its login, and this task's name in the target's lease. */
import { DRILL_LEASE, NO_DRILL_TARGET } from "../catalog/drills";
import { ServiceFailure } from "../runtime/collaborators";
import type { Client } from "pg";
import { statementFailure } from "./connection-errors";
import { dropDatabase } from "./database-beside";
import { type DatabaseLogin, readLogin } from "./database-login";
import { drillDatabasePrefix } from "./drill-names";
import { claimLease, LEASE_LOST } from "./lease-claim";
import type { TaskContext } from "./task-context";

/** The login's database is the one to create. Throws DrillTargetMissing, LeaseLost and the secret's failures. */
export const openDrillTarget = async (
  context: TaskContext,
  token: string | null,
  database: string,
): Promise<DatabaseLogin> => {
  if (token === null)
    throw new ServiceFailure(LEASE_LOST, "No drill has the drill target, so this task does nothing.", false);
  await claimLease(context, DRILL_LEASE, token);
  const target = await context.catalog.getDrillTarget();
  if (target === undefined) throw new ServiceFailure("DrillTargetMissing", NO_DRILL_TARGET, false);
  return readLogin(context, { ...target.database, name: database });
};

/** Drops every database of this service's drills: there is one drill at a time. */
export const dropDrillDatabases = async (context: TaskContext, client: Client, login: DatabaseLogin): Promise<void> => {
  const prefix = drillDatabasePrefix(context.settings.PRIMARY_BUCKET);
  let names: readonly string[];
  try {
    const { rows } = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, $1) ORDER BY datname",
      [prefix],
    );
    names = rows.map(({ datname }) => datname);
  } catch (error) {
    throw statementFailure(error, "Looking for databases of drills", login);
  }
  for (const name of names) await dropDatabase(context, client, name, login);
};
