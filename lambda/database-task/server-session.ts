/** What a task asks of a database before it works with it: what the server can do and what this login may. */
import type { Client } from "pg";
import { APPLICATION_NAME } from "./connection";

export interface LoginRights {
  readonly canCreateDatabase: boolean;
  /** May act for the owner: inherits its rights and may become it. */
  readonly memberOfOwner: boolean;
  readonly owner: string;
}

export const readRights = async (client: Client, serverMajor: number): Promise<LoginRights> => {
  // From version 16 on, membership alone no longer lets one become the role.
  const become = serverMajor >= 16 ? "SET" : "MEMBER";
  const { rows } = await client.query<LoginRights>(
    `SELECT pg_catalog.pg_get_userbyid(d.datdba) AS owner, (r.rolsuper OR r.rolcreatedb) AS "canCreateDatabase",
            (pg_catalog.pg_has_role(d.datdba, 'USAGE') AND pg_catalog.pg_has_role(d.datdba, $1)) AS "memberOfOwner"
       FROM pg_catalog.pg_database d, pg_catalog.pg_roles r
      WHERE d.datname = pg_catalog.current_database() AND r.rolname = CURRENT_USER`,
    [become],
  );
  const row = rows[0];
  if (row === undefined) throw new Error("pg_database doesn't name the current database");
  return row;
};

/**
 * In pg_stat_activity: somebody's session, not ours. Kind and name of other roles' sessions are hidden from ordinary
 * logins; only the server's own processes have no user.
 */
export const OTHER_CLIENTS =
  "pid <> pg_catalog.pg_backend_pid() AND usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'";

/** Sessions of others in the current database. What an earlier task of ours has left behind isn't theirs. */
export const countSessions = async (client: Client): Promise<number> => {
  const { rows } = await client.query<{ sessions: number }>(
    `SELECT count(*)::int AS sessions FROM pg_catalog.pg_stat_activity
      WHERE datname = pg_catalog.current_database() AND ${OTHER_CLIENTS} AND coalesce(application_name, '') <> $1`,
    [APPLICATION_NAME],
  );
  return rows[0]?.sessions ?? 0;
};
