/**
 * The grants of a dump as they can be made at a target: one entry for each statement, so that it is known which one
 * failed. Pure. Never a wider right than before: what takes rights away is kept wherever the role exists; what names a
 * role that the target lacks is left out, and told. A right of the owner itself goes to who owns the object now.
 */
import { identifier } from "../database-task/sql-text";
import { type AclStatement, aclStatements, withRole } from "./acl-statements";
import type { RoleMapping } from "./target-roles";
import type { TocEntry } from "./toc";

export interface AclForTarget {
  readonly entries: readonly TocEntry[];
  /** Roles whose grants are left out. */
  readonly leftOut: readonly string[];
}

/** `ownerNow`: who owns the entry's object at the target. `closed`: nobody but its owner is given anything. */
export function aclForTarget(
  entry: TocEntry,
  mapping: RoleMapping,
  { ownerNow, closed }: { readonly ownerNow: string | undefined; readonly closed: boolean },
): AclForTarget {
  const leftOut: string[] = [];
  const kept: string[] = [];
  const roleNow = (role: string): string | null =>
    role === entry.owner && ownerNow !== undefined ? ownerNow : mapping.grantee(role);
  for (const statement of aclStatements(entry.definition ?? "")) {
    const { role, forRole, grantor, revokes } = statement;
    if (closed && !revokes) continue;
    const acting = [forRole, grantor].filter((name) => name !== undefined);
    const stranger =
      acting.find((name) => !mapping.same(name)) ?? (role === undefined || roleNow(role) !== null ? undefined : role);
    if (stranger === undefined) kept.push(statementFor(statement, mapping, roleNow));
    // Nothing can be taken from a role that doesn't exist, and nothing is lost by that.
    else if (!revokes || forRole !== undefined) leftOut.push(stranger);
  }
  return { entries: kept.map((definition) => ({ ...entry, definition })), leftOut };
}

const statementFor = (
  { text, role, forRole, grantor }: AclStatement,
  { grantee }: RoleMapping,
  roleNow: (role: string) => string | null,
): string => {
  const now = role === undefined ? undefined : (roleNow(role) ?? undefined);
  const renamed = now === undefined || now === role ? text : withRole(text, now);
  const acting = forRole === undefined ? undefined : grantee(forRole);
  const whole = acting === undefined || acting === null || acting === forRole ? renamed : withForRole(renamed, acting);
  // SET SESSION AUTHORIZATION, as pg_dump writes it, is for superusers alone.
  return grantor === undefined
    ? `${whole};\n`
    : `SET ROLE ${identifier(grantee(grantor) ?? grantor)};\n${whole};\nRESET ROLE;\n`;
};

const withForRole = (text: string, role: string): string =>
  text.replace(/^(ALTER DEFAULT PRIVILEGES FOR ROLE )("(?:[^"]|"")*"|\S+)/, (_, before) =>
    [before, identifier(role)].join(""),
  );
