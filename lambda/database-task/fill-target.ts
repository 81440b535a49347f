/** What a fill has to know of the database that it fills and of its server: roles, tablespaces, extensions. Only reads. */
import type { Client } from "pg";
import type { ExtensionPlan } from "../dump/extension-for-target";
import type { FillNotes } from "../dump/fill-notes";
import type { FillTarget } from "../dump/for-target";
import { dumpBytes } from "./dump-texts";
import { mapRoles, type TargetRole } from "../dump/target-roles";
import { bytesOf, type TocEntry } from "../dump/toc";
import type { DatabaseEntry } from "../snapshot/manifest";

interface OfferedVersion {
  readonly name: string;
  readonly version: string;
  readonly superuser: boolean;
  readonly trusted: boolean;
}

/** Connected to the database that is to be filled: its owner is the live one's, whose rights the login has. */
export const readFillTarget = async (
  client: Client,
  { extensions }: Pick<DatabaseEntry, "extensions">,
  entries: readonly TocEntry[],
  notes: FillNotes,
): Promise<{ readonly target: FillTarget; readonly owner: string }> => {
  const { rows: roles } = await client.query<{ name: string; superuser: boolean; usable: boolean; login: boolean }>(
    // From version 16 on, membership alone no longer lets one become the role.
    `SELECT rolname AS name, rolsuper AS superuser, rolname = CURRENT_USER AS login,
            pg_catalog.pg_has_role(oid, 'USAGE') AND pg_catalog.pg_has_role(oid,
              CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) AS usable
       FROM pg_catalog.pg_roles`,
  );
  const { rows: tablespaces } = await client.query<{ name: string }>(
    "SELECT spcname AS name FROM pg_catalog.pg_tablespace WHERE pg_catalog.has_tablespace_privilege(oid, 'CREATE')",
  );
  const { rows: versions } = await client.query<OfferedVersion>(
    `SELECT name, version, superuser, trusted FROM pg_catalog.pg_available_extension_versions
      WHERE name = ANY ($1::text[])`,
    [extensions.map(({ name }) => name)],
  );
  const known = new Map<string, TargetRole>();
  for (const { name, superuser, usable } of roles) {
    const bytes = await dumpBytes(client, entries, name);
    if (bytes !== undefined) known.set(bytes, { superuser, usable });
  }
  const { rows: own } = await client.query<{ database: string; owner: string; mayGrantPublic: boolean }>(
    `SELECT datname AS database, pg_catalog.pg_get_userbyid(datdba) AS owner,
            coalesce((SELECT pg_catalog.pg_has_role(nspowner, 'USAGE') FROM pg_catalog.pg_namespace
                       WHERE nspname = 'public'), true) AS "mayGrantPublic" FROM pg_catalog.pg_database
      WHERE datname = pg_catalog.current_database()`,
  );
  const { database = "", owner = "", mayGrantPublic = true } = own[0] ?? {};
  const target = { owner: (await dumpBytes(client, entries, owner)) ?? bytesOf(owner), roles: known };
  const login = roles.find((role) => role.login);
  const mapping = mapRoles(entries, target);
  const superuserOf = (role: string): boolean => target.roles.get(role)?.superuser === true;
  const plans = new Map<string, ExtensionPlan>();
  for (const { name, version, owner: before } of extensions) {
    const offered = versions.filter((one) => one.name === name);
    const same = offered.find((one) => one.version === version);
    if (same === undefined && version !== "" && offered.length > 0) notes.otherVersions.add(`${name} ${version}`);
    const wanted = before === undefined ? target.owner : mapping.owner(bytesOf(before));
    // What scripts of a trusted extension do, they do as a superuser.
    const may = superuserOf(wanted) || (same ?? offered[0])?.trusted === true;
    const maker = may && wanted !== bytesOf(login?.name ?? "") ? wanted : null;
    if (before !== undefined && !may && wanted !== bytesOf(login?.name ?? "")) notes.otherOwners.add(name);
    plans.set(bytesOf(name), { version: same?.version ?? null, maker });
  }
  const whole = {
    ...target,
    database: (await dumpBytes(client, entries, database)) ?? bytesOf(database),
    superuser: login?.superuser === true,
    mayGrantPublic,
    tablespaces: new Set(tablespaces.map(({ name }) => bytesOf(name))),
    extensions: plans,
  };
  return { target: whole, owner };
};
