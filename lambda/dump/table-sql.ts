/**
 * One table out of a dump as SQL for psql: definition, rows as COPY, and what is the table's own. The dump is read to
 * its end, so that whoever gives it can say that it is what was stored. Memory: the dump's head.
 */
import { inflateStream } from "../pack/inflate";
import { ServiceFailure } from "../runtime/collaborators";
import { compressionOf, dataBlocks, type DataBlock } from "./data-blocks";
import { openDump } from "./edit-head";
import { copyRows, isPlainSql, isSafeEncoding, RowsGoOn } from "./plain-sql";
import { tableEntries, type TableEntries } from "./table-entries";
import { textOf, TocUnreadable, type Toc, type TocEntry } from "./toc";

/** `table` as a person writes it. Throws the failures of `tableEntries`, TableNotPlain, DumpUnreadable, and what `dump` throws. */
export async function* tableSql(dump: AsyncIterable<Uint8Array>, table: string): AsyncGenerator<Uint8Array> {
  try {
    const { toc, data } = await openDump(dump);
    try {
      const { before, after, ...rest } = planned(toc, table);
      yield* statements(before);
      for await (const block of dataBlocks(data)) {
        const entry = rest.data.find(({ dumpId }) => dumpId === block.dumpId);
        if (entry !== undefined) yield* rows(entry, block, toc);
      }
      yield* statements(after);
    } finally {
      await data.return(undefined);
    }
  } catch (error) {
    if (error instanceof TocUnreadable)
      throw new ServiceFailure(
        "DumpUnreadable",
        `No single table can be taken out of the snapshot: ${error.message}; download its database instead.`,
        false,
        { cause: error },
      );
    throw error;
  }
}

const planned = (toc: Toc, table: string): TableEntries => {
  const { entries } = toc;
  const encoding = settingOf(entries, "ENCODING", /^SET client_encoding = '(\w+)';\s*$/) ?? "UTF8";
  const strings = settingOf(entries, "STDSTRINGS", /^SET standard_conforming_strings = '(\w+)';\s*$/) ?? "on";
  const found = tableEntries(entries, table);
  const refuse = (what: string): never => {
    throw new ServiceFailure(
      "TableNotPlain",
      `The table ${found.name} can't be given as SQL, because ${what}: download the database, and take it out with pg_restore --table.`,
      false,
    );
  };
  const compression = compressionOf(toc);
  if (compression !== "none" && compression !== "gzip") refuse(`its dump is compressed with ${compression} inside`);
  if (!isSafeEncoding(encoding)) refuse(`psql can't be given texts in ${encoding} safely`);
  if (strings !== "on") refuse("its dump was made with standard_conforming_strings off");
  for (const entry of [...found.before, ...found.after])
    if (!isPlainSql(entry.definition ?? ""))
      refuse(`the definition of ${nameOf(entry)} has what psql would take for a command`);
  for (const entry of found.data) {
    const { copy = "" } = entry;
    if (!/^COPY [\s\S]* FROM stdin;\s*$/.test(copy)) refuse("its rows were dumped as INSERT statements");
    if (!isPlainSql(copy)) refuse("the statement for its rows has what psql would take for a command");
  }
  const heading = { definition: headingOf(found.name, encoding) } as TocEntry;
  return { ...found, before: [heading, ...found.before.map(schemaIfMissing)] };
};

/** As pg_restore begins its own, without what an ordinary database lacks. */
const headingOf = (name: string, encoding: string): string => `-- ${oneLine(name)}, out of a backup.
-- With it: what its definition needs, its own sequences, defaults, constraints, indexes and comments.
-- Without: owners, grants, foreign keys, triggers, rules, row security, statistics and large objects.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET client_encoding = '${encoding}';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
`;
/** Bytes as in the dump: the heading is text in UTF-8, and goes out as such. */
const oneLine = (name: string): string => Buffer.from(name.replaceAll(/\p{Cc}/gu, " "), "utf8").toString("latin1");

/** Every database has the schema public already, and the one that the table is looked at in may have others. */
const schemaIfMissing = (entry: TocEntry): TocEntry =>
  entry.kind === "SCHEMA"
    ? {
        ...entry,
        definition: (entry.definition ?? "").replace(
          /^CREATE SCHEMA (?!IF NOT EXISTS )/,
          "CREATE SCHEMA IF NOT EXISTS ",
        ),
      }
    : entry;

function* statements(entries: readonly TocEntry[]): Generator<Uint8Array> {
  for (const { definition = "" } of entries) yield Buffer.from(`\n${definition}`, "latin1");
}

async function* rows(entry: TocEntry, { bytes }: DataBlock, toc: Toc): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`\n${entry.copy ?? ""}`, "latin1");
  const name = `The table ${nameOf(entry)}`;
  try {
    yield* copyRows(compressionOf(toc) === "gzip" ? inflateStream(bytes, name) : bytes);
  } catch (error) {
    if (!(error instanceof RowsGoOn)) throw error;
    throw new TocUnreadable("damaged", `the rows of ${nameOf(entry)} do not end as pg_dump ends them`);
  }
  yield Buffer.from("\\.\n");
}

const settingOf = (entries: readonly TocEntry[], kind: string, pattern: RegExp): string | undefined => {
  const setting = entries.find((entry) => entry.kind === kind);
  if (setting === undefined) return undefined;
  const value = pattern.exec(setting.definition ?? "")?.[1];
  if (value === undefined) throw new TocUnreadable("damaged", `its dump has an unknown setting of ${kind}`);
  return value;
};
const nameOf = ({ namespace = "", tag = "" }: TocEntry): string =>
  textOf(namespace === "" ? tag : `${namespace}.${tag}`).replaceAll(/\p{Cc}/gu, " ");
