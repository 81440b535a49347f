/**
 * What a login that is no superuser needs to give objects to their owners: PostgreSQL lets it only where the new owner
 * may create in the object's schema (of a publication: in the database). What a role was granted comes after all objects,
 * and it may long have lost that right again: so it gets it while they are made. Pure.
 */
import { identifier } from "../database-task/sql-text";
import { madeEntry } from "./made-entry";
import type { TocEntry } from "./toc";

export interface PassingGrants {
  /** Behind the schemas. */
  readonly before: readonly TocEntry[];
  /** Ahead of the dump's own grants, which say what is to last. */
  readonly after: readonly TocEntry[];
}

interface PassingTarget {
  readonly owner: string;
  readonly database: string;
  /** Else it is left alone: before version 15, where that happens, everybody may create there. */
  readonly mayGrantPublic: boolean;
}

/** `made`: all entries that make objects, with their owners at the target. */
export function passingGrants(
  made: readonly TocEntry[],
  { owner: databaseOwner, database, mayGrantPublic }: PassingTarget,
  model: TocEntry,
): PassingGrants {
  // Whoever owns the database owns its schema "public", unless the dump says otherwise.
  const schemaOwners = new Map([["public", ""]]);
  for (const { kind, tag = "", owner = "" } of made) if (kind === "SCHEMA") schemaOwners.set(tag, owner);
  const places = new Map<string, readonly [where: string, who: string]>();
  const need = (where: string, who: string): unknown => places.set(`${where} ${who}`, [where, who]);
  for (const { kind, namespace = "", owner = "", drop = "" } of made) {
    if (owner === "" || drop === "") continue;
    if (kind === "PUBLICATION" && owner !== databaseOwner) need(`DATABASE ${identifier(database)}`, identifier(owner));
    if (namespace === "public" && !mayGrantPublic) continue;
    const schemaOwner = schemaOwners.get(namespace);
    // Of a schema that the dump doesn't make, an extension's, nobody here may give anything.
    if (schemaOwner === undefined || schemaOwner === owner) continue;
    if (owner !== databaseOwner || !DATABASE_OWNERS.has(schemaOwner))
      need(`SCHEMA ${identifier(namespace)}`, identifier(owner));
  }
  return {
    before: [...places.values()].map(([where, who]) => madeEntry(`GRANT CREATE ON ${where} TO ${who};\n`, model)),
    after: [...places.values()].map(([where, who]) => madeEntry(`REVOKE CREATE ON ${where} FROM ${who};\n`, model)),
  };
}
const DATABASE_OWNERS = new Set(["", "pg_database_owner"]);
