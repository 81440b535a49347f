/**
 * What the login could do at its own server, were the backup restored there; and what of a dump it could not, as
 * warnings. Read before the dump, so that nothing is asked of a connection that has been idle for hours.
 */
import type { Client } from "pg";
import type { RestoreNeeds } from "../dump/restore-needs";
import type { SnapshotWarning } from "../snapshot/warnings";
import { type LoginRights, readRights } from "./server-session";

export interface RestoreRights extends LoginRights {
  readonly login: string;
  /** A superuser, or a member of the role that stands in for one at RDS. */
  readonly superuser: boolean;
  /** Roles that it may give objects to. */
  readonly mayBecome: readonly string[];
  /** Tablespaces that it may create tables in. */
  readonly tablespaces: readonly string[];
  /** What of the database only a superuser can make and a dump doesn't say, in words. */
  readonly needsSuperuser: readonly string[];
}

export const readRestoreRights = async (client: Client, serverMajor: number): Promise<RestoreRights> => {
  const rights = await readRights(client, serverMajor);
  // From version 16 on, membership alone no longer lets one give objects to the role.
  const become = serverMajor >= 16 ? "SET" : "MEMBER";
  const { rows } = await client.query<Omit<RestoreRights, keyof LoginRights>>(
    `SELECT r.rolname AS login,
            r.rolsuper OR EXISTS (SELECT FROM pg_catalog.pg_roles s WHERE s.rolname = 'rds_superuser'
              AND pg_catalog.pg_has_role(s.oid, 'MEMBER')) AS superuser,
            (SELECT coalesce(json_agg(o.rolname ORDER BY o.rolname), '[]') FROM pg_catalog.pg_roles o
              WHERE pg_catalog.pg_has_role(o.oid, $1)) AS "mayBecome",
            (SELECT coalesce(json_agg(t.spcname ORDER BY t.spcname), '[]') FROM pg_catalog.pg_tablespace t
              WHERE pg_catalog.has_tablespace_privilege(t.oid, 'CREATE')) AS tablespaces,
            (SELECT coalesce(json_agg(needs ORDER BY needs), '[]') FROM (
              SELECT 'the extension ' || e.extname AS needs FROM pg_catalog.pg_extension e
                JOIN pg_catalog.pg_available_extension_versions v ON v.name = e.extname AND v.version = e.extversion
               WHERE v.superuser AND NOT v.trusted
              UNION ALL
              SELECT 'the setting ' || s.name || ' of the function ' || p.proname FROM pg_catalog.pg_proc p
                CROSS JOIN LATERAL pg_catalog.unnest(p.proconfig) AS c (setting)
                JOIN pg_catalog.pg_settings s ON s.name = pg_catalog.split_part(c.setting, '=', 1)
               WHERE s.context IN ('superuser', 'superuser-backend')) AS n) AS "needsSuperuser"
       FROM pg_catalog.pg_roles r WHERE r.rolname = CURRENT_USER`,
    [become],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("pg_roles doesn't name the current user");
  return { ...rights, ...row };
};

/** One sentence for each right that is missing. Pure. */
export const rightsWarnings = (
  rights: RestoreRights,
  needs: Pick<RestoreNeeds, "owners" | "tablespaces" | "needsSuperuser">,
): SnapshotWarning[] => {
  const { login, owner } = rights;
  const missing: string[] = [];
  if (!rights.canCreateDatabase) missing.push(`"${login}" may not create databases: give it CREATEDB`);
  const roles = [...new Set([...(rights.memberOfOwner ? [] : [owner]), ...needs.owners])].filter((role) =>
    role === owner ? !rights.memberOfOwner : !rights.mayBecome.includes(role),
  );
  if (roles.length > 0)
    missing.push(
      `"${login}" is no member of ${listed(roles.map(quoted))}, so it can't give objects back to their owners: grant it ${roles.length === 1 ? "that role" : "those roles"}`,
    );
  const places = needs.tablespaces.filter((place) => !rights.tablespaces.includes(place));
  if (places.length > 0)
    missing.push(
      `"${login}" may create nothing in the tablespace${places.length === 1 ? "" : "s"} ${listed(places.map(quoted))}: grant it CREATE there`,
    );
  if (!rights.superuser && needs.needsSuperuser.length > 0)
    missing.push(
      `"${login}" is no superuser, and ${listed(needs.needsSuperuser)} can be made by superusers only: register a login that is one, or leave such objects to extensions`,
    );
  return missing.map((what) => ({
    code: "RestoreNeedsRights",
    message: `A restore into the snapshot's own environment would fail, because ${what}.`,
  }));
};

const NAMED = 10;
const quoted = (name: string): string => `"${name}"`;
const listed = (names: readonly string[]): string =>
  names.length > NAMED ? `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more` : names.join(", ");
