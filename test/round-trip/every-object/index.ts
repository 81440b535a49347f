/** One database that holds every kind of object that pg_dump knows. */
import { identifier } from "../../../lambda/database-task/sql-text";
import type { PostgresServer } from "../../support/postgres";
import { beyondSql, databaseSql } from "./beyond";
import { functionsSql } from "./functions";
import { rolesSql } from "./roles";
import { tablesSql } from "./tables";
import { typesSql } from "./types";
import { viewsSql } from "./views-and-rules";

export { rolesSql };

/** On a server that has the roles. */
export const createEveryObject = async (server: PostgresServer, database: string): Promise<void> => {
  await server.query("postgres", `CREATE DATABASE ${identifier(database)} TEMPLATE template0`);
  for (const sql of parts(database)) await server.query(database, sql);
};

const parts = (database: string): string[] => [
  typesSql,
  functionsSql,
  tablesSql,
  viewsSql,
  beyondSql,
  databaseSql(identifier(database)),
];
