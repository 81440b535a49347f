/**
 * Reads a restored database in full, on its server: every column of every row of every table and materialized view,
 * out of line values too, and every large object. Only counts come back. It changes nothing but row security that is
 * forced upon the owner, which the scratch database can do without.
 */
import type { Client } from "pg";
import { errorMessage, isConnectionLost, statementFailure } from "./connection-errors";
import type { DatabaseLogin } from "./database-login";
import { identifier } from "./sql-text";

export interface ReadDatabase {
  readonly tables: number;
  readonly rows: number;
  /** Characters' bytes of all values in their text form. */
  readonly bytes: number;
  readonly largeObjects: number;
  /** One sentence each: what can't be read. */
  readonly problems: readonly string[];
}

interface Table {
  /** Its own privileges let us read it. */
  readonly open: boolean;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly forced: boolean;
}

const LARGE_OBJECTS_A_QUERY = 500;
/** Of a large object, in one go. */
const PIECE_BYTES = 8 * 1024 * 1024;

/** Throws when the connection breaks: that is the server's fault, not the database's. */
export const readTables = async (client: Client, login: DatabaseLogin): Promise<ReadDatabase> => {
  // Row security would leave rows out without a word; with it off, reading fails instead.
  await client.query("SET row_security = off");
  const problems: string[] = [];
  const attempt = async <T>(what: string, none: T, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (isConnectionLost(error)) throw statementFailure(error, `Reading ${what}`, login);
      problems.push(`In the restored database ${what} can't be read: ${errorMessage(error).replace(/\.$/, "")}.`);
      return none;
    }
  };
  let [tables, rows, bytes] = [0, 0, 0];
  for (const table of await attempt("the list of tables", [], () => listTables(client))) {
    tables++;
    const name = `${table.schema}.${table.name}`;
    const read = await attempt(`the table ${name}`, { rows: 0, bytes: 0 }, () => readTable(client, table));
    rows += read.rows;
    bytes += read.bytes;
  }
  const objects = { count: 0, bytes: 0 };
  await attempt("the large objects", undefined, () => readLargeObjects(client, objects));
  return { tables, rows, bytes: bytes + objects.bytes, largeObjects: objects.count, problems };
};

/**
 * Foreign tables hold nothing, and neither do views that were never filled, or the parents of partitions, whose rows are
 * their partitions'.
 */
const listTables = async (client: Client): Promise<readonly Table[]> => {
  const { rows } = await client.query<Table>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relforcerowsecurity AS forced,
            pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS open,
            (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      ORDER BY n.nspname, c.relname`,
  );
  return rows;
};

/**
 * The text of every value is what a dump would write. Of a text that lies out of line the server knows the length
 * without reading it; its hash takes every byte.
 */
const readTable = async (client: Client, { schema, name, columns, forced, open }: Table) => {
  const table = `${identifier(schema)}.${identifier(name)}`;
  // An owner's own right to read may have been taken away, and came back so.
  if (!open) {
    await client.query(`GRANT USAGE ON SCHEMA ${identifier(schema)} TO CURRENT_USER`);
    await client.query(`GRANT SELECT ON TABLE ${table} TO CURRENT_USER`);
  }
  if (forced) await client.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
  const values = columns.map((column) => `t.${identifier(column)}::text COLLATE "C"`);
  const lengths = ["0::numeric", ...values.map((value) => `coalesce(octet_length(${value}), 0)`)];
  const hashes = ["0", ...values.map((value) => `count(pg_catalog.hashtextextended(${value}, 0))`)];
  const { rows } = await client.query<{ rows: string; bytes: string }>(
    `SELECT count(*)::text AS rows, coalesce(sum(${lengths.join(" + ")}), 0)::text AS bytes, ${hashes.join(" + ")} AS hashed
       FROM ONLY ${table} AS t`,
  );
  return { rows: Number(rows[0]?.rows ?? 0), bytes: Number(rows[0]?.bytes ?? 0) };
};

const readLargeObjects = async (client: Client, found: { count: number; bytes: number }): Promise<void> => {
  let after = "0";
  for (;;) {
    const { rows } = await client.query<{ oid: string; length: number }>(
      `SELECT oid::text AS oid, octet_length(pg_catalog.lo_get(oid, 0, ${PIECE_BYTES})) AS length
         FROM (SELECT oid FROM pg_catalog.pg_largeobject_metadata WHERE oid > $1::oid ORDER BY oid LIMIT ${LARGE_OBJECTS_A_QUERY}) AS objects`,
      [after],
    );
    for (const { oid, length } of rows) {
      found.count++;
      found.bytes += length;
      if (length === PIECE_BYTES) found.bytes += await readRest(client, oid);
    }
    if (rows.length < LARGE_OBJECTS_A_QUERY) return;
    after = rows.at(-1)?.oid ?? after;
  }
};

const readRest = async (client: Client, oid: string): Promise<number> => {
  for (let from = PIECE_BYTES; ; from += PIECE_BYTES) {
    const { rows } = await client.query<{ length: number }>(
      `SELECT octet_length(pg_catalog.lo_get($1::oid, $2::bigint, ${PIECE_BYTES})) AS length`,
      [oid, String(from)],
    );
    const length = rows[0]?.length ?? 0;
    if (length < PIECE_BYTES) return from - PIECE_BYTES + length;
  }
};
