/**
 * Every row of every catalog of a database, in words: object numbers as names, privileges one by one, expressions as
 * text. Complete by construction: catalogs and columns come from the server itself, and what is left out is a list with
 * reasons (`may-differ.ts`). Roles stand as `role:<name>`, an object's own owner in its privileges as `owner`.
 */
import type { Client } from "pg";
import { CATALOGS_LEFT_OUT, COLUMNS_LEFT_OUT } from "./may-differ";

export interface CatalogRow {
  readonly catalog: string;
  readonly row: Readonly<Record<string, unknown>>;
}

interface Column {
  readonly name: string;
  readonly type: string;
}
interface Reference {
  readonly columns: readonly string[];
  readonly to: string;
  readonly isArray: boolean;
}

/** The kinds of objects in `acldefault`, and the column that holds the owner. */
const PRIVILEGES: Readonly<Record<string, readonly [kind: string, owner: string]>> = {
  pg_class: ["CASE t.relkind WHEN 'S' THEN 's' ELSE 'r' END", "relowner"],
  pg_proc: ["'f'", "proowner"],
  pg_type: ["'T'", "typowner"],
  pg_namespace: ["'n'", "nspowner"],
  pg_language: ["'l'", "lanowner"],
  pg_largeobject_metadata: ["'L'", "lomowner"],
  pg_foreign_data_wrapper: ["'F'", "fdwowner"],
  pg_foreign_server: ["'S'", "srvowner"],
  pg_database: ["'d'", "datdba"],
};

/** What catalogs hold as trees of nodes, as text; and what has no column of its own. */
const TEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pg_attrdef: { "": "pg_get_expr(t.adbin, t.adrelid)" },
  pg_attribute: {
    order:
      "(SELECT count(*) FROM pg_attribute o WHERE o.attrelid = t.attrelid AND o.attnum BETWEEN 1 AND t.attnum AND NOT o.attisdropped)",
  },
  pg_class: {
    bound: "pg_get_expr(t.relpartbound, t.oid)",
    toast:
      "(SELECT array_agg(o ORDER BY o) FROM pg_class s, unnest(s.reloptions) o WHERE s.oid = t.reltoastrelid AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attstorage <> 'p'))",
  },
  pg_constraint: { "": "pg_get_constraintdef(t.oid)" },
  pg_database: { comment: "shobj_description(t.oid, 'pg_database')" },
  pg_enum: {
    order: "(SELECT count(*) FROM pg_enum o WHERE o.enumtypid = t.enumtypid AND o.enumsortorder <= t.enumsortorder)",
  },
  pg_index: { "": "pg_get_indexdef(t.indexrelid)" },
  pg_largeobject_metadata: { number: "t.oid::text" },
  pg_partitioned_table: { "": "pg_get_partkeydef(t.partrelid)" },
  pg_policy: { using: "pg_get_expr(t.polqual, t.polrelid)", check: "pg_get_expr(t.polwithcheck, t.polrelid)" },
  pg_proc: { arguments: "pg_get_function_arguments(t.oid)", body: "pg_get_function_sqlbody(t.oid)" },
  pg_publication_rel: {
    where: "pg_get_expr(t.prqual, t.prrelid)",
    columns:
      "(SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = t.prrelid AND a.attnum = ANY (t.prattrs::int2[]))",
  },
  pg_rewrite: { "": "pg_get_ruledef(t.oid)" },
  pg_statistic_ext: { "": "pg_get_statisticsobjdef(t.oid)" },
  pg_trigger: { "": "CASE WHEN t.tgisinternal THEN NULL ELSE pg_get_triggerdef(t.oid) END" },
};

/** In another form: without numbers that the server has given, and lists in an order of their own. */
const INSTEAD: Readonly<Record<string, string>> = {
  "pg_attribute.attcompression": "CASE WHEN t.attinhcount > 0 THEN NULL ELSE t.attcompression::text END",
  "pg_type.typowner":
    "CASE WHEN t.typtype = 'm' OR EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND e.typtype = 'm') THEN NULL ELSE 'role:' || pg_get_userbyid(t.typowner) END",
  // Of a primary key's part in a partition it says nothing.
  "pg_constraint.connoinherit": "CASE WHEN t.contype IN ('p', 'u', 'x') THEN NULL ELSE t.connoinherit END",
  "pg_policy.polroles":
    "(SELECT json_agg(r.name ORDER BY r.name) FROM (SELECT CASE WHEN e = 0 THEN 'PUBLIC' ELSE 'role:' || pg_get_userbyid(e) END FROM unnest(t.polroles) e) r (name))",
  "pg_trigger.tgname": "CASE WHEN t.tgisinternal THEN regexp_replace(t.tgname, '_[0-9]+$', '') ELSE t.tgname::text END",
};

const ROWS: Readonly<Record<string, string>> = {
  pg_attribute: `NOT t.attisdropped AND (t.attnum > 0 OR t.attacl IS NOT NULL) AND ${notOurs("t.attrelid")}`,
  pg_class: notOurs("t.oid"),
  pg_index: notOurs("t.indexrelid"),
  pg_operator: "t.oprcode <> 0",
  pg_type: "t.typnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_(toast|temp)')",
  pg_namespace: "t.nspname !~ '^pg_(toast|temp)'",
  pg_database: "t.datname = current_database()",
  pg_db_role_setting: "t.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())",
  pg_subscription: "t.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
};
function notOurs(relation: string): string {
  return `${relation} NOT IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname ~ '^pg_(toast|temp)')`;
}

/** Of these, rows that stand in every new database are left aside unless somebody has changed them: they are thousands. */
const LARGE = new Set(
  "pg_aggregate pg_amop pg_amproc pg_attrdef pg_attribute pg_cast pg_class pg_collation pg_constraint pg_conversion pg_description pg_index pg_init_privs pg_opclass pg_operator pg_opfamily pg_proc pg_rewrite pg_type".split(
    " ",
  ),
);
/** initdb makes template0 last. */
const CHANGED = "t.xmin::text::bigint > (SELECT xmin::text::bigint FROM pg_database WHERE datname = 'template0')";

export const catalogRows = async (client: Client): Promise<CatalogRow[]> => {
  await client.query("SET search_path = ''");
  const { catalogs, references } = await structure(client);
  const found: CatalogRow[] = [];
  for (const [catalog, columns] of catalogs) {
    if (CATALOGS_LEFT_OUT[catalog] !== undefined) continue;
    const conditions = [ROWS[catalog] ?? "true", LARGE.has(catalog) ? CHANGED : "true"];
    const pairs = [
      ...columns
        .filter(({ name }) => COLUMNS_LEFT_OUT[`*.${name}`] === undefined)
        .filter(({ name }) => COLUMNS_LEFT_OUT[`${catalog}.${name}`] === undefined)
        .map((column) => [column.name, expressionOf(catalog, column, references.get(catalog) ?? [])] as const),
      ...Object.entries(TEXTS[catalog] ?? {}).map(([name, sql]) => [name === "" ? "definition" : name, sql] as const),
    ];
    const object = pairs.map(([name, sql]) => `'${name}', ${sql}`).join(", ");
    const { rows } = await client.query<{ row: Record<string, unknown> }>(
      `SELECT json_build_object(${object}) AS row FROM pg_catalog.${catalog} t WHERE ${conditions.join(" AND ")}`,
    );
    for (const { row } of rows) found.push({ catalog, row });
  }
  return found;
};

const structure = async (client: Client) => {
  const { rows: columns } = await client.query<{ catalog: string; name: string; type: string }>(
    `SELECT c.relname AS catalog, a.attname AS name, format_type(a.atttypid, NULL) AS type
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY c.relname, a.attnum`,
  );
  const { rows: keys } = await client.query<{ from: string; columns: string[]; to: string; array: boolean }>(
    `SELECT fktable::text AS from, fkcols AS columns, pktable::text AS to, is_array AS array FROM pg_get_catalog_foreign_keys()`,
  );
  const catalogs = new Map<string, Column[]>();
  for (const { catalog, name, type } of columns)
    catalogs.set(catalog, [...(catalogs.get(catalog) ?? []), { name, type }]);
  const references = new Map<string, Reference[]>();
  for (const { from, columns: names, to, array } of keys)
    references.set(from, [...(references.get(from) ?? []), { columns: names, to, isArray: array }]);
  return { catalogs, references };
};

const expressionOf = (catalog: string, { name, type }: Column, references: readonly Reference[]): string => {
  const own = INSTEAD[`${catalog}.${name}`];
  if (own !== undefined) return own;
  if (name.endsWith("options") && type === "text[]") return `(SELECT array_agg(o ORDER BY o) FROM unnest(t.${name}) o)`;
  if (type === "aclitem[]") return privilegesOf(catalog, name);
  if (name === "objoid")
    return "(SELECT i.type || ' ' || i.identity FROM pg_identify_object(t.classoid, t.objoid, t.objsubid) i)";
  if (name === "classoid") return "t.classoid::regclass::text";
  if (name === "objsubid") return "NULL";
  const reference = references.find(({ columns }) => columns.at(-1) === name);
  if (reference === undefined) {
    if (type === "pg_node_tree") throw new Error(`${catalog}.${name} is a tree of nodes that has no text here.`);
    return ["name", "char", "xid"].includes(type.replaceAll('"', "")) ? `t.${name}::text` : `t.${name}`;
  }
  const nameOf = (value: string): string => nameIn(reference, value);
  if (!reference.isArray) return nameOf(`t.${name}`);
  // Vectors begin at 0 and are no arrays to `unnest`.
  const array = type.endsWith("vector") ? `t.${name}::${type === "oidvector" ? "oid" : "int2"}[]` : `t.${name}`;
  return `(SELECT json_agg(${nameOf("e")} ORDER BY n) FROM unnest(${array}) WITH ORDINALITY u(e, n))`;
};

const nameIn = ({ columns, to }: Reference, value: string): string => {
  if (to === "pg_authid") return `CASE WHEN ${value} = 0 THEN 'PUBLIC' ELSE 'role:' || pg_get_userbyid(${value}) END`;
  if (to === "pg_attribute")
    return `(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = t.${columns[0] ?? ""} AND a.attnum = ${value})`;
  if (to === "pg_database") return "'the database'";
  if (to === "pg_tablespace") return `(SELECT s.spcname::text FROM pg_tablespace s WHERE s.oid = ${value})`;
  if (to === "pg_trigger")
    return `(SELECT regexp_replace(p.tgname, '_[0-9]+$', '') || ' on ' || p.tgrelid::regclass FROM pg_trigger p WHERE p.oid = ${value})`;
  return `CASE WHEN ${value} = 0 THEN NULL ELSE (SELECT i.identity FROM pg_identify_object('pg_catalog.${to}'::regclass, ${value}, 0) i) END`;
};

const privilegesOf = (catalog: string, name: string): string => {
  const [kind, owner] = PRIVILEGES[catalog] ?? ["", ""];
  const list = kind === "" ? `t.${name}` : `coalesce(t.${name}, acldefault((${kind})::"char", t.${owner}))`;
  const roleOf = (value: string): string =>
    `CASE ${value} WHEN 0 THEN 'PUBLIC' ${owner === "" ? "" : `WHEN t.${owner} THEN 'owner'`} ELSE 'role:' || pg_get_userbyid(${value}) END`;
  const entry = `${roleOf("x.grantee")} || '=' || x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END || '/' || ${roleOf("x.grantor")}`;
  return `(SELECT coalesce(json_agg(${entry} ORDER BY ${entry}), '[]') FROM aclexplode(${list}) x)`;
};
