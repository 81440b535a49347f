/** What a database holds, as checksums: every table's rows, every sequence, every large object, every definition. */
import type { Client } from "pg";
import { withDatabase, type DatabaseLogin } from "./environment";

export interface DatabaseFingerprint {
  /** Of each table, `<rows> rows, md5 <…>`; rows in an order of their own. */
  readonly tables: Readonly<Record<string, string>>;
  readonly sequences: Readonly<Record<string, string>>;
  readonly largeObjects: string;
  /** Constraints, indexes, views, policies, triggers and functions, each kind as one checksum. */
  readonly definitions: Readonly<Record<string, string>>;
  readonly rows: number;
}

const OWN_SCHEMAS =
  "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'";

const DEFINITIONS: Readonly<Record<string, string>> = {
  columns: `SELECT format('%s.%s %s %s %s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND ${OWN_SCHEMAS}`,
  constraints: `SELECT format('%s.%s %s', n.nspname, o.conname, pg_get_constraintdef(o.oid)) AS line
    FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace WHERE ${OWN_SCHEMAS}`,
  indexes: `SELECT indexdef AS line FROM pg_indexes n WHERE ${OWN_SCHEMAS.replaceAll("n.nspname", "n.schemaname")}`,
  views: `SELECT format('%s.%s %s', n.schemaname, n.viewname, n.definition) AS line FROM pg_views n WHERE ${OWN_SCHEMAS.replaceAll("n.nspname", "n.schemaname")}`,
  policies: "SELECT format('%s.%s %s %s %s', schemaname, tablename, policyname, roles, qual) AS line FROM pg_policies",
  triggers: `SELECT pg_get_triggerdef(t.oid) AS line FROM pg_trigger t WHERE NOT t.tgisinternal`,
  functions: `SELECT pg_get_functiondef(p.oid) AS line FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind = 'f' AND ${OWN_SCHEMAS}`,
};

export const fingerprintDatabase = (login: DatabaseLogin): Promise<DatabaseFingerprint> =>
  withDatabase(login, async (client) => {
    const tables: Record<string, string> = {};
    let rows = 0;
    for (const name of await relations(client, "'r', 'm'")) {
      const [found] = await select(
        client,
        `SELECT count(*)::int8 AS rows, md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text) COLLATE "C"), '')) AS sum FROM ${name} t`,
      );
      tables[name] = `${found?.["rows"]} rows, md5 ${found?.["sum"]}`;
      rows += Number(found?.["rows"]);
    }
    const sequences: Record<string, string> = {};
    for (const name of await relations(client, "'S'")) {
      const [found] = await select(client, `SELECT last_value, is_called FROM ${name}`);
      sequences[name] = `${found?.["last_value"]} ${found?.["is_called"]}`;
    }
    const [objects] = await select(
      client,
      "SELECT count(*) AS count, md5(coalesce(string_agg(oid || ' ' || md5(lo_get(oid)), ',' ORDER BY oid), '')) AS sum FROM pg_largeobject_metadata",
    );
    const definitions: Record<string, string> = {};
    for (const [kind, query] of Object.entries(DEFINITIONS)) {
      const [found] = await select(
        client,
        `SELECT count(*) AS count, md5(coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), '')) AS sum FROM (${query}) AS lines`,
      );
      definitions[kind] = `${found?.["count"]} ${kind}, md5 ${found?.["sum"]}`;
    }
    return {
      tables,
      sequences,
      largeObjects: `${objects?.["count"]} large objects, md5 ${objects?.["sum"]}`,
      definitions,
      rows,
    };
  });

/** Numbers of 64 bits come as text. */
type Row = Record<string, string | boolean>;

const select = async (client: Client, query: string): Promise<readonly Row[]> => (await client.query<Row>(query)).rows;

const relations = async (client: Client, kinds: string): Promise<readonly string[]> => {
  const found = await select(
    client,
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN (${kinds}) AND ${OWN_SCHEMAS} ORDER BY 1`,
  );
  return found.map(({ name }) => String(name));
};

/** What differs, one line each; empty when the databases hold the same. */
export const compareDatabases = (expected: DatabaseFingerprint, found: DatabaseFingerprint): readonly string[] => [
  ...compareMaps("table", expected.tables, found.tables),
  ...compareMaps("sequence", expected.sequences, found.sequences),
  ...compareMaps("definitions of", expected.definitions, found.definitions),
  ...(expected.largeObjects === found.largeObjects
    ? []
    : [`large objects: ${expected.largeObjects} expected, ${found.largeObjects} found`]),
];

const compareMaps = (
  what: string,
  expected: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): string[] =>
  [...new Set([...Object.keys(expected), ...Object.keys(found)])]
    .filter((name) => expected[name] !== found[name])
    .map((name) => `${what} ${name}: ${expected[name] ?? "nothing"} expected, ${found[name] ?? "nothing"} found`);
