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

/** CASE, because SQL may look at conditions in any order, and a table is no sequence. */
const UNREADABLE = String.raw`
  WITH relations AS (
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
           CASE c.relkind WHEN 'S' THEN 'sequence(s)' ELSE 'table(s)' END AS what,
           pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND
             CASE c.relkind WHEN 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
                            ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END AS readable,
           CASE c.relkind WHEN 'S' THEN false ELSE pg_catalog.row_security_active(c.oid) END AS filtered
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%' AND c.relkind IN ('r', 'p', 'S'))
  SELECT what, count(*)::int AS count, min(name) AS example, false AS filtered FROM relations WHERE NOT readable GROUP BY what
  UNION ALL
  SELECT what, count(*)::int, min(name), true FROM relations WHERE filtered GROUP BY what
  UNION ALL
  SELECT 'large object(s)', count(*)::int, min(m.oid::bigint)::text, false FROM pg_catalog.pg_largeobject_metadata m
   WHERE NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE') AND NOT EXISTS (
     SELECT FROM pg_catalog.aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'
        AND CASE a.grantee WHEN 0 THEN true ELSE pg_catalog.pg_has_role(a.grantee, 'USAGE') END)
  HAVING count(*) > 0
  ORDER BY filtered, what`;

/** What pg_dump would stumble over. */
const missingReads = async (client: Client, login: DatabaseLogin): Promise<string[]> => {
  const { rows } = await client.query<{ what: string; count: number; example: string; filtered: boolean }>(UNREADABLE);
  return rows.map(({ what, count, example, filtered }) =>
    filtered
      ? `Row security hides rows of ${count} ${what} from "${login.user}", such as ${example}; give it BYPASSRLS or let it be their owner.`
      : `"${login.user}" may not read ${count} ${what} of the database "${login.database}", such as ${example}; grant it USAGE on the schema and SELECT.`,
  );
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
