/**
 * `preflight`: the facts about the target's database that a restore's plan judges. It changes nothing but the restore's
 * own item; a failure leaves its sentence there.
 */
import type { Client } from "pg";
import { isoSeconds } from "../catalog/catalog";
import { ServiceFailure } from "../runtime/collaborators";
import { chooseMajor } from "./client-programs";
import { withConnection } from "./connection";
import { statementFailure } from "./connection-errors";
import { readServerVersion } from "./database-facts";
import { readDatabase } from "./database-row";
import { maintenanceDatabase } from "./maintenance";
import { countOldFiles } from "./old-files";
import { openToLook } from "./restore-target";
import { countSessions, readRights } from "./server-session";
import { readDetails } from "./target-details";
import type { TaskContext } from "./task-context";
import { trySettings } from "./try-settings";

export const preflight = async (context: TaskContext, restoreId: string): Promise<void> => {
  const looking = await openToLook(context, restoreId);
  const { login } = looking;
  const { clock, programs } = context;
  const { live, details, ...facts } = await withConnection(login, {}, async (client) => {
    try {
      const version = await readServerVersion(client);
      const row = await readDatabase(client, login.database);
      if (row === undefined)
        throw new ServiceFailure("DatabaseMissing", `The database "${login.database}" doesn't exist any more.`, false);
      const { rows } = await client.query<{ size: string; roles: string[]; extensions: string[] }>(
        `SELECT pg_catalog.pg_database_size(pg_catalog.current_database())::text AS size,
                (SELECT json_agg(rolname ORDER BY rolname) FROM pg_catalog.pg_roles) AS roles,
                (SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM pg_catalog.pg_available_extensions) AS extensions`,
      );
      const { canCreateDatabase, memberOfOwner } = await readRights(client, version.serverMajor);
      return {
        ...version,
        live: row,
        details: await readDetails(client, row, login.database, version.serverMajor),
        databaseOid: row.oid,
        owner: row.owner,
        encoding: row.encoding,
        collate: row.columns.datcollate,
        ctype: row.columns.datctype,
        databaseSize: Number(rows[0]?.size ?? 0),
        ...(await sizeOfServer(client)),
        sessions: await countSessions(client),
        roles: rows[0]?.roles ?? [],
        availableExtensions: rows[0]?.extensions ?? [],
        canCreateDatabase,
        memberOfOwner,
      };
    } catch (error) {
      throw statementFailure(error, `Looking at the database "${login.database}"`, login);
    }
  });
  // By the way that the swap itself will take.
  const maintenance = { database: maintenanceDatabase(login.database) };
  const settingsRefused = await withConnection(login, maintenance, async (client) => {
    try {
      return details.inRecovery ? [] : await trySettings(client, live, login.database);
    } catch (error) {
      throw statementFailure(error, `Trying the settings of the database "${login.database}"`, login);
    }
  });
  const oldFiles = await countOldFiles(context, looking);
  const at = isoSeconds(clock.now());
  await context.catalog.updateRestore(restoreId, {
    preflight: {
      at,
      ...facts,
      ...oldFiles,
      details: { ...details, settingsRefused },
      // PostgreSQL doesn't tell how much room its storage has.
      freeBytes: null,
      toolMajor: chooseMajor(programs.majors, facts.serverMajor),
    },
    updatedAt: at,
  });
};

/** Of the databases that this login may look at; empty where it can't be told, as when one is dropped meanwhile. */
const sizeOfServer = async (client: Client): Promise<{ serverSize?: number }> => {
  const sum = "SELECT coalesce(sum(pg_catalog.pg_database_size(oid)), 0)::text AS size FROM pg_catalog.pg_database";
  try {
    const { rows } = await client.query<{ size: string }>(
      `${sum} WHERE pg_catalog.has_database_privilege(oid, 'CONNECT')`,
    );
    return { serverSize: Number(rows[0]?.size ?? 0) };
  } catch {
    return {};
  }
};
