/**
 * Gives the database beside what stays with a database and isn't in a dump: settings (for all roles and for single
 * ones), grants on the database, connection limit, comment. Repeatable; each statement says the whole of what it sets.
 */
import type { Client } from "pg";
import { statementFailure } from "./connection-errors";
import type { DatabaseLogin } from "./database-login";
import type { DatabaseRow } from "./database-row";
import { identifier, literal } from "./sql-text";

export const copySettings = async (
  client: Client,
  model: DatabaseRow,
  name: string,
  login: DatabaseLogin,
): Promise<void> => {
  for (const statement of settingStatements(model, name)) {
    try {
      await client.query(statement);
    } catch (error) {
      throw statementFailure(error, `Giving the restored database its old settings (${statement})`, login);
    }
  }
};

/** What the server keeps as a list of quoted names must be written as a list again; everything else is one text. */
const NAME_LISTS = new Set([
  "local_preload_libraries",
  "search_path",
  "session_preload_libraries",
  "shared_preload_libraries",
  "temp_tablespaces",
  "unix_socket_directories",
]);

export interface SettingStatement {
  readonly role: string | null;
  readonly name: string;
  readonly statement: string;
}
/** One for each setting that `model` has, for the database called `database`. */
export const ownSettings = (model: DatabaseRow, database: string): SettingStatement[] =>
  model.settings.flatMap(({ role, config }) =>
    config.map((line) => {
      const cut = line.indexOf("=");
      const [name, value] = [line.slice(0, cut), line.slice(cut + 1)];
      const place =
        role === null
          ? `ALTER DATABASE ${identifier(database)}`
          : `ALTER ROLE ${identifier(role)} IN DATABASE ${identifier(database)}`;
      return { role, name, statement: `${place} SET ${settingName(name)} TO ${settingValue(name, value)}` };
    }),
  );

export const settingStatements = (model: DatabaseRow, name: string): string[] => {
  const database = identifier(name);
  return [
    ...ownSettings(model, name).map(({ statement }) => statement),
    ...grantStatements(model, database),
    `ALTER DATABASE ${database} CONNECTION LIMIT ${model.columns.datconnlimit}`,
    ...(model.columns.datistemplate ? [`ALTER DATABASE ${database} IS_TEMPLATE true`] : []),
    `COMMENT ON DATABASE ${database} IS ${model.comment === null ? "NULL" : literal(model.comment)}`,
  ];
};

const grantStatements = (model: DatabaseRow, database: string): string[] => {
  if (model.grants === null) return [];
  return [
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC, ${identifier(model.owner)}`,
    ...model.grants.map(
      ({ grantee, privilege, grantable }) =>
        `GRANT ${privilege} ON DATABASE ${database} TO ${grantee === null ? "PUBLIC" : identifier(grantee)}${grantable ? " WITH GRANT OPTION" : ""}`,
    ),
  ];
};

/** A setting of an extension has a prefix and a point: each part is a name of its own. */
const settingName = (name: string): string => name.split(".").map(identifier).join(".");

const settingValue = (name: string, value: string): string => {
  if (!NAME_LISTS.has(name.toLowerCase())) return literal(value);
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? "",
  );
  return names.length === 0 ? "''" : names.map(literal).join(", ");
};
