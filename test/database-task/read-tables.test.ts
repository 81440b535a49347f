/** A restored database is read in full: every kind of table and value, and what can't be read is named. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { withConnection } from "../../lambda/database-task/connection";
import type { DatabaseLogin } from "../../lambda/database-task/database-login";
import { type ReadDatabase, readTables } from "../../lambda/database-task/read-tables";
import { must } from "../support/must";
import { startPostgres, type PostgresServer } from "../support/postgres";

let postgres: PostgresServer;
beforeAll(async () => void (postgres = await startPostgres()), 60_000);
afterAll(() => postgres.stop());

const loginOf = (database: string, as = { user: postgres.user, password: postgres.password }): DatabaseLogin => ({
  host: postgres.host,
  port: postgres.port,
  database,
  ssl: "disable",
  ...as,
});
const read = (login: DatabaseLogin): Promise<ReadDatabase> =>
  withConnection(login, { statementSeconds: 0 }, (client) => readTables(client, login));

let databases = 0;
const databaseWith = async (sql: string, owner?: string): Promise<string> => {
  const name = `read_${++databases}`;
  await postgres.query("postgres", `CREATE DATABASE ${name}${owner === undefined ? "" : ` OWNER ${owner}`}`);
  await postgres.query(name, sql, undefined, owner === undefined ? undefined : { user: owner, password: "secret" });
  return name;
};

test("tables of any schema, partitions, views that hold rows, odd names, types and large objects are counted", async () => {
  const name = await databaseWith(`
    CREATE SCHEMA "Odd ""schema";
    CREATE TYPE mood AS ENUM ('glad', 'sad');
    CREATE TABLE "Odd ""schema"."a table" (id int, "a ""column" text, m mood, parts int[], raw bytea, gone int);
    ALTER TABLE "Odd ""schema"."a table" DROP COLUMN gone;
    INSERT INTO "Odd ""schema"."a table" SELECT n, NULL, 'sad', ARRAY[n], '\\xff'::bytea FROM generate_series(1, 3) n;
    CREATE TABLE measures (at int) PARTITION BY RANGE (at);
    CREATE TABLE measures_low PARTITION OF measures FOR VALUES FROM (0) TO (10);
    CREATE TABLE measures_high PARTITION OF measures FOR VALUES FROM (10) TO (20);
    INSERT INTO measures SELECT n FROM generate_series(0, 19) n;
    CREATE TABLE parent (id int); CREATE TABLE child () INHERITS (parent);
    INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2), (3);
    CREATE TABLE without_columns (); INSERT INTO without_columns DEFAULT VALUES;
    CREATE MATERIALIZED VIEW many AS SELECT n FROM generate_series(1, 50) n;
    CREATE VIEW broken AS SELECT 1 / (id - id) FROM parent;
    SELECT lo_from_bytea(0, decode(repeat('00', 9000000), 'hex')), lo_from_bytea(0, 'small'), lo_create(0);
  `);
  const { problems, tables, rows, largeObjects, bytes } = await read(loginOf(name));
  expect(problems).toEqual([]);
  expect({ tables, rows, largeObjects }).toEqual({ tables: 7, rows: 3 + 20 + 3 + 1 + 50, largeObjects: 3 });
  expect(bytes).toBeGreaterThan(9_000_005);
  expect(bytes).toBeLessThan(9_001_000);
});

test("more large objects than fit into one query are all read", async () => {
  const name = await databaseWith("SELECT lo_from_bytea(0, 'x') FROM generate_series(1, 1203)");
  expect(await read(loginOf(name))).toMatchObject({ largeObjects: 1203, bytes: 1203, problems: [] });
});

test("row security that is forced upon the owner hides no row", async () => {
  await postgres.query("postgres", "CREATE ROLE keeper LOGIN PASSWORD 'secret'");
  const name = await databaseWith(
    `CREATE TABLE rows (id int); INSERT INTO rows VALUES (1), (2);
     ALTER TABLE rows ENABLE ROW LEVEL SECURITY; ALTER TABLE rows FORCE ROW LEVEL SECURITY;
     CREATE POLICY one ON rows USING (id = 1)`,
    "keeper",
  );
  const found = await read(loginOf(name, { user: "keeper", password: "secret" }));
  expect(found).toMatchObject({ rows: 2, problems: [] });
});

test("a view that was never filled holds nothing to read, and what its owner may not read is read all the same", async () => {
  await postgres.query("postgres", "CREATE ROLE clerk LOGIN PASSWORD 'secret'");
  const name = await databaseWith(
    `CREATE SCHEMA closed; CREATE TABLE closed.archive (id int); INSERT INTO closed.archive VALUES (1), (2);
     CREATE TABLE shut (id int); INSERT INTO shut VALUES (3);
     CREATE MATERIALIZED VIEW later AS SELECT 1 AS id WITH NO DATA;
     REVOKE ALL ON closed.archive, shut FROM clerk; REVOKE ALL ON SCHEMA closed FROM clerk`,
    "clerk",
  );
  const found = await read(loginOf(name, { user: "clerk", password: "secret" }));
  expect(found).toMatchObject({ tables: 2, rows: 3, problems: [] });
});

test("a table whose file is gone is named, and the others are read all the same", async () => {
  const name = await databaseWith(
    "CREATE TABLE a (id int); INSERT INTO a VALUES (1); CREATE TABLE b (id int); INSERT INTO b VALUES (2); CREATE TABLE c (id int)",
  );
  const [file] = await postgres.query(
    name,
    "SELECT current_setting('data_directory') AS folder, pg_relation_filepath('b') AS path",
  );
  await postgres.query(name, "CHECKPOINT");
  rmSync(join(must(file)["folder"] as string, must(file)["path"] as string));
  const { problems, tables, rows } = await read(loginOf(name));
  expect(problems).toEqual([
    expect.stringMatching(/^In the restored database the table public\.b can't be read: could not open file .*\.$/),
  ]);
  expect({ tables, rows }).toEqual({ tables: 3, rows: 1 });
});

test("a value that has lost a piece out of line is found, though its row is there and its length known", async () => {
  const name = await databaseWith(
    `CREATE TABLE long (id int, text text); ALTER TABLE long ALTER text SET STORAGE EXTERNAL;
     INSERT INTO long VALUES (1, repeat('x', 100000))`,
  );
  const [found] = await postgres.query(
    name,
    "SELECT reltoastrelid AS oid, reltoastrelid::regclass::text AS toast FROM pg_class WHERE relname = 'long'",
  );
  const { oid, toast } = must(found) as { oid: number; toast: string };
  // As an ordinary table for a moment, from which rows may be deleted.
  const become = (kind: string) =>
    postgres.query(
      name,
      `SET allow_system_table_mods = on; UPDATE pg_class SET relkind = '${kind}' WHERE oid = ${oid}`,
    );
  await become("r");
  await postgres.query(name, `SET allow_system_table_mods = on; DELETE FROM ${toast} WHERE chunk_seq = 3`);
  await become("t");
  const { problems } = await read(loginOf(name));
  expect(problems).toEqual([
    expect.stringMatching(
      /^In the restored database the table public\.long can't be read: (missing|unexpected) chunk number/,
    ),
  ]);
});

test("a server that goes away is its own failure, not the database's", async () => {
  const name = await databaseWith("CREATE TABLE a (id int)");
  const login = loginOf(name);
  await expect(
    withConnection(login, {}, async (client) => {
      const [row] = (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows;
      await postgres.query("postgres", "SELECT pg_terminate_backend($1)", [must(row).pid]);
      await readTables(client, login);
    }),
  ).rejects.toThrow();
});
