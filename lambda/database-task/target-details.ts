/**
 * What a restore will need of the target's server, or meet there: asked of the live database's own connection, before
 * anything is made. Only reads.
 */
import type { Client } from "pg";
import type { TargetDetails } from "../catalog/target-details";
import { APPLICATION_NAME } from "./connection";
import { propertiesOf, readLocale } from "./database-properties";
import type { DatabaseRow } from "./database-row";
import { readObstacles } from "./obstacles";

interface Asked extends Pick<TargetDetails, "inRecovery" | "connectionsLeft" | "tablespaces" | "extensionVersions"> {
  readonly login: TargetDetails["login"];
}

/** Those in the database itself have to go before a restore. */
const ELSEWHERE = `
  a.datname IS DISTINCT FROM pg_catalog.current_database() AND coalesce(a.application_name, '') <> $2`;

export const readDetails = async (
  client: Client,
  row: DatabaseRow,
  database: string,
  serverMajor: number,
): Promise<Omit<TargetDetails, "settingsRefused">> => {
  // From version 16 on, membership alone no longer lets one become the role.
  const become = serverMajor >= 16 ? "SET" : "MEMBER";
  const { rows } = await client.query<Asked>(
    `SELECT json_build_object(
              'name', r.rolname, 'superuser', r.rolsuper OR EXISTS (SELECT FROM pg_catalog.pg_roles s
                 WHERE s.rolname = 'rds_superuser' AND pg_catalog.pg_has_role(s.oid, 'MEMBER')),
              'mayBecome', CASE WHEN NOT r.rolsuper THEN (SELECT json_agg(o.rolname ORDER BY o.rolname) FROM pg_catalog.pg_roles o
                             WHERE pg_catalog.pg_has_role(o.oid, 'USAGE') AND pg_catalog.pg_has_role(o.oid, $1)) END,
              'sessionsLeft', CASE WHEN r.rolconnlimit >= 0 AND NOT r.rolsuper THEN r.rolconnlimit - (
                 SELECT count(*) FROM pg_catalog.pg_stat_activity a
                  WHERE a.usesysid = r.oid AND ${ELSEWHERE}) END,
              'validUntil', CASE WHEN pg_catalog.isfinite(r.rolvaliduntil) THEN
                 pg_catalog.to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END) AS login,
            pg_catalog.pg_is_in_recovery() AS "inRecovery",
            (SELECT sum(CASE name WHEN 'max_connections' THEN setting::int ELSE -setting::int END)::int
               FROM pg_catalog.pg_settings
              WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections'))
              - (SELECT count(*)::int FROM pg_catalog.pg_stat_activity a
                  WHERE a.usesysid IS NOT NULL AND a.datname IS NOT NULL AND ${ELSEWHERE}) AS "connectionsLeft",
            (SELECT json_agg(json_build_object('name', spcname, 'usable',
                      spcname = 'pg_default' OR pg_catalog.has_tablespace_privilege(oid, 'CREATE')) ORDER BY spcname)
               FROM pg_catalog.pg_tablespace) AS tablespaces,
            (SELECT coalesce(json_object_agg(name, versions), '{}') FROM (
               SELECT name, json_agg(version ORDER BY version) AS versions
                 FROM pg_catalog.pg_available_extension_versions GROUP BY name) AS v) AS "extensionVersions"
       FROM pg_catalog.pg_roles r WHERE r.rolname = CURRENT_USER`,
    [become, APPLICATION_NAME],
  );
  const [asked] = rows;
  if (asked === undefined) throw new Error("pg_roles doesn't name the current user");
  return {
    ...asked,
    tablespace: row.tablespace,
    locale: await readLocale(client, row, serverMajor),
    properties: propertiesOf(row),
    obstacles: await readObstacles(client, database),
  };
};
