/**
 * Who becomes whom when a dump is restored at another server. Pure; names are byte strings, as in `toc.ts`.
 *
 * A role that the target has keeps what it had. The source database's owner becomes the target database's owner, unless
 * that one has a part of its own in the dump: so an environment's one role becomes that of the other environment. What
 * any other role owned goes to the target database's owner when the role is missing, or the login may not act for it.
 */
import { rolesNamedBy } from "./named-roles";
import { bytesOf, type TocEntry } from "./toc";

export interface TargetRole {
  readonly superuser: boolean;
  /** The login has its rights and may become it. */
  readonly usable: boolean;
}
export interface TargetRoles {
  /** Of the database that is restored into. */
  readonly owner: string;
  readonly roles: ReadonlyMap<string, TargetRole>;
}
export interface RoleMapping {
  /** Null: the target has no such role. */
  readonly grantee: (role: string) => string | null;
  readonly owner: (role: string) => string;
  /** It is the role that it was, or the one that stands for it. */
  readonly same: (role: string) => boolean;
  /** The dump names no owner at all, as one in the published form. */
  readonly nobodys: boolean;
  readonly target: TargetRoles;
}

export const isAcl = ({ kind = "" }: TocEntry): boolean => kind === "DEFAULT ACL" || kind.startsWith("ACL");

export function mapRoles(entries: readonly TocEntry[], target: TargetRoles): RoleMapping {
  const source = entries.find(({ kind }) => kind === "DATABASE")?.owner;
  const stands = source !== undefined && source !== "" && source !== target.owner && !names(entries, target.owner);
  const grantee = (role: string): string | null => {
    if (stands && role === source) return target.owner;
    return target.roles.has(role) ? role : null;
  };
  const usable = (role: string | null): role is string => role !== null && target.roles.get(role)?.usable === true;
  const owner = (role: string): string => {
    const found = grantee(role);
    return usable(found) ? found : target.owner;
  };
  const nobodys = entries.every((entry) => entry.owner === undefined || entry.owner === "");
  return { grantee, owner, same: (role) => usable(grantee(role)), nobodys, target };
}

/** The dump names the role: as an owner, in a grant, a policy or a user mapping. */
const names = (entries: readonly TocEntry[], name: string): boolean =>
  entries.some((entry) => entry.owner === name || rolesNamedBy(entry).some((role) => bytesOf(role) === name));
