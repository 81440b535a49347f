/**
 * What a restore of a dump will meet at its target, out of the dump's own table of contents: so it is known the night the
 * dump is taken, and of an upload before it is stored. Pure.
 */
import type { DatabaseEntry } from "../snapshot/manifest";
import { rolesNamedBy } from "./named-roles";
import { superuserNeeds } from "./superuser-needs";
import { textOf, type Toc, type TocEntry } from "./toc";

export interface RestoreNeeds {
  /** Every role that owns, grants, or is granted anything, or that is named otherwise; sorted. */
  readonly roles: readonly string[];
  /** Those of them for whom a restore has to act: they own something, or have default privileges. */
  readonly owners: readonly string[];
  /** Of the database itself, in whose place the target database's owner steps; empty where the dump doesn't say. */
  readonly owner: string;
  /** Tablespaces other than the database's own; sorted. */
  readonly tablespaces: readonly string[];
  /** What only a superuser can make, in words. */
  readonly needsSuperuser: readonly string[];
}

export const restoreNeeds = ({ entries }: Pick<Toc, "entries">): RestoreNeeds => {
  const owners = namesOf(entries.filter(isOwned).map(({ owner = "" }) => textOf(owner)));
  return {
    roles: namesOf([...owners, ...entries.flatMap(rolesNamedBy)]),
    owners,
    owner: textOf(entries.find(({ kind }) => kind === "DATABASE")?.owner ?? ""),
    tablespaces: namesOf(entries.map(({ tablespace = "" }) => textOf(tablespace))),
    needsSuperuser: superuserNeeds(entries),
  };
};

/** As a manifest keeps it: a catalog item, by way of which it gets there, has room for 400 KB. */
export const recordedNeeds = (needs: RestoreNeeds): RecordedNeeds => ({
  roles: needs.roles.slice(0, ROLES_RECORDED),
  owners: needs.owners.slice(0, ROLES_RECORDED),
  owner: needs.owner,
  tablespaces: [...needs.tablespaces],
  needsSuperuser: [...needs.needsSuperuser],
});
type RecordedNeeds = Pick<DatabaseEntry, "roles" | "owners" | "owner" | "tablespaces" | "needsSuperuser">;
/** Names have 63 bytes at most. */
export const ROLES_RECORDED = 1000;

/** A restored database belongs to whom the target's belongs to. */
const OF_DATABASE = /^DATABASE/;
/** As pg_restore judges it: what it could drop, it gives away. The schema public stands in every database already. */
const isOwned = ({ kind = "", drop = "" }: TocEntry): boolean =>
  !OF_DATABASE.test(kind) && ((drop !== "" && !drop.startsWith("--")) || kind === "DEFAULT ACL");

/** Those that begin with `pg_` are PostgreSQL's own and stand at every server. */
const namesOf = (names: readonly string[]): string[] =>
  [...new Set(names)].filter((name) => name !== "" && !name.startsWith("pg_")).toSorted();

/** Whether a dump was made with privileges: one of them at least. A dump without any may have been made either way. */
export const hasPrivileges = ({ entries }: Pick<Toc, "entries">): boolean =>
  entries.some(({ kind }) => kind === "ACL" || kind === "DEFAULT ACL");
