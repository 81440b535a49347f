/**
 * Reads the registered reference query: the keys of the files that the database refers to, distinct, without NULLs, in
 * UTF-8 byte order, through a server-side cursor, so that memory stays flat. The caller holds the transaction; the same
 * one that exported the dump's snapshot makes dump and list consistent (rule 9). It only reads.
 */
import type { Client } from "pg";
import { ServiceFailure } from "../runtime/collaborators";
import { compareKeys } from "../pack/key-order";
import type { ListLine } from "../snapshot/file-index";
import { NO_SEARCH_PATH } from "./connection";
import { errorCode, errorMessage, isConnectionLost, statementFailure } from "./connection-errors";
import type { DatabaseLogin } from "./database-login";

const ROWS_A_FETCH = 5_000;

/**
 * Throws ReferenceQueryFailed with the server's own message, and ReferenceQueryAmbiguous when one key comes with two
 * markers. `path`: the app's search path, where it isn't the session's own.
 */
export async function* referencedFiles(
  client: Client,
  query: string,
  login: DatabaseLogin,
  path?: string,
): AsyncGenerator<ListLine> {
  const rows = async (sql: string): Promise<Row[]> => {
    try {
      return (await client.query<Row>(sql)).rows;
    } catch (error) {
      throw queryFailure(error, login);
    }
  };
  const order = await byteOrder(client);
  if (path === undefined) await client.query(APPS_PATH);
  else await client.query("SELECT pg_catalog.set_config('search_path', $1, false)", [path]);
  const table = await wrapped(client, query, login);
  // Row security would leave keys out without a word; with it off, the query fails instead.
  await rows("SET LOCAL row_security = off");
  await rows(
    `DECLARE referenced_files NO SCROLL CURSOR FOR SELECT k, m FROM (SELECT DISTINCT k, m FROM ${table}) AS listed ORDER BY ${order}, m`,
  );
  let previous: string | undefined;
  for (;;) {
    const page = await rows(`FETCH ${ROWS_A_FETCH} FROM referenced_files`);
    for (const { k, m } of page) {
      if (previous !== undefined) checkOrder(previous, k);
      previous = k;
      yield m === null ? { key: k } : { key: k, marker: m };
    }
    if (page.length < ROWS_A_FETCH) break;
  }
  await rows("CLOSE referenced_files");
  await rows(NO_SEARCH_PATH);
}

/** Whether the query runs at all; reads one row. Throws ReferenceQueryFailed. */
export const tryReferenceQuery = async (client: Client, query: string, login: DatabaseLogin): Promise<void> => {
  await client.query(APPS_PATH);
  try {
    const table = await wrapped(client, query, login);
    await client.query(`SELECT k FROM ${table} LIMIT 1`);
  } catch (error) {
    throw queryFailure(error, login);
  } finally {
    // In a transaction that failed nothing runs, and its end brings the path back; a broken connection is told by what is asked next.
    await client.query(NO_SEARCH_PATH).catch(() => undefined);
  }
};

/** The query is written for the app's search path. Under it an app's function may be found ahead of the server's own, so nothing else is asked there. */
const APPS_PATH = "RESET search_path";

interface Row {
  readonly k: string;
  readonly m: string | null;
}

/** The query as a table of key `k` and marker `m`. The line break ends a comment that the query may end with. */
const wrapped = async (client: Client, query: string, login: DatabaseLogin): Promise<string> => {
  const inner = query.trim().replace(/[;\s]+$/, "");
  let columns: number;
  try {
    // The extended protocol takes one statement only, so nothing can be smuggled in behind it.
    const probe = { text: `SELECT * FROM (${inner}\n) AS reference LIMIT 0`, queryMode: "extended" };
    columns = (await client.query(probe)).fields.length;
  } catch (error) {
    throw queryFailure(error, login);
  }
  if (columns !== 1 && columns !== 2)
    throw new ServiceFailure(
      "ReferenceQueryFailed",
      `The reference query gives ${columns} columns; it must give one (the file key) or two (the key and a marker that changes with the file).`,
      false,
    );
  const marker = columns === 2 ? 'marker::text COLLATE "C"' : "NULL::text";
  const names = columns === 2 ? "key, marker" : "key";
  return `(SELECT key::text COLLATE "C" AS k, ${marker} AS m FROM (${inner}\n) AS reference (${names}) WHERE key::text <> '') AS files`;
};

/** COLLATE "C" is the order of the server's own encoding, which is UTF-8's only where the encoding is. */
const byteOrder = async (client: Client): Promise<string> => {
  const { rows } = await client.query<{ encoding: string }>(
    "SELECT pg_catalog.current_setting('server_encoding') AS encoding",
  );
  return ["UTF8", "SQL_ASCII"].includes(rows[0]?.encoding ?? "") ? "k" : "pg_catalog.convert_to(k, 'UTF8')";
};

const checkOrder = (previous: string, key: string): void => {
  const order = compareKeys(previous, key);
  if (order === 0)
    throw new ServiceFailure(
      "ReferenceQueryAmbiguous",
      `The reference query names the file "${key}" with more than one marker; a key must come with one marker only.`,
      false,
    );
  if (order > 0)
    throw new ServiceFailure(
      "ReferenceQueryFailed",
      `The database doesn't sort the file key "${key}" by its bytes.`,
      false,
    );
};

/**
 * Why the query can't run on this database at all, in the server's words: a table, schema, column, function or type that
 * it asks for isn't there, as in a database that holds nothing yet. Undefined for any other failure.
 */
export const whatQueryLacks = (error: unknown): string | undefined =>
  error instanceof ServiceFailure && error.name === "ReferenceQueryFailed" && LACKING.has(errorCode(error.cause))
    ? errorMessage(error.cause)
    : undefined;
/** undefined_table, undefined_column, undefined_function, undefined_object, invalid_schema_name. */
const LACKING = new Set(["42P01", "42703", "42883", "42704", "3F000"]);

const queryFailure = (error: unknown, login: DatabaseLogin): ServiceFailure => {
  if (error instanceof ServiceFailure) return error;
  if (isConnectionLost(error)) return statementFailure(error, "The reference query", login);
  const mend = LACKING.has(errorCode(error))
    ? "correct the registered query, or, if the database is empty, restore into it before it is backed up"
    : `correct the registered query or the permissions of "${login.user}"`;
  return new ServiceFailure(
    "ReferenceQueryFailed",
    `The reference query for the files failed on the database "${login.database}": ${errorMessage(error)}; ${mend}.`,
    false,
    { cause: error },
  );
};
