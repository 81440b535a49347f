/**
 * The files that a dump names by any registered query: the dump is restored into an empty database of the caller's,
 * and the query runs there. The database stays as it is then; whoever gave it drops it.
 */
import type { Client } from "pg";
import type { Finding } from "../../../lambda/catalog/items";
import { withConnection } from "../../../lambda/database-task/connection";
import type { DatabaseLogin } from "../../../lambda/database-task/database-login";
import { fillDatabase } from "../../../lambda/database-task/fill-database";
import { settingsOf, takeSettings } from "../../../lambda/database-task/own-settings";
import { referencedFiles } from "../../../lambda/database-task/reference-query";
import type { Copy } from "../../../lambda/restore/snapshot-reader";
import type { DatabaseEntry } from "../../../lambda/snapshot/manifest";
import { CommandFailure } from "../surroundings";

const MODES = new Set(["disable", "require", "verify-full"] as const);
type Mode = typeof MODES extends Set<infer M> ? M : never;
const LOOPBACK = new Set(["localhost", "127.0.0.1"]);

/** Throws CommandFailure (2). The password comes from PGPASSWORD, because a command line stands in process lists. */
export function scratchLogin(address: string, password: string | undefined): DatabaseLogin {
  const wrong = (what: string): CommandFailure =>
    new CommandFailure(2, [
      `--scratch-database ${what}; it must be like postgres://user@host:5432/database, with the password in PGPASSWORD.`,
    ]);
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw wrong("is no URL");
  }
  if (url.password !== "") throw wrong("holds a password, which others can read in process lists");
  const database = decodeURIComponent(url.pathname.slice(1));
  if (!/^postgres(ql)?:$/.test(url.protocol) || url.hostname === "" || url.username === "" || database === "")
    throw wrong("lacks a part");
  const mode = url.searchParams.get("sslmode") ?? (LOOPBACK.has(url.hostname) ? "disable" : "require");
  if (!MODES.has(mode as Mode)) throw wrong(`has the sslmode ${mode}, which must be disable, require or verify-full`);
  return {
    host: url.hostname,
    port: Number(url.port === "" ? "5432" : url.port),
    database,
    user: decodeURIComponent(url.username),
    password: password ?? "",
    ssl: mode as Mode,
  };
}

/**
 * Fills it as a restore would, and gives `use` a way to ask for files, in key order, with what could not be put back.
 * Throws CommandFailure, and what filling, reading and connecting throw.
 */
export async function inScratch(
  copy: Copy,
  dump: DatabaseEntry,
  { program, login }: { readonly program: string; readonly login: DatabaseLogin },
  use: (
    notes: readonly Finding[],
    namedBy: (query: string) => AsyncIterable<{ readonly key: string }>,
  ) => Promise<void>,
): Promise<void> {
  await withConnection(login, { statementSeconds: 0 }, async (client) => {
    await requireEmpty(client, login.database);
    const settings = dump.properties?.settings ?? [];
    const order = { tools: { restore: program }, login, database: login.database, settings };
    const notes = await fillDatabase(copy, dump, order, new AbortController().signal);
    const own = settingsOf(settings, login.user);
    await takeSettings(client, own);
    await client.query("BEGIN READ ONLY");
    await use(notes, (query) => referencedFiles(client, query, login, own.get("search_path")));
    await client.query("COMMIT");
  });
}

async function requireEmpty(client: Client, database: string): Promise<void> {
  const { rows } = await client.query<{ tables: number }>(
    "SELECT count(*)::int AS tables FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace " +
      "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'",
  );
  if ((rows[0]?.tables ?? 0) === 0) return;
  throw new CommandFailure(2, [
    `The scratch database ${database} is not empty; create a new one for this, and drop it afterwards.`,
  ]);
}
