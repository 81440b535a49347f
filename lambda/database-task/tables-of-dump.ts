/** Whether a filled database has what its dump has rows for: a table that was left out would be missed by nobody else. */
import type { Client } from "pg";
import { statementFailure } from "./connection-errors";
import type { DatabaseLogin } from "./database-login";
import { textOf, type Toc, type TocEntry } from "../dump/toc";

/** One sentence each. */
export const missingOfDump = async (
  client: Client,
  { entries }: Pick<Toc, "entries">,
  largeObjects: number,
  login: DatabaseLogin,
): Promise<readonly string[]> => {
  const tables = entries.filter(({ kind }) => kind === "TABLE DATA").filter(inAscii);
  const lacking = await lackingTables(client, tables, login);
  // From version 17 on one entry stands for many.
  const objects = entries.filter(({ kind }) => kind === "BLOB").length;
  return [
    ...lacking.map((name) => `The dump has rows of the table ${name}, and the restored database has no such table.`),
    ...(objects <= largeObjects
      ? []
      : [`The dump has ${objects} large objects, and the restored database has ${largeObjects}.`]),
  ];
};

/** Other names are in the dump's own encoding. */
const inAscii = ({ namespace = "", tag = "" }: TocEntry): boolean => /^[ -~]*$/.test(namespace + tag);

const lackingTables = async (
  client: Client,
  tables: readonly TocEntry[],
  login: DatabaseLogin,
): Promise<readonly string[]> => {
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT w.schema || '.' || w.name AS name FROM unnest($1::text[], $2::text[]) AS w (schema, name)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                           WHERE n.nspname = w.schema AND c.relname = w.name) ORDER BY 1`,
      [tables.map(({ namespace = "" }) => textOf(namespace)), tables.map(({ tag = "" }) => textOf(tag))],
    );
    return rows.map(({ name }) => name);
  } catch (error) {
    throw statementFailure(error, "Looking at the restored tables", login);
  }
};
