/**
 * The files that a dump names by the platform's own reference query, evaluated from the dump itself, without a
 * database: pg_restore prints the one table's rows, which are sorted on this machine's disk.
 */
import { DEFAULT_REFERENCE_QUERY } from "../../../lambda/catalog/registration";
import { inputOf, lastWords, withProgram } from "../../../lambda/database-task/run-program";
import { SortedRuns } from "../../../lambda/upload/sorted-runs";
import { type CopyRow, copyRows, UnreadableRows } from "./copy-rows";
import { NotProven } from "./not-proven";

const TABLE = "system$filedocument";
const COLUMNS = {
  key: "__uuid__",
  has: "hascontents",
  kind: "submetaobjectname",
  brief: "deleteafterdownload",
} as const;

/** Whether the query is the one that `namedInDump` evaluates. */
export const isDefaultQuery = (query: string): boolean =>
  query.trim().replace(/[;\s]+$/, "") === DEFAULT_REFERENCE_QUERY;

/** In key order, with repetitions; `folder` is the caller's to remove. Throws NotProven, and what reading throws. */
export async function namedInDump(
  dump: AsyncIterable<Uint8Array>,
  { program, folder }: { readonly program: string; readonly folder: string },
): Promise<AsyncIterable<{ readonly key: string }>> {
  const keys = new SortedRuns<{ readonly key: string }>(folder);
  const schemas = new Set<string>();
  const args = ["--data-only", `--table=${TABLE}`, "--file=-"];
  await withProgram(program, args, null, new AbortController().signal, async (running) => {
    const feed = async (): Promise<void> => {
      const give = inputOf(running);
      try {
        for await (const piece of dump) await give(piece);
      } finally {
        // Also of a dump that can't be read further: pg_restore would wait for the rest.
        running.stdin.end();
      }
    };
    const read = async (): Promise<void> => {
      for await (const row of copyRows(running.stdout, ({ schema }) => schemas.add(schema))) {
        const key = keyOf(row);
        if (key !== undefined) await keys.add({ key });
      }
    };
    const [fed, done] = await Promise.allSettled([feed(), read()]);
    if (fed.status === "rejected") throw fed.reason;
    if (done.status === "rejected") {
      if (!(done.reason instanceof UnreadableRows)) throw done.reason;
      throw new NotProven(`the rows of ${TABLE} can't be read: ${done.reason.message}`);
    }
    const end = await running.ended;
    if (end.code !== 0) throw new NotProven(`pg_restore can't read the dump: ${lastWords(end)}`);
  });
  // A table without rows has its heading too.
  if (schemas.size === 0) throw new NotProven(`the dump holds no table ${TABLE}, or holds it in partitions`);
  if (schemas.size > 1) throw new NotProven(`the dump has the table ${TABLE} in more than one schema`);
  return keys.sorted();
}

/** The platform's query, on one row. */
function keyOf({ columns, values }: CopyRow): string | undefined {
  const value = (name: string): string | null => {
    const at = columns.indexOf(name);
    if (at < 0) throw new UnreadableRows(`it has no column ${name}`);
    return values[at] ?? null;
  };
  const [key, has, kind, brief] = [COLUMNS.key, COLUMNS.has, COLUMNS.kind, COLUMNS.brief].map(value);
  if (key === null || key === undefined || key === "" || brief === "t") return undefined;
  return has === "t" || kind === "System.Thumbnail" ? key : undefined;
}
