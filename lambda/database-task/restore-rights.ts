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
  /** User mappings whose options, such as passwords, only others may see: a dump by this login has none of them. */
  readonly hiddenMappings: readonly string[];
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
               WHERE s.context IN ('superuser', 'superuser-backend')) AS n) AS "needsSuperuser",
            (SELECT coalesce(json_agg(m.usename || ' at ' || m.srvname ORDER BY m.srvname, m.usename), '[]')
               FROM pg_catalog.pg_user_mappings m JOIN pg_catalog.pg_foreign_server f ON f.oid = m.srvid
              WHERE m.umoptions IS NULL AND NOT r.rolsuper AND NOT CASE
                    WHEN m.umuser = 0 THEN pg_catalog.pg_has_role(f.srvowner, 'USAGE')
                    ELSE m.umuser = r.oid AND pg_catalog.has_server_privilege(f.oid, 'USAGE') END) AS "hiddenMappings"
       FROM pg_catalog.pg_roles r WHERE r.rolname = CURRENT_USER`,
    [become],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("pg_roles doesn't name the current user");
  return { ...rights, ...row };
};

/** One sentence for each right that is missing: first what stops a restore, then what it would do otherwise. Pure. */
export const rightsWarnings = (
  rights: RestoreRights,
  needs: Pick<RestoreNeeds, "owners" | "tablespaces" | "needsSuperuser">,
): SnapshotWarning[] => [
  ...missingRights(rights, needs).map((message): SnapshotWarning => ({ code: "RestoreNeedsRights", message })),
  ...hiddenMappings(rights),
];

const missingRights = (rights: RestoreRights, needs: Parameters<typeof rightsWarnings>[1]): string[] => {
  const { login, owner } = rights;
  const strangers = needs.owners.filter((role) => role !== owner && !rights.mayBecome.includes(role));
  const places = needs.tablespaces.filter((place) => !rights.tablespaces.includes(place));
  const found: (string | false)[] = [
    !rights.canCreateDatabase &&
      `The snapshot can't be restored into its own environment, because "${login}" may not create databases: give it CREATEDB.`,
    !rights.memberOfOwner &&
      `The snapshot can't be restored into its own environment, because "${login}" is no member of "${owner}", the database's owner: grant it that role.`,
    strangers.length > 0 &&
      `After a restore into its own environment what belongs to ${listed(strangers.map(quoted))} would belong to the database's owner, because "${login}" is no member of such a role: grant it the role.`,
    places.length > 0 &&
      `After a restore into its own environment what lies in the tablespace ${listed(places.map(quoted))} would lie in the database's default one, because "${login}" may create nothing there: grant it CREATE ON TABLESPACE.`,
    !rights.superuser &&
      needs.needsSuperuser.length > 0 &&
      `A restore into the snapshot's own environment may fail, because only a superuser can make ${listed(needs.needsSuperuser)}, and "${login}" is none: register a login that is one.`,
  ];
  return found.filter((sentence) => sentence !== false);
};

const hiddenMappings = ({ login, hiddenMappings: hidden }: RestoreRights): SnapshotWarning[] =>
  hidden.length === 0
    ? []
    : [
        {
          code: "UserMappingsHidden",
          message: `The options of the user mapping ${listed(hidden)} are hidden from "${login}" and aren't in the backup: register a superuser, or set them again after a restore.`,
        },
      ];

const NAMED = 10;
const quoted = (name: string): string => `"${name}"`;
const listed = (names: readonly string[]): string =>
  names.length > NAMED ? `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more` : names.join(", ");
