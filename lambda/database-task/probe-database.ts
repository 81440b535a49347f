/** What is missing for backups and restores at the database, one sentence each. Only reads. */
import type { Client } from "pg";
import type { Registration } from "../catalog/registration";
import { ServiceFailure } from "../runtime/collaborators";
import { findTools } from "./client-programs";
import { withConnection } from "./connection";
import { errorMessage, statementFailure } from "./connection-errors";
import { readServerVersion } from "./database-facts";
import { type DatabaseLogin, readLogin } from "./database-login";
import { maintenanceDatabase } from "./maintenance";
import { tryReferenceQuery } from "./reference-query";
import { readRights } from "./server-session";
import type { TaskContext } from "./task-context";

export const probeDatabase = async (context: TaskContext, registration: Registration): Promise<string[]> => {
  try {
    const login = await readLogin(context, registration.database);
    return [
      ...(await withConnection(login, {}, (client) => probeConnected(context, client, registration, login))),
      ...(await found(() => withConnection(login, { database: maintenanceDatabase(login.database) }, async () => []))),
    ];
  } catch (error) {
    return [sentenceOf(error)];
  }
};

const probeConnected = async (
  { programs }: TaskContext,
  client: Client,
  { files }: Registration,
  login: DatabaseLogin,
): Promise<string[]> => {
  try {
    const server = await readServerVersion(client);
    const tools = await found(async () => {
      await findTools(programs, server.serverMajor, server.serverVersion);
      return [];
    });
    const missing = [
      ...(await missingReads(client, login)),
      ...(await missingRights(client, server.serverMajor, login)),
    ];
    const { source } = files;
    const query = await found(async () => {
      if (source.kind === "reference-query") await tryReferenceQuery(client, source.query, login);
      return [];
    });
    return [...tools, ...missing, ...query];
  } catch (error) {
    throw statementFailure(error, `Looking at the database "${login.database}"`, login);
  }
};

const USER_SCHEMAS = "n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'";

/** What pg_dump would stumble over. */
const missingReads = async (client: Client, login: DatabaseLogin): Promise<string[]> => {
  const { rows } = await client.query<
    Record<"tables" | "sequences" | "filtered" | "objects", { count: number; example: string | null }>
  >(`
    WITH relations AS (
      SELECT c.oid, c.relkind, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
             pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS reachable
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE ${USER_SCHEMAS} AND c.relkind IN ('r', 'p', 'S'))
    SELECT (SELECT json_build_object('count', count(*), 'example', min(name)) FROM relations
             WHERE relkind <> 'S' AND NOT (reachable AND pg_catalog.has_table_privilege(oid, 'SELECT'))) AS tables,
           (SELECT json_build_object('count', count(*), 'example', min(name)) FROM relations
             WHERE relkind = 'S' AND NOT (reachable AND pg_catalog.has_sequence_privilege(oid, 'SELECT'))) AS sequences,
           (SELECT json_build_object('count', count(*), 'example', min(name)) FROM relations
             WHERE relkind <> 'S' AND pg_catalog.row_security_active(oid)) AS filtered,
           (SELECT json_build_object('count', count(*), 'example', min(m.oid::bigint)::text) FROM pg_catalog.pg_largeobject_metadata m
             WHERE NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE') AND NOT EXISTS (
               SELECT FROM pg_catalog.aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'
                  AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))) AS objects`);
  const row = rows[0];
  if (row === undefined) return [];
  const unreadable = ([what, { count, example }]: [string, { count: number; example: string | null }]): string[] =>
    count === 0
      ? []
      : [
          `"${login.user}" may not read ${count} ${what} of the database "${login.database}", such as ${example ?? "?"}; grant it USAGE on the schema and SELECT.`,
        ];
  return [
    ...[
      ["table(s)", row.tables] as [string, typeof row.tables],
      ["sequence(s)", row.sequences] as [string, typeof row.tables],
      ["large object(s)", row.objects] as [string, typeof row.tables],
    ].flatMap(unreadable),
    ...(row.filtered.count === 0
      ? []
      : [
          `Row security hides rows of ${row.filtered.count} table(s) from "${login.user}", such as ${row.filtered.example ?? "?"}; give it BYPASSRLS or let it be their owner.`,
        ]),
  ];
};

/** What a restore would stumble over. */
const missingRights = async (client: Client, serverMajor: number, login: DatabaseLogin): Promise<string[]> => {
  const { canCreateDatabase, memberOfOwner, owner } = await readRights(client, serverMajor);
  return [
    ...(canCreateDatabase
      ? []
      : [`"${login.user}" may not create databases, which a restore needs; give it CREATEDB.`]),
    ...(memberOfOwner
      ? []
      : [
          `"${login.user}" is no member of "${owner}", the owner of the database "${login.database}", which a restore needs; grant it "${owner}".`,
        ]),
  ];
};

/** Findings of `look`, or the sentence it fails with. */
const found = async (look: () => Promise<string[]>): Promise<string[]> => {
  try {
    return await look();
  } catch (error) {
    return [sentenceOf(error)];
  }
};

const sentenceOf = (error: unknown): string => {
  if (error instanceof ServiceFailure) return error.message;
  return `Looking at the database failed: ${errorMessage(error)}.`;
};
