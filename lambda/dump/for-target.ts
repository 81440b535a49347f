/**
 * Turns a dump's table of contents into the one that a target can take: owners and grants for the roles that it has,
 * tablespaces that it has, extensions in the versions that it offers. Pure; names are byte strings, as in `toc.ts`. What
 * can't be as it was is noted.
 */
import { aclForTarget } from "./acl-for-target";
import { dumpRuns, type DumpRuns } from "./dump-runs";
import { type ExtensionPlan, extensionFor } from "./extension-for-target";
import type { FillNotes } from "./fill-notes";
import { madeEntry } from "./made-entry";
import { withGrantorsWay } from "./grantors-way";
import { grantsOfLargeObjects } from "./large-object-grants";
import { passingGrants } from "./passing-grants";
import { policyFor, userMappingFor } from "./renamed-roles";
import { mapRoles, type RoleMapping, type TargetRoles } from "./target-roles";
import { textOf, type TocEntry } from "./toc";
import { isTooOpen } from "./too-open";

export interface FillTarget extends TargetRoles {
  readonly database: string;
  /** The login is a superuser. */
  readonly superuser: boolean;
  /** It may grant rights to the schema "public": not so where that is the server's first user's, as before version 15. */
  readonly mayGrantPublic: boolean;
  /** In which it may create. */
  readonly tablespaces: ReadonlySet<string>;
  /** How each extension of the dump is made; one that isn't here is made as the dump says. */
  readonly extensions: ReadonlyMap<string, ExtensionPlan>;
}

/** Their owners must be superusers, whoever gives them away. */
const SUPERUSERS_OWN = new Set(["EVENT TRIGGER", "FOREIGN DATA WRAPPER", "SUBSCRIPTION"]);

/** Those whose owner pg_restore sets, of the others. */
const OWNED = new Set([
  "AGGREGATE",
  "BLOB",
  "BLOB METADATA",
  "COLLATION",
  "CONVERSION",
  "DOMAIN",
  "FOREIGN TABLE",
  "FUNCTION",
  "MATERIALIZED VIEW",
  "OPERATOR",
  "OPERATOR CLASS",
  "OPERATOR FAMILY",
  "PROCEDURAL LANGUAGE",
  "PROCEDURE",
  "PUBLICATION",
  "SCHEMA",
  "SEQUENCE",
  "SERVER",
  "STATISTICS",
  "TABLE",
  "TEXT SEARCH CONFIGURATION",
  "TEXT SEARCH DICTIONARY",
  "TYPE",
  "VIEW",
]);

export function forTarget(entries: readonly TocEntry[], target: FillTarget, notes: FillNotes): DumpRuns {
  const mapping = mapRoles(entries, target);
  const runs = dumpRuns(entries.flatMap((entry) => entryFor(entry, mapping, target, notes)));
  const [model] = runs.settings;
  if (model === undefined) return runs;
  const closed = new Map(
    entries.filter((entry) => isTooOpen(entry, mapping)).map((entry) => [String(entry.dumpId), entry] as const),
  );
  // pg_dump's own names of objects differ between an object and its grants; dump ids don't.
  for (const { tag = "", namespace = "" } of closed.values()) notes.closedFunctions.add(textOf(`${namespace}.${tag}`));
  const owners = new Map([...runs.definitions, ...runs.data].map((entry) => [String(entry.dumpId), entry.owner]));
  const grants = grantsOfLargeObjects(runs.grants, entries).flatMap((entry) => {
    // Default privileges depend on their schema, and are about none of its owner's.
    const about = entry.kind === "DEFAULT ACL" ? [] : entry.dependencies;
    const object = about.find((id) => owners.has(id)) ?? "";
    const made = aclForTarget(entry, mapping, { ownerNow: owners.get(object), closed: closed.has(object) });
    for (const role of made.leftOut) notes.grantees.add(textOf(role));
    return made.entries;
  });
  // Relations are closed to everybody as they are made.
  const closing = [...closed.values()]
    .filter(isRoutine)
    .map(({ drop = "" }) => madeEntry(`REVOKE ALL ON ${drop.replace(/^DROP |;\s*$/g, "")} FROM PUBLIC;\n`, model));
  const { before, after } = target.superuser
    ? { before: [], after: [] }
    : passingGrants([...runs.definitions, ...runs.afterData], target, model);
  // pg_dump writes schemas ahead of all that is in them.
  const schemas = runs.definitions.findLastIndex(({ kind }) => kind === "SCHEMA") + 1;
  return {
    ...runs,
    definitions: [...runs.definitions.slice(0, schemas), ...before, ...runs.definitions.slice(schemas)],
    grants: [...after, ...closing, ...withGrantorsWay(grants, schemasOf(runs.definitions, target), model)],
  };
}

/** Those that the dump makes, or finds, with their owners; without one in which the login may grant nothing. */
const schemasOf = (
  entries: readonly TocEntry[],
  { mayGrantPublic }: FillTarget,
): ReadonlyMap<string, string | undefined> => {
  const schemas = new Map<string, string | undefined>([["public", undefined]]);
  for (const { kind, tag = "", owner } of entries) if (kind === "SCHEMA") schemas.set(tag, owner);
  if (!mayGrantPublic) schemas.delete("public");
  return schemas;
};

const entryFor = (entry: TocEntry, mapping: RoleMapping, target: FillTarget, notes: FillNotes): TocEntry[] => {
  const { kind = "", tablespace = "", tag = "" } = entry;
  if (kind === "EXTENSION") return [extensionFor(entry, target.extensions.get(tag), target)];
  const room = tablespace === "" || target.tablespaces.has(tablespace);
  if (!room) notes.tablespaces.add(textOf(tablespace));
  const made = { ...entry, owner: ownerFor(entry, mapping, notes), ...(room ? {} : { tablespace: "" }) };
  if (kind === "POLICY") return [policyFor(made, mapping)];
  return kind === "USER MAPPING" ? userMappingFor(made, mapping, notes) : [made];
};

/** Grants keep the name of whose object they were about. */
const ownerFor = (
  { kind = "", tag, owner, drop = "" }: TocEntry,
  mapping: RoleMapping,
  notes: FillNotes,
): typeof owner => {
  if (kind === "DATABASE" || kind.includes("ACL")) return owner;
  if (owner === undefined || owner === "") {
    // A dump of which nothing is anybody's: it belongs to who owns the database, and not to who restores it.
    const belongs = mapping.nobodys && drop !== "" && OWNED.has(kind) && !(kind === "SCHEMA" && tag === "public");
    return belongs ? mapping.target.owner : owner;
  }
  const role = mapping.target.roles.get(owner);
  if (SUPERUSERS_OWN.has(kind)) {
    if (role?.superuser === true && role.usable) return owner;
    notes.owners.add(textOf(owner));
    return "";
  }
  if (kind === "SCHEMA" && tag === "public" && !mapping.same(owner)) {
    // It belongs to whoever owns the database, whoever that is, as it may have before.
    if (owner !== "pg_database_owner") notes.owners.add(textOf(owner));
    return "";
  }
  if (!mapping.same(owner) && drop !== "") notes.owners.add(textOf(owner));
  return mapping.owner(owner);
};

const isRoutine = ({ kind }: TocEntry): boolean => kind === "FUNCTION" || kind === "PROCEDURE";
