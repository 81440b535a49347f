/**
 * What of a dump makes one table: its definition and what that needs, its rows, and what is the table's own. A
 * partitioned table comes with its partitions. Pure.
 */
import { ServiceFailure } from "../runtime/collaborators";
import { bytesOf, hasData, textOf, type TocEntry } from "./toc";

export interface TableEntries {
  /** `schema.table`, quoted where it has to be. */
  readonly name: string;
  /** In the order in which they are made: before the rows, and after them. */
  readonly before: readonly TocEntry[];
  readonly data: readonly TocEntry[];
  readonly after: readonly TocEntry[];
}

const PRE_DATA = 2;
const POST_DATA = 4;
/** The table's own, and of no use without it. What ties it to other tables, or names roles, is left out. */
const OWN = new Set(["CHECK CONSTRAINT", "COMMENT", "CONSTRAINT", "DEFAULT", "INDEX", "SEQUENCE", "SEQUENCE OWNED BY"]);
const OTHER_KINDS: Readonly<Record<string, string>> = {
  VIEW: "a view, which has no rows of its own: name a table that it reads",
  "MATERIALIZED VIEW": "a materialized view, whose rows are computed from tables: name one of those",
  "FOREIGN TABLE": "a foreign table, whose rows are kept by another server",
  SEQUENCE: "a sequence, which has no rows: name the table that it belongs to",
};
/** Of tables that a sentence names. */
const NAMED = 20;

/** `wanted` is text as a person writes it. Throws TableNotInDump, TableAmbiguous, NotATable. */
export const tableEntries = (entries: readonly TocEntry[], wanted: string): TableEntries => {
  const table = find(entries, wanted);
  const byId = new Map(entries.map((entry) => [String(entry.dumpId), entry]));
  const chosen = new Set<TocEntry>();
  const schemas = new Map(entries.filter(({ kind }) => kind === "SCHEMA").map((entry) => [entry.tag ?? "", entry]));
  const choose = (first: TocEntry): void => {
    for (const stack = [first]; stack.length > 0;) {
      const entry = stack.pop();
      if (entry === undefined || chosen.has(entry)) continue;
      chosen.add(entry);
      const schema = schemas.get(entry.namespace ?? "");
      const needed = entry.dependencies.map((id) => byId.get(id)).filter((one) => one?.section === PRE_DATA);
      stack.push(...needed.filter((one) => one !== undefined), ...(schema === undefined ? [] : [schema]));
    }
  };
  const tables = new Set(withPartitions(table, entries, choose).map(({ dumpId }) => String(dumpId)));
  for (const id of tables) choose(must(byId.get(id)));
  for (const entry of entries) {
    const isOwn = OWN.has(entry.kind ?? "") && entry.dependencies.some((id) => tables.has(id));
    if (isOwn) choose(entry);
  }
  const ids = new Set([...chosen].map(({ dumpId }) => String(dumpId)));
  // They need two of what has been chosen: a partition's index and its parent's; a sequence and its table.
  for (const entry of entries) {
    const isTheirs = entry.kind === "INDEX ATTACH" && entry.dependencies.every((id) => ids.has(id));
    if (isTheirs || (entry.kind === "SEQUENCE SET" && entry.dependencies.some((id) => ids.has(id)))) chosen.add(entry);
  }
  const inOrder = entries.filter((entry) => chosen.has(entry));
  return {
    name: nameOf(table),
    before: inOrder.filter(({ section }) => section === PRE_DATA),
    data: entries.filter(
      (entry) => entry.kind === "TABLE DATA" && hasData(entry) && entry.dependencies.some((id) => tables.has(id)),
    ),
    after: [
      ...inOrder.filter(({ kind }) => kind === "SEQUENCE SET"),
      ...inOrder.filter(({ section }) => section === POST_DATA),
      ...inOrder.filter(({ kind }) => kind === "COMMENT"),
    ],
  };
};

/** The table, its partitions, theirs, …; what attaches them is chosen. Up to PostgreSQL 13 a partition's definition does that. */
const withPartitions = (
  table: TocEntry,
  entries: readonly TocEntry[],
  choose: (entry: TocEntry) => void,
): readonly TocEntry[] => {
  const relations = new Map(
    entries.filter(({ kind }) => kind === "TABLE").map((entry) => [String(entry.dumpId), entry]),
  );
  const below = new Map<string, { readonly child: TocEntry; readonly attaches: TocEntry }[]>();
  const add = (parent: string, child: TocEntry, attaches: TocEntry): void =>
    void below.set(parent, [...(below.get(parent) ?? []), { child, attaches }]);
  for (const entry of entries) {
    const tables = entry.dependencies.filter((id) => relations.has(id));
    if (entry.kind === "TABLE ATTACH") {
      const child = tables.find((id) => isNamedAs(must(relations.get(id)), entry));
      const parent = tables.find((id) => id !== child);
      if (child !== undefined && parent !== undefined) add(parent, must(relations.get(child)), entry);
    } else if (entry.kind === "TABLE" && / ATTACH PARTITION /.test(entry.definition ?? "")) {
      for (const parent of tables) add(parent, entry, entry);
    }
  }
  const found = new Set([table]);
  for (const one of found) {
    for (const { child, attaches } of below.get(String(one.dumpId)) ?? []) {
      found.add(child);
      choose(attaches);
    }
  }
  return [...found];
};

const isNamedAs = (one: TocEntry, other: TocEntry): boolean =>
  one.tag === other.tag && one.namespace === other.namespace;

const find = (entries: readonly TocEntry[], wanted: string): TocEntry => {
  const relations = entries.filter(({ kind = "" }) => kind === "TABLE" || kind in OTHER_KINDS);
  const found = relations.filter((entry) => isMeant(entry, wanted));
  const tables = found.filter(({ kind }) => kind === "TABLE");
  const [only, ...others] = tables.length === 0 ? found : tables;
  if (only === undefined) throw notInDump(relations, wanted);
  if (others.length > 0)
    throw new ServiceFailure(
      "TableAmbiguous",
      `The snapshot's dump has ${others.length + 1} tables ${quoted(wanted)}: name one of ${namesOf([only, ...others])}.`,
      false,
    );
  const kind = OTHER_KINDS[only.kind ?? ""];
  if (kind !== undefined) throw new ServiceFailure("NotATable", `${nameOf(only)} is ${kind}.`, false);
  return only;
};

/** `table`, `schema.table`, either quoted or not; letters as they stand, and a name may hold dots. */
const isMeant = ({ tag = "", namespace = "" }: TocEntry, wanted: string): boolean => {
  const bytes = bytesOf(wanted);
  if (bytes === tag || bytes === `${namespace}.${tag}`) return true;
  const [, first, second] = SQL_NAME.exec(bytes) ?? [];
  if (first === undefined) return false;
  return second === undefined ? plain(first) === tag : plain(first) === namespace && plain(second) === tag;
};
const SQL_NAME = /^("(?:[^"]|"")+"|[^".]+)(?:\.("(?:[^"]|"")+"|[^".]+))?$/;
const plain = (part: string): string => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part);

const notInDump = (relations: readonly TocEntry[], wanted: string): ServiceFailure => {
  const tables = relations.filter(({ kind }) => kind === "TABLE");
  const letters = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  const [, tail = wanted] = /([^.]+)$/.exec(wanted) ?? [];
  const alike = tables.filter(({ tag = "" }) => letters(tail) !== "" && letters(textOf(tag)).includes(letters(tail)));
  const others = tables.length === 0 ? "it has none" : `it has ${namesOf(tables)}`;
  return new ServiceFailure(
    "TableNotInDump",
    `The snapshot's dump has no table ${quoted(wanted)}: ${alike.length === 0 ? others : `did you mean ${namesOf(alike)}`}.`,
    false,
  );
};

const namesOf = (tables: readonly TocEntry[]): string => {
  const names = tables.slice(0, NAMED).map(nameOf);
  return tables.length > NAMED ? `${names.join(", ")} and ${tables.length - NAMED} more` : names.join(", ");
};
const nameOf = ({ namespace = "", tag = "" }: TocEntry): string =>
  [namespace, tag].map((part) => written(textOf(part))).join(".");
/** As `find` takes it, in one line. */
const written = (name: string): string =>
  /^[\p{L}_][\p{L}\p{N}_$]*$/u.test(name) ? name : `"${name.replaceAll('"', '""').replaceAll(/\p{Cc}/gu, " ")}"`;
const quoted = (wanted: string): string => JSON.stringify(wanted);

const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("An entry of the table of contents is gone.");
  return value;
};
