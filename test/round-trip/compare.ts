/**
 * Two databases, compared twice over: by the rows of their catalogs and their contents, and by what pg_dump writes of
 * them. A difference is a line: `-` for what only the first one has, `+` for what only the second one has.
 */
import { execFileSync } from "node:child_process";
import type { PostgresServer } from "../support/postgres";
import { catalogRows, type CatalogRow } from "./catalog-rows";
import { contentsOf } from "./contents";

export interface DatabaseState {
  readonly rows: readonly CatalogRow[];
  readonly contents: readonly string[];
  /** The blocks of `pg_dump --schema-only`. */
  readonly text: readonly string[];
}

export const stateOf = async (server: PostgresServer, database: string): Promise<DatabaseState> => {
  const client = await server.connect(database);
  try {
    return {
      rows: await catalogRows(client),
      contents: await contentsOf(client),
      text: schemaText(server, database),
    };
  } finally {
    await client.end();
  }
};

/** Which rows and texts count, and how; see `may-differ.ts`. */
export type Normalise = (state: DatabaseState) => DatabaseState;

export const differences = (before: DatabaseState, after: DatabaseState): string[] => [
  ...lineDifferences(before.rows.map(lineOf), after.rows.map(lineOf)),
  ...lineDifferences(before.contents, after.contents),
  ...lineDifferences(before.text, after.text),
];

const lineOf = ({ catalog, row }: CatalogRow): string => `${catalog} ${JSON.stringify(row)}`;

const lineDifferences = (before: readonly string[], after: readonly string[]): string[] => {
  const counts = new Map<string, number>();
  for (const line of before) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of after) counts.set(line, (counts.get(line) ?? 0) - 1);
  return [...counts]
    .filter(([, count]) => count !== 0)
    .map(([line, count]) => `${count > 0 ? "-" : "+"} ${line}`)
    .toSorted((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1));
};

export const program = (server: PostgresServer, name: string, args: readonly string[], input?: Buffer): Buffer =>
  execFileSync(
    `${server.programsPattern.replace("{major}", String(server.major))}/${name}`,
    ["-h", server.host, "-p", String(server.port), "-U", server.user, ...args],
    { env: { PGPASSWORD: server.password }, maxBuffer: 1e9, ...(input === undefined ? {} : { input }) },
  );

/** In an order of its own: pg_dump's follows numbers that the server has given. */
const schemaText = (server: PostgresServer, database: string): string[] =>
  program(server, "pg_dump", ["--schema-only", database])
    .toString()
    .split(/^--\n(?=-- (?:Name|Data for Name): )/m)
    .slice(1)
    .map((block) =>
      block
        .replace(/^(--.*|\\(un)?restrict .*|SET default_\w+ = .*)$/gm, "")
        .replace(/\n{2,}/g, "\n")
        .trim(),
    )
    .toSorted();
