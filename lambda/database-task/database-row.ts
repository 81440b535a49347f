/** A database as the server's catalogs describe it: what a new one beside it must have in common with it. */
import type { Client } from "pg";

export interface DatabaseRow {
  readonly oid: number;
  readonly owner: string;
  readonly encoding: string;
  readonly tablespace: string;
  readonly comment: string | null;
  /** pg_database's own columns; which ones there are depends on the server's version. */
  readonly columns: {
    readonly datcollate: string;
    readonly datctype: string;
    readonly datconnlimit: number;
    readonly datistemplate: boolean;
    /** From version 15 on: `c` libc, `i` ICU, `b` built in. */
    readonly datlocprovider?: string;
    /** Versions 15 and 16, then `datlocale`. */
    readonly daticulocale?: string | null;
    readonly datlocale?: string | null;
    readonly daticurules?: string | null;
    /** From version 15 on: of the collation when the database was made, or last refreshed. */
    readonly datcollversion?: string | null;
  };
  /** Null: the server's default grants, never changed. */
  readonly grants: readonly DatabaseGrant[] | null;
  readonly settings: readonly DatabaseSetting[];
}
export interface DatabaseGrant {
  /** Null is everybody (PUBLIC). */
  readonly grantee: string | null;
  readonly privilege: string;
  readonly grantable: boolean;
}
export interface DatabaseSetting {
  /** Null: for every role in this database. */
  readonly role: string | null;
  /** `name=value` */
  readonly config: readonly string[];
}

/** Undefined when there is no such database. */
export const readDatabase = async (client: Client, name: string): Promise<DatabaseRow | undefined> => {
  const { rows } = await client.query<DatabaseRow>(
    `SELECT d.oid, pg_catalog.pg_get_userbyid(d.datdba) AS owner, pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
            t.spcname AS tablespace, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
            pg_catalog.to_jsonb(d) - 'datacl' AS columns,
            CASE WHEN d.datacl IS NOT NULL THEN (
              SELECT coalesce(json_agg(json_build_object('privilege', a.privilege_type, 'grantable', a.is_grantable,
                       'grantee', CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee) END)), '[]')
                FROM pg_catalog.aclexplode(d.datacl) a) END AS grants,
            (SELECT coalesce(json_agg(json_build_object('config', s.setconfig,
                       'role', CASE WHEN s.setrole <> 0 THEN pg_catalog.pg_get_userbyid(s.setrole) END)), '[]')
               FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = d.oid) AS settings
       FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
      WHERE d.datname = $1`,
    [name],
  );
  return rows[0];
};

/** The identity of whatever bears the name now; undefined when nothing does. */
export const readOid = async (client: Client, name: string): Promise<number | undefined> => {
  const { rows } = await client.query<{ oid: number }>("SELECT oid FROM pg_catalog.pg_database WHERE datname = $1", [
    name,
  ]);
  return rows[0]?.oid;
};
