/** Databases that go through a backup and a restore, and what is compared of them before and after. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Finding, RestoreItem } from "../../lambda/catalog/items";
import type { DatabaseEntry } from "../../lambda/snapshot/manifest";
import type { PostgresServer } from "../support/postgres";
import { must } from "../support/must";
import { beginRestore, registerEnvironment, run, scenario, type Scenario, takeSnapshot } from "./scenario";

/** Logins with the rights of a managed server's first user (no superuser), and of ordinary roles. */
export const ROLES = `
  CREATE ROLE master LOGIN PASSWORD 'master' CREATEDB CREATEROLE;
  CREATE ROLE app LOGIN PASSWORD 'app';
  CREATE ROLE other LOGIN PASSWORD 'other';
  CREATE ROLE reader LOGIN PASSWORD 'reader';
  CREATE ROLE "Odd "";Role" LOGIN;
  GRANT app, other, reader TO master;`;
export const MASTER = { user: "master", password: "master" };

let number = 0;
export interface Trip {
  /** Run as the superuser, in a database of `owner` that it calls SOURCE. */
  readonly sql: string;
  readonly owner?: string;
  /** One that stands already. */
  readonly database?: string;
  /** Who backs up and restores. @default the superuser */
  readonly login?: "superuser" | "master";
  /** @default the same server, into the source itself */
  readonly into?: { readonly server?: PostgresServer; readonly owner?: string; readonly settings?: string };
  /** What the manifest says of it, where that isn't what the backup found. */
  readonly recorded?: (database: DatabaseEntry) => DatabaseEntry;
  /** Between the backup and the restore. */
  readonly meanwhile?: (on: Scenario) => Promise<void>;
}
export interface Returned {
  readonly on: Scenario;
  readonly source: string;
  readonly target: string;
  readonly before: string;
  readonly notes: readonly Finding[];
  readonly restore: RestoreItem;
}

/** Backs up a new database, and restores it. `before`: all of the source, as text. */
export const roundTrip = async (server: PostgresServer, trip: Trip): Promise<Returned> => {
  const prepared = await backedUp(server, trip);
  return restored(server, trip, prepared);
};

export interface BackedUp {
  readonly on: Scenario;
  readonly source: string;
  readonly before: string;
}
export const backedUp = async (
  server: PostgresServer,
  { sql, owner = "master", login, recorded, database }: Trip,
): Promise<BackedUp> => {
  number += 1;
  const source = database ?? `trip_${number}`;
  if (database === undefined) await server.query("postgres", `CREATE DATABASE ${source} OWNER ${owner}`);
  await server.query(source, sql.replaceAll("SOURCE", source));
  const on = scenario(server);
  on.secrets.set("master", { username: MASTER.user, password: MASTER.password });
  // Whatever the database looks like: what it names as its files is nobody's concern here.
  const files = { source: { kind: "reference-query" as const, query: "SELECT 'a' WHERE false" } };
  await registerEnvironment(on, "source", source, { database: { secret: login ?? "superuser" }, files });
  await takeSnapshot(on, "source", recorded);
  return { on, source, before: textOf(server, source) };
};

export const restored = async (
  server: PostgresServer,
  { login = "superuser", into, meanwhile }: Trip,
  { on, source, before }: BackedUp,
): Promise<Returned> => {
  const to = into?.server ?? server;
  let target = source;
  if (into !== undefined) {
    target = `${source}_target`;
    await to.query("postgres", `CREATE DATABASE ${target} OWNER ${into.owner ?? "master"}`);
    if (into.settings !== undefined) await to.query("postgres", into.settings.replaceAll("TARGET", target));
    on.secrets.set("there", { username: to.user, password: to.password });
    const files = { source: { kind: "reference-query" as const, query: "SELECT 'a' WHERE false" } };
    const secret = login === "superuser" ? "there" : login;
    await registerEnvironment(on, "target", target, { database: { secret, port: to.port }, files });
  }
  await meanwhile?.(on);
  await beginRestore(on, "source", into === undefined ? "source" : "target", { databaseOnly: true });
  await run(on, "restore", "restore-1");
  await run(on, "swap", "restore-1");
  const restore = must(await on.catalog.getRestore("restore-1"));
  return { on, source, target, before, notes: restore.database?.notes ?? [], restore };
};

/** A whole database as pg_dump writes it: definitions, owners, privileges, rows. */
export const textOf = (server: PostgresServer, database: string): string =>
  execFileSync(
    join(server.programsPattern.replace("{major}", String(server.major)), "pg_dump"),
    ["-h", server.host, "-p", String(server.port), "-U", server.user, database],
    { env: { PGPASSWORD: server.password }, encoding: "utf8", maxBuffer: 1e8 },
  ).replaceAll(/^\\(?:un)?restrict .*$/gm, "");

export const codes = (notes: readonly Finding[]): string[] => notes.map(({ code }) => code);
