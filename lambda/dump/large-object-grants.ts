/**
 * From version 17 on, pg_dump writes the grants of many alike large objects once, for the first of them, and pg_restore
 * says them for each one that the entry of the objects themselves lists. Here they are written out. Pure.
 */
import { statementsOf } from "./acl-statements";
import type { TocEntry } from "./toc";

/** `entries`: all of the dump. */
export const grantsOfLargeObjects = (grants: readonly TocEntry[], entries: readonly TocEntry[]): TocEntry[] => {
  const lists = new Map(
    entries
      .filter(({ kind }) => kind === "BLOB METADATA")
      .map(({ dumpId, definition = "" }) => [
        String(dumpId),
        definition.split("\n").filter((oid) => /^\d+$/.test(oid)),
      ]),
  );
  return grants.map((entry) => {
    if (!entry.tag?.startsWith("LARGE OBJECTS ")) return entry;
    const oids = entry.dependencies.map((id) => lists.get(id)).find((list) => list !== undefined) ?? [];
    const statements = statementsOf(entry.definition ?? "").flatMap((text) => forEach(text, oids));
    return { ...entry, definition: statements.map((text) => `${text};\n`).join("") };
  });
};

/** The object stands ahead of the role, whose name may be any words. Other statements, as of who grants, stay one. */
const forEach = (text: string, oids: readonly string[]): string[] =>
  OBJECT.test(text) ? oids.map((oid) => text.replace(OBJECT, `$1${oid}`)) : [text];
const OBJECT = /^((?:GRANT|REVOKE) [^"]*?\bON LARGE OBJECT )\d+/;
