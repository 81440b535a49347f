/** What a database holds: rows of every table and filled view, as a digest; sequences; large objects. */
import type { Client } from "pg";
import { identifier, literal } from "../../lambda/database-task/sql-text";

/** One line an object, each beginning with what it is. */
export const contentsOf = async (client: Client): Promise<string[]> => {
  await client.query(
    "SET search_path = ''; SET datestyle = 'ISO, MDY'; SET intervalstyle = postgres; SET timezone = 'UTC'; SET extra_float_digits = 1; SET bytea_output = hex; SET xmlbinary = base64; SET row_security = off",
  );
  const { rows } = await client.query<Relation>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, c.relispopulated AS filled,
            (SELECT coalesce(json_agg(a.attname ORDER BY a.attname), '[]') FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2`,
  );
  const queries = rows.map(queryOf);
  queries.push(
    "SELECT 'large object ' || oid || ' ' || encode(sha256(lo_get(oid)), 'hex') FROM pg_catalog.pg_largeobject_metadata",
  );
  const lines: string[] = [];
  for (const query of queries) {
    const { rows: found } = await client.query<{ line: string }>({ text: query, rowMode: "array" } as never);
    for (const row of found as unknown as string[][]) lines.push(row[0] ?? "");
  }
  return lines;
};

interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly filled: boolean;
  /** By name: their order is compared with the catalogs. */
  readonly columns: readonly string[];
}

const queryOf = ({ schema, name, kind, filled, columns }: Relation): string => {
  const place = `${identifier(schema)}.${identifier(name)}`;
  const words = `${kind === "S" ? "sequence" : kind === "m" ? "view" : "table"} ${place}`;
  if (kind === "S") return `SELECT ${literal(words)} || ' ' || last_value || ' ' || is_called AS line FROM ${place}`;
  if (!filled) return `SELECT ${literal(`${words} not filled`)}`;
  const row = `ROW(${columns.map((column) => `r.${identifier(column)}`).join(", ")})::text`;
  return `SELECT ${literal(words)} || ' ' || count(*) || ' ' || coalesce(md5(string_agg(${row}, E'\\n' ORDER BY ${row} COLLATE pg_catalog."C")), '') FROM ONLY ${place} r`;
};
