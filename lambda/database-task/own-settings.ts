/**
 * The settings under which an app works in its database: what the server, the database and the role say. The dump is
 * restored under an empty search path; what fails there for that alone is tried again under these.
 */
import type { Client } from "pg";
import type { DatabaseSetting } from "./database-row";
import { identifier } from "./sql-text";

const DEFAULT_PATH = '"$user", public';

/** Of a session of `role`; the more particular setting wins. Other settings than the search path may be anyone's. */
export const settingsOf = (settings: readonly DatabaseSetting[], role: string): ReadonlyMap<string, string> =>
  new Map(
    [null, role].flatMap((whose) =>
      settings
        .filter((one) => one.role === whose)
        .flatMap(({ config }) =>
          config.map((line): [string, string] => [nameOf(line), line.slice(nameOf(line).length + 1)]),
        ),
    ),
  );
const nameOf = (line: string): string => line.slice(0, line.indexOf("="));

/** The search path of `role`, as the text that set_config takes; `$user` is spelled out. */
export const searchPathOf = async (
  client: Client,
  settings: readonly DatabaseSetting[],
  role: string,
): Promise<string> => {
  const path = settingsOf(settings, role).get("search_path") ?? (await serverPath(client, role));
  return path.replaceAll(/"\$user"|\$user\b/g, () => identifier(role));
};

/** The role's own for all databases, else the server's. */
const serverPath = async (client: Client, role: string): Promise<string> => {
  const { rows } = await client.query<{ path: string | null }>(
    `SELECT coalesce(
       (SELECT substr(line, length('search_path=') + 1) FROM pg_catalog.pg_db_role_setting s
          JOIN pg_catalog.pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) line
         WHERE s.setdatabase = 0 AND r.rolname = $1 AND pg_catalog.starts_with(line, 'search_path=')),
       (SELECT CASE WHEN source = 'user' THEN boot_val ELSE reset_val END
          FROM pg_catalog.pg_settings WHERE name = 'search_path')) AS path`,
    [role],
  );
  return rows[0]?.path ?? DEFAULT_PATH;
};

/** For the session; a setting that the login may not change, or that is not known here, stays as it is. */
export const takeSettings = async (client: Client, settings: ReadonlyMap<string, string>): Promise<void> => {
  for (const [name, value] of settings) {
    if (KEPT.has(name.toLowerCase())) continue;
    // A connection that broke is told by what is asked of it next.
    await client.query("SELECT pg_catalog.set_config($1, $2, false)", [name, value]).catch(() => undefined);
  }
};
/** Would end or hinder the work itself; the search path is for whoever needs it to set, right before what needs it. */
const KEPT = new Set([
  "search_path",
  "default_transaction_read_only",
  "transaction_read_only",
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
  "idle_session_timeout",
  "transaction_timeout",
  "session_authorization",
  "role",
  "row_security",
  "client_encoding",
]);
