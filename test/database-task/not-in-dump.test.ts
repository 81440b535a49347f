/** What pg_dump passes over is told the night it is passed over; an ordinary database is told nothing. */
import { warnOfNotInDump } from "../../lambda/database-task/not-in-dump";
import { type PostgresServer, startPostgres } from "../support/postgres";

let server: PostgresServer;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server?.stop());

const told = async (sql: readonly string[]): Promise<string[]> => {
  await server.query("postgres", "CREATE DATABASE told TEMPLATE template0");
  const client = await server.connect("told");
  try {
    // One that fails leaves its invalid index.
    for (const statement of sql) await client.query(statement).catch(() => undefined);
    return (await warnOfNotInDump(client)).map(({ code, message }) => `${code}: ${message}`);
  } finally {
    await client.end();
    await server.query("postgres", "DROP DATABASE told");
  }
};

const PARENT = "CREATE TABLE parent (a int); CREATE TABLE child (b int) INHERITS (parent)";
const KEYS =
  "CREATE TABLE one (id int PRIMARY KEY); CREATE TABLE two (id int REFERENCES one); CREATE TABLE three (id int REFERENCES one)";
test.each([
  ["an ordinary database", [PARENT, KEYS, "CREATE INDEX ON two (id)"], []],
  [
    "a column added to a parent",
    [PARENT, "ALTER TABLE parent ADD COLUMN c int"],
    [/^NotInDump: Tables that inherit .*\(public\.child\)/],
  ],
  ["a column that the child had by itself, at its place", [PARENT, "ALTER TABLE child ADD COLUMN d int"], []],
  [
    "a second parent that came later",
    [
      "CREATE TABLE x (a int); CREATE TABLE y (b int); CREATE TABLE z (own int) INHERITS (x)",
      "ALTER TABLE z ADD b int, INHERIT y",
    ],
    [/\(public\.z\)/],
  ],
  [
    "columns of a partition in another order",
    [
      "CREATE TABLE p (a int, b int) PARTITION BY LIST (a); CREATE TABLE q (b int, a int); ALTER TABLE p ATTACH PARTITION q DEFAULT",
    ],
    [],
  ],
  [
    "an index that could not be built",
    [
      "CREATE TABLE twice AS SELECT 1 AS a FROM generate_series(1, 2)",
      "CREATE UNIQUE INDEX CONCURRENTLY broken ON twice (a)",
    ],
    [/^NotInDump: Invalid indexes .*\(public\.broken\)/],
  ],
  [
    "foreign keys that are off",
    [KEYS, "ALTER TABLE two DISABLE TRIGGER ALL"],
    [/^NotInDump: Foreign keys .*\(public\.two\)/],
  ],
  [
    "one's own trigger that is off",
    [
      KEYS,
      "CREATE TRIGGER t BEFORE UPDATE ON two EXECUTE FUNCTION suppress_redundant_updates_trigger()",
      "ALTER TABLE two DISABLE TRIGGER USER",
    ],
    [],
  ],
  ["no schema public", ["DROP SCHEMA public"], [/^NotInDump: The database has no schema "public"/]],
  [
    "more than can be named",
    [
      KEYS,
      ...Array.from(
        { length: 23 },
        (_, n) => `CREATE TABLE t${n} (id int REFERENCES one); ALTER TABLE t${n} DISABLE TRIGGER ALL`,
      ),
    ],
    [/3 more\)/],
  ],
] as const)("%s", async (_, sql, expected) => {
  expect(await told(sql)).toEqual(expected.map((sentence) => expect.stringMatching(sentence) as string));
});
