/**
 * What a manifest, and a restore's plan, say of the properties that stay with a database and are in no dump. Bounded:
 * a database may have settings for each of thousands of roles, and both are kept in items of limited size. Only reads.
 */
import type { Client } from "pg";
import { compareKeys } from "../pack/key-order";
import type { DatabaseLocale, DatabaseProperties } from "../snapshot/manifest";
import type { DatabaseRow } from "./database-row";

const MOST = 100;

export const propertiesOf = ({ owner, comment, columns, settings, grants }: DatabaseRow): DatabaseProperties => ({
  owner,
  comment,
  connectionLimit: columns.datconnlimit,
  settings: first(settings, ({ role }) => role).map(({ role, config }) => ({ role, config: [...config] })),
  grants: grants === null ? null : first(grants, ({ grantee }) => grantee),
});

/** By name, so that the same ones are compared at two servers; those of everybody first. */
const first = <T>(items: readonly T[], roleOf: (item: T) => string | null): T[] =>
  items.toSorted((a, b) => compareKeys(roleOf(a) ?? "", roleOf(b) ?? "")).slice(0, MOST);

const PROVIDERS: Readonly<Record<string, string>> = { c: "libc", i: "icu", b: "builtin" };

export const readLocale = async (
  client: Client,
  { oid, columns }: DatabaseRow,
  serverMajor: number,
): Promise<DatabaseLocale> => ({
  // Up to version 14 there is only libc.
  provider: PROVIDERS[columns.datlocprovider ?? "c"] ?? columns.datlocprovider ?? "libc",
  name: columns.datlocale ?? columns.daticulocale ?? columns.datcollate,
  rules: columns.daticurules ?? "",
  version: serverMajor < 15 ? null : await collationVersion(client, oid),
});

/** Of the library as it is installed now: that is what sorts, whatever the database was made with. */
const collationVersion = async (client: Client, oid: number): Promise<string | null> => {
  const { rows } = await client.query<{ version: string | null }>(
    "SELECT pg_catalog.pg_database_collation_actual_version($1) AS version",
    [oid],
  );
  return rows[0]?.version ?? null;
};
