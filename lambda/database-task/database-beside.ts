/**
 * Makes and drops the database that a restore fills beside the live one. Everything here can be repeated. A failure
 * leaves at most an unfinished database under the restore's own name, which the next try, or `undo`, drops.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { whyInUse } from "../restore/rules-obstacles";
import { ServiceFailure } from "../runtime/collaborators";
import { errorCode, statementFailure } from "./connection-errors";
import type { DatabaseLogin } from "./database-login";
import { type DatabaseRow, readOid } from "./database-row";
import { readObstacles } from "./obstacles";
import { identifier, literal } from "./sql-text";
import type { TaskContext } from "./task-context";

/** An empty database like `model`. Returns its OID. */
export const createBeside = async (
  client: Client,
  name: string,
  model: DatabaseRow,
  login: DatabaseLogin,
): Promise<number> => {
  const { columns } = model;
  const parts = [
    `CREATE DATABASE ${identifier(name)} WITH TEMPLATE template0 OWNER ${identifier(model.owner)}`,
    `ENCODING ${literal(model.encoding)} LC_COLLATE ${literal(columns.datcollate)} LC_CTYPE ${literal(columns.datctype)}`,
    localeProvider(columns),
    // Naming the default one would need a permission on it.
    model.tablespace === "pg_default" ? "" : `TABLESPACE ${identifier(model.tablespace)}`,
  ];
  try {
    await client.query(parts.join(" "));
  } catch (error) {
    throw statementFailure(error, `Creating the database "${name}" for the restore`, login);
  }
  const oid = await readOid(client, name);
  if (oid === undefined)
    throw new ServiceFailure("DatabaseFailed", `The database "${name}" went missing right after it was created.`, true);
  return oid;
};

/** Drops it with whoever is connected to it; absent is fine. Throws DatabaseInUse with what holds it. */
export const dropDatabase = async (
  { patience, signal }: Pick<TaskContext, "patience" | "signal">,
  client: Client,
  name: string,
  login: DatabaseLogin,
): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      await dropOnce(client, name);
      return;
    } catch (error) {
      if (!isInUse(error)) throw statementFailure(error, `Dropping the database "${name}"`, login);
      if (tries >= patience.busyTries) throw await inUse(client, name, error);
      await sleep(patience.pauseMs, undefined, { signal });
    }
  }
};

const dropOnce = async (client: Client, name: string): Promise<void> => {
  const drop = `DROP DATABASE IF EXISTS ${identifier(name)}`;
  try {
    await noTemplate(client, name, `${drop} WITH (FORCE)`);
  } catch (error) {
    if (errorCode(error) !== "42501") throw error;
    // A session that we may not end, such as a superuser's: wait for it, unless the database itself isn't ours.
    await client.query(drop);
  }
};

/** Ends nobody's session. Throws DatabaseInUse with what holds it, and what the server says otherwise. */
export const dropGently = async (client: Client, name: string): Promise<void> => {
  try {
    await noTemplate(client, name, `DROP DATABASE IF EXISTS ${identifier(name)}`);
  } catch (error) {
    throw isInUse(error) ? await inUse(client, name, error) : error;
  }
};

/** The flag was copied with the rest of the live database's own; with it nobody may drop a database. */
const noTemplate = async (client: Client, name: string, drop: string): Promise<void> => {
  try {
    await client.query(drop);
  } catch (error) {
    if (errorCode(error) !== "42809") throw error;
    await client.query(`ALTER DATABASE ${identifier(name)} IS_TEMPLATE false`);
    await client.query(drop);
  }
};

const inUse = async (client: Client, name: string, cause: unknown): Promise<ServiceFailure> =>
  new ServiceFailure(
    "DatabaseInUse",
    `The database "${name}" is in use and can't be dropped. ${whyInUse(await readObstacles(client, name), `"${name}"`)}`,
    true,
    { cause },
  );

/** Something holds the database: sessions, prepared transactions, slots or subscriptions. */
export const isInUse = (error: unknown): boolean => errorCode(error) === "55006";

const localeProvider = (columns: DatabaseRow["columns"]): string => {
  const locale = columns.datlocale ?? columns.daticulocale ?? "";
  // Up to version 14 there is only libc, and no word for it.
  if (columns.datlocprovider === undefined) return "";
  if (columns.datlocprovider === "i") {
    const rules = columns.daticurules ?? "";
    return `LOCALE_PROVIDER icu ICU_LOCALE ${literal(locale)}${rules === "" ? "" : ` ICU_RULES ${literal(rules)}`}`;
  }
  return columns.datlocprovider === "b"
    ? `LOCALE_PROVIDER builtin BUILTIN_LOCALE ${literal(locale)}`
    : "LOCALE_PROVIDER libc";
};
