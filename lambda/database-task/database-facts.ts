/** What a manifest says about a database, read in the dump's own transaction; and what a dump can't hold, as warnings. */
import type { Client } from "pg";
import type { DatabaseEntry, DatabaseLocale, DatabaseProperties } from "../snapshot/manifest";
import type { SnapshotWarning } from "../snapshot/warnings";
import { propertiesOf, readLocale } from "./database-properties";
import { readDatabase } from "./database-row";

export interface DatabaseFacts {
  /** pg_database_size, bytes. */
  readonly databaseSize: number;
  readonly serverVersion: string;
  readonly serverMajor: number;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  readonly extensions: DatabaseEntry["extensions"];
  /** Roles that row-security policies name. */
  readonly policyRoles: readonly string[];
  readonly foreignTables: number;
  /** What else an ordinary database lacks, such as `2 event triggers`: a restore of it may fail at another server. */
  readonly customisations: readonly string[];
  readonly locale: DatabaseLocale;
  readonly properties: DatabaseProperties;
}

/** The extensions that every database has. */
const DEFAULT_EXTENSIONS = new Set(["plpgsql"]);

export const readServerVersion = async (client: Client): Promise<{ serverVersion: string; serverMajor: number }> => {
  const { rows } = await client.query<{ version: string; number: number }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number",
  );
  const row = rows[0] ?? { version: "", number: 0 };
  // "15.18 (Debian 15.18-0+deb12u1)": the packager's part is no fact of the database.
  return { serverVersion: row.version.split(" ")[0] ?? "", serverMajor: Math.floor(row.number / 10_000) };
};

export const readDatabaseFacts = async (client: Client): Promise<DatabaseFacts> => {
  const version = await readServerVersion(client);
  const { rows } = await client.query<{
    size: string;
    encoding: string;
    collate: string;
    ctype: string;
    extensions: { name: string; version: string; owner: string }[];
    roles: string[];
    foreign_tables: number;
    custom: Record<string, number>;
    languages: string[];
    name: string;
  }>(`
    SELECT pg_catalog.pg_database_size(d.oid)::text AS size, pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
           d.datcollate AS collate, d.datctype AS ctype, d.datname AS name,
           (SELECT coalesce(json_agg(json_build_object('name', extname, 'version', extversion,
                     'owner', pg_catalog.pg_get_userbyid(extowner)) ORDER BY extname), '[]')
              FROM pg_catalog.pg_extension) AS extensions,
           (SELECT coalesce(json_agg(DISTINCT r.rolname), '[]') FROM pg_catalog.pg_policy p
              JOIN pg_catalog.pg_roles r ON r.oid = ANY (p.polroles)) AS roles,
           (SELECT count(*)::int FROM pg_catalog.pg_foreign_table) AS foreign_tables,
           json_build_object(
             'foreign server', (SELECT count(*)::int FROM pg_catalog.pg_foreign_server),
             'event trigger', (SELECT count(*)::int FROM pg_catalog.pg_event_trigger),
             'publication', (SELECT count(*)::int FROM pg_catalog.pg_publication),
             'subscription', (SELECT count(s.oid)::int FROM pg_catalog.pg_subscription s WHERE s.subdbid = d.oid)) AS custom,
           (SELECT coalesce(json_agg(lanname ORDER BY lanname), '[]') FROM pg_catalog.pg_language
             WHERE lanname NOT IN ('internal', 'c', 'sql', 'plpgsql')) AS languages
      FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`);
  const row = rows[0];
  const database = row === undefined ? undefined : await readDatabase(client, row.name);
  if (row === undefined || database === undefined) throw new Error("pg_database doesn't name the current database");
  return {
    ...version,
    locale: await readLocale(client, database, version.serverMajor),
    properties: propertiesOf(database),
    databaseSize: Number(row.size),
    encoding: row.encoding,
    collate: row.collate,
    ctype: row.ctype,
    extensions: row.extensions,
    policyRoles: row.roles,
    foreignTables: row.foreign_tables,
    customisations: [
      ...Object.entries({ "foreign table": row.foreign_tables, ...row.custom })
        .filter(([, count]) => count > 0)
        .map(([what, count]) => `${count} ${what}${count === 1 ? "" : "s"}`),
      ...row.languages.map((name) => `the language ${name}`),
    ],
  };
};

/** One sentence each. */
export const databaseWarnings = (facts: Pick<DatabaseFacts, "extensions" | "foreignTables">): SnapshotWarning[] => {
  const beyond = facts.extensions.filter(({ name }) => !DEFAULT_EXTENSIONS.has(name));
  return [
    ...beyond.map(({ name, version }): SnapshotWarning => ({
      code: "ExtensionBeyondDefault",
      message: `The database uses the extension "${name}"${version === "" ? "" : ` (version ${version})`}, which is beyond the default set; a restore needs it at the target's server.`,
    })),
    ...(facts.foreignTables === 0
      ? []
      : [
          {
            code: "ForeignTables" as const,
            message: `The database has ${facts.foreignTables} foreign table(s); their data lies elsewhere and isn't in the backup.`,
          },
        ]),
  ];
};
