/**
 * What pg_dump passes over without a word, read in the dump's own transaction: it comes back otherwise, or not at all,
 * and so stands on the snapshot as a warning. An ordinary database has none of it.
 */
import type { Client } from "pg";
import type { SnapshotWarning } from "../snapshot/warnings";

/** Of one kind; the others are counted. */
const NAMED = 20;

export const warnOfNotInDump = async (client: Client): Promise<SnapshotWarning[]> => {
  const { rows } = await client.query<{ kind: keyof typeof SENTENCES; names: string[] }>(`
    SELECT kind, pg_catalog.json_agg(name ORDER BY name) AS names FROM (
      SELECT 'reordered' AS kind, ${nameOf("c.oid")} AS name FROM pg_catalog.pg_class c
       WHERE NOT c.relispartition AND c.relkind IN ('r', 'f', 'p') AND EXISTS (
         SELECT FROM pg_catalog.pg_attribute own JOIN pg_catalog.pg_attribute inherited USING (attrelid)
          WHERE attrelid = c.oid AND own.attnum > 0 AND own.attinhcount = 0 AND NOT own.attisdropped
            AND inherited.attnum > own.attnum AND inherited.attinhcount > 0 AND NOT inherited.attisdropped)
      UNION ALL
      SELECT 'invalidIndexes', ${nameOf("i.indexrelid")} FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
       WHERE NOT i.indisvalid AND ${isUsers("c.relnamespace")}
      UNION ALL
      SELECT DISTINCT 'disabledKeys', ${nameOf("t.tgrelid")} FROM pg_catalog.pg_trigger t
       WHERE t.tgisinternal AND t.tgconstraint <> 0 AND t.tgparentid = 0 AND t.tgenabled <> 'O'
      UNION ALL
      SELECT 'noPublic', 'public' WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'public')
    ) found GROUP BY kind ORDER BY kind`);
  return rows.map(({ kind, names }) => {
    const more = names.length > NAMED ? [`${names.length - NAMED} more`] : [];
    return { code: "NotInDump", message: SENTENCES[kind]([...names.slice(0, NAMED), ...more].join(", ")) };
  });
};

const SENTENCES = {
  reordered: (names: string): string =>
    `Tables that inherit come back with their columns in another order, inherited ones first (${names}): name the columns in queries.`,
  invalidIndexes: (names: string): string =>
    `Invalid indexes are not in the backup (${names}): build them anew, or drop them.`,
  disabledKeys: (names: string): string =>
    `Foreign keys of tables are switched off by DISABLE TRIGGER ALL, and a restore switches them on (${names}): rows that break them make a restore fail.`,
  noPublic: (): string =>
    `The database has no schema "public", and a restore brings an empty one: drop it there again.`,
} as const;

/** Schema and name as they are: sentences quote nothing. */
function nameOf(relation: string): string {
  return `(SELECT n.nspname || '.' || r.relname FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace WHERE r.oid = ${relation})`;
}
function isUsers(schema: string): string {
  return `${schema} NOT IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname ~ '^pg_(toast|temp)')`;
}
