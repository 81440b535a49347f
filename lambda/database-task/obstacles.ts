/**
 * What else than clients can keep a database from being renamed or dropped: looked for by the plan, right before the
 * swap, and when the server refuses either. All of it stands in catalogs that the whole server shares. Only reads.
 */
import type { Client } from "pg";
import type { DatabaseObstacles } from "../catalog/target-details";
import { APPLICATION_NAME } from "./connection";

/** Of prepared transactions, slots and subscriptions: enough to tell. */
const MOST = 20;

/**
 * What an ordinary login can't see of other roles' sessions is their kind: they count as clients there. Autovacuum gives
 * way by itself, and workers of parallel queries end with their clients.
 */
const WORKERS = `
  SELECT coalesce(json_agg(DISTINCT a.backend_type), '[]') FROM pg_catalog.pg_stat_activity a
   WHERE a.datname = d.datname AND a.backend_type NOT IN
     ('client backend', 'autovacuum worker', 'parallel worker', 'walsender', 'logical replication worker')`;

/** A session that the login can't end: a superuser's, or of a role that it is no member of. */
const UNENDABLE = `
  SELECT count(*)::int FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
   WHERE a.datname = d.datname AND a.pid <> pg_catalog.pg_backend_pid() AND coalesce(a.application_name, '') <> $2
     AND coalesce(a.backend_type, 'client backend') = 'client backend'
     AND pg_catalog.current_setting('is_superuser') <> 'on'
     AND (r.rolsuper OR NOT (pg_catalog.pg_has_role(r.oid, 'USAGE')
       OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')))`;

/** Nothing, of a database that is not there. */
export const readObstacles = async (client: Client, database: string): Promise<DatabaseObstacles> => {
  const { rows } = await client.query<DatabaseObstacles>(
    `SELECT (SELECT coalesce(json_agg(p), '[]') FROM (
              SELECT gid, owner FROM pg_catalog.pg_prepared_xacts WHERE database = d.datname ORDER BY prepared LIMIT ${MOST}) AS p
            ) AS "preparedTransactions",
            (SELECT coalesce(json_agg(s), '[]') FROM (
              SELECT slot_name AS name, active FROM pg_catalog.pg_replication_slots WHERE database = d.datname
               ORDER BY slot_name LIMIT ${MOST}) AS s) AS slots,
            (SELECT coalesce(json_agg(s), '[]') FROM (
              SELECT subname AS name, subenabled AS enabled, pg_catalog.pg_has_role(subowner, 'USAGE') AS ours
                FROM pg_catalog.pg_subscription WHERE subdbid = d.oid ORDER BY subname LIMIT ${MOST}) AS s) AS subscriptions,
            (SELECT count(*)::int FROM pg_catalog.pg_stat_activity a
              WHERE a.datname = d.datname AND a.backend_type = 'walsender') AS "replicationConnections",
            (${WORKERS}) AS workers,
            (${UNENDABLE}) AS "unendableSessions"
       FROM pg_catalog.pg_database d WHERE d.datname = $1`,
    [database, APPLICATION_NAME],
  );
  return rows[0] ?? NO_OBSTACLES;
};

export const NO_OBSTACLES: DatabaseObstacles = {
  preparedTransactions: [],
  slots: [],
  subscriptions: [],
  replicationConnections: 0,
  workers: [],
  unendableSessions: 0,
};
