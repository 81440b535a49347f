/**
 * One table out of a dump of PostgreSQL's own pg_dump, read by its own psql into an empty database, and compared row for
 * row with the database that was dumped.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "../../lambda/archive/build-archive";
import { fakeCollaborators, TRANSFER_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { seeded } from "../pack/support";
import { startPostgres, type PostgresServer } from "../support/postgres";
import { ask, begin, buildAll, make, seal } from "./archive-fixture";

let server: PostgresServer;
let c: FakeCollaborators;
let counter = 0;
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", "CREATE ROLE app; CREATE ROLE reader");
});
afterAll(() => server.stop());
beforeEach(() => {
  c = fakeCollaborators();
});

const program = (name: string): string => join(server.programsPattern.replace("{major}", String(server.major)), name);
const run = async (name: string, args: readonly string[], input?: Buffer): Promise<Buffer> => {
  const started = promisify(execFile)(program(name), [...args], {
    env: {
      PGHOST: server.host,
      PGPORT: String(server.port),
      PGUSER: server.user,
      PGPASSWORD: server.password,
      PATH: "/usr/bin:/bin",
    },
    encoding: "buffer",
    maxBuffer: 2 ** 30,
  });
  if (input !== undefined) started.child.stdin?.end(input);
  return (await started).stdout;
};
const database = async (options = ""): Promise<string> => {
  const name = `db_${++counter}`;
  await server.query("postgres", `CREATE DATABASE ${name} ${options}`);
  return name;
};
const sourceWith = async (sql: string, options = ""): Promise<string> => {
  const name = await database(options);
  await server.query(name, sql);
  return name;
};
const backUp = async (source: string, ...args: readonly string[]): Promise<void> => {
  await seal(c, { files: new Map(), dump: await run("pg_dump", ["-Fc", "-Z0", ...args, source]) });
};
/** psql stops at the first error. */
const restored = async (table: string, options = ""): Promise<{ readonly name: string; readonly sql: string }> => {
  const sql = await make(c, "one_table", {}, { table });
  const name = await database(options);
  await run("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", name, "-f", "-"], sql);
  return { name, sql: sql.toString("utf8") };
};
const rowsOf = async (name: string, table: string): Promise<unknown> =>
  (
    await server.query(name, `SELECT coalesce(json_agg(t::text ORDER BY t::text), '[]') AS rows FROM ${table} AS t`)
  )[0]?.["rows"];
const expectSame = async (source: string, copy: string, ...tables: readonly string[]): Promise<void> => {
  for (const table of tables) expect(await rowsOf(copy, table)).toEqual(await rowsOf(source, table));
};
const tablesOf = async (name: string): Promise<readonly string[]> =>
  (
    await server.query(
      name,
      `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text !~ '^(pg_|information)' ORDER BY 1`,
    )
  ).map(({ name: one }) => String(one));

/** Difficult text: COPY's own signs, what psql takes for commands, every kind of line end. */
const TEXTS = String.raw`E'a\tb\\c\nd', E'\\.', E'\\.\n\\! echo no', '', NULL, E'\r\n', '\! echo no', 'größe 🙂', E'\x01', '$1 :name :''x'' --'`;
const KINDS: Readonly<Record<string, readonly [sql: string, table: string, ...others: string[]]>> = {
  "rows of any text": [
    `CREATE TABLE t (id int PRIMARY KEY, x text); INSERT INTO t SELECT n, x FROM unnest(ARRAY[${TEXTS}]) WITH ORDINALITY AS u (x, n)`,
    "t",
  ],
  "an empty table": ["CREATE TABLE t (a int)", "public.t"],
  "a table without columns": ["CREATE TABLE t (); INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES", "t"],
  "another schema, quoted names": [
    `CREATE SCHEMA "Mod.ule"; CREATE TABLE "Mod.ule"."my $table ""x""" ("a b" int, "select" text); INSERT INTO "Mod.ule"."my $table ""x""" VALUES (1, 'x')`,
    `"Mod.ule"."my $table ""x"""`,
  ],
  "a name with a dot and letters of both kinds": [
    `CREATE TABLE "My.Entity" (a int); INSERT INTO "My.Entity" VALUES (3)`,
    "My.Entity",
    '"My.Entity"',
  ],
  "a dollar in its name": [
    `CREATE TABLE "system$user" (id bigint, name varchar(100)); INSERT INTO "system$user" VALUES (1, 'a')`,
    "system$user",
    '"system$user"',
  ],
  "identity, serial and generated columns": [
    "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, s serial, g int GENERATED ALWAYS AS (a * 2) STORED, d text DEFAULT 'x'); INSERT INTO t (d) SELECT n FROM generate_series(1, 50) n",
    "t",
  ],
  "types, domains and functions of its own": [
    "CREATE SCHEMA k; CREATE TYPE k.mood AS ENUM ('sad', 'it''s'); CREATE DOMAIN k.positive AS int CHECK (VALUE > 0); CREATE FUNCTION k.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS $f$ SELECT $1 + 1 $f$; CREATE TABLE t (m k.mood, p k.positive, c int CHECK (k.f(c) > 1)); INSERT INTO t VALUES ('it''s', 5, 3)",
    "t",
  ],
  "a function whose body is SQL": [
    "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT $1 + 1; END; CREATE TABLE t (a int CHECK (f(a) > 0)); INSERT INTO t VALUES (1)",
    "t",
  ],
  "keys, indexes and comments": [
    "CREATE TABLE o (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, o int REFERENCES o, u text UNIQUE); INSERT INTO o VALUES (1); INSERT INTO t VALUES (1, 1, 'x'); CREATE INDEX i ON t (lower(u)); COMMENT ON TABLE t IS E'it''s \\\\! a\nb'; COMMENT ON COLUMN t.u IS 'c'",
    "t",
  ],
  "row security, triggers, rules and grants": [
    "CREATE TABLE t (a int); ALTER TABLE t OWNER TO app; INSERT INTO t VALUES (1); ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t TO reader USING (a > 1); GRANT SELECT ON t TO reader; CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER tr AFTER INSERT ON t EXECUTE FUNCTION g(); CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING",
    "t",
  ],
  "partitions of partitions": [
    "CREATE TABLE t (a int, b text, PRIMARY KEY (a, b)) PARTITION BY RANGE (a); CREATE SCHEMA parts; CREATE TABLE parts.one PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY LIST (b); CREATE TABLE parts.x PARTITION OF parts.one FOR VALUES IN ('x'); CREATE TABLE parts.rest PARTITION OF parts.one DEFAULT; CREATE TABLE two PARTITION OF t DEFAULT; CREATE INDEX ON t (b); INSERT INTO t SELECT n, CASE n % 3 WHEN 0 THEN 'x' ELSE 'y' END FROM generate_series(0, 40) n",
    "t",
    "parts.x",
    "two",
    "t",
  ],
  "one partition alone": [
    "CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE TABLE one PARTITION OF t FOR VALUES FROM (0) TO (10); CREATE TABLE two PARTITION OF t DEFAULT; INSERT INTO t SELECT generate_series(0, 40)",
    "one",
  ],
  "a child of another table": [
    "CREATE TABLE base (a int); CREATE TABLE t (b int) INHERITS (base); INSERT INTO base VALUES (9); INSERT INTO t VALUES (1, 2)",
    "t",
  ],
  "numbers of large objects": [
    "CREATE TABLE t (a int, o oid); INSERT INTO t SELECT 1, lo_from_bytea(0, 'large'); INSERT INTO t VALUES (2, NULL)",
    "t",
  ],
  "bytes, arrays, ranges, JSON": [
    String.raw`CREATE TABLE t (b bytea, a text[], r int4range, j jsonb, x xml, ts timestamptz); INSERT INTO t VALUES ('\x00ff5c2e0a', ARRAY['a,b', NULL, '"'], '[1,5)', '{"a": "\\."}', '<a/>', now())`,
    "t",
  ],
  "an extension's type": ["CREATE EXTENSION citext; CREATE TABLE t (a citext UNIQUE); INSERT INTO t VALUES ('X')", "t"],
  "rows longer than a piece": [
    "CREATE TABLE t (a int, x text); INSERT INTO t SELECT n, repeat(md5(n::text), 20000) FROM generate_series(1, 5) n",
    "t",
  ],
};
test.each(Object.entries(KINDS))(
  "%s",
  async (_name, [sql, table, ...others]) => {
    const source = await sourceWith(sql);
    await backUp(source);
    const { name } = await restored(table);
    await expectSame(source, name, ...(others.length === 0 ? [table] : others));
  },
  60_000,
);

test("its own sequences go on where they were, and its keys and indexes stand", async () => {
  const source = await sourceWith(
    "CREATE TABLE t (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, u text UNIQUE); INSERT INTO t (u) VALUES ('a'), ('b'); CREATE TABLE other (id serial)",
  );
  await backUp(source);
  const { name, sql } = await restored("t");
  await server.query(name, "INSERT INTO t (u) VALUES ('c')");
  expect((await server.query(name, "SELECT id, n FROM t WHERE u = 'c'"))[0]).toEqual({ id: 3, n: 3 });
  await expect(server.query(name, "INSERT INTO t (u) VALUES ('a')")).rejects.toThrow(/unique/);
  expect(await tablesOf(name)).toEqual(["t"]);
  expect(sql).not.toMatch(/other/);
});

test("it goes into a database that has its schema and other tables, whatever the search path", async () => {
  const source = await sourceWith("CREATE SCHEMA s; CREATE TABLE s.t (a int); INSERT INTO s.t VALUES (1)");
  await backUp(source);
  const sql = await make(c, "one_table", {}, { table: "s.t" });
  const name = await sourceWith("CREATE SCHEMA s; CREATE TABLE s.o ()");
  await run("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", name, "-f", "-"], sql);
  await expectSame(source, name, "s.t");
});

test("a database in another encoding", async () => {
  const options = "TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'";
  const source = await sourceWith(`CREATE TABLE t (x text); INSERT INTO t VALUES ('größe')`, options);
  await backUp(source);
  await expectSame(source, (await restored("t")).name, "t");
});

test.each([[["-Z6"]], [["-Z0", "-O", "-x"]]])("an uploaded dump made with %j", async (args) => {
  const source = await sourceWith(
    "CREATE TABLE o (a int); INSERT INTO o SELECT generate_series(1, 5000); CREATE TABLE t (x text); INSERT INTO t SELECT md5(n::text) FROM generate_series(1, 20000) n",
  );
  await backUp(source, ...args);
  await expectSame(source, (await restored("t")).name, "t");
});

const SCHEMAS = `CREATE SCHEMA a; CREATE SCHEMA "b c"; CREATE TABLE a.orders (); CREATE TABLE "b c".orders (); CREATE TABLE a."shop$Order" (); CREATE VIEW a.v AS SELECT 1 AS x; CREATE MATERIALIZED VIEW a.m AS SELECT 1 AS x; CREATE SEQUENCE a.s;`;
test.each([
  ["orders", "TableAmbiguous", 'The snapshot\'s dump has 2 tables "orders": name one of a.orders, "b c".orders.'],
  ["a.v", "NotATable", "a.v is a view, which has no rows of its own: name a table that it reads."],
  ["m", "NotATable", "a.m is a materialized view, whose rows are computed from tables: name one of those."],
  ["a.s", "NotATable", "a.s is a sequence, which has no rows: name the table that it belongs to."],
  [
    "Shop.ORDER",
    "TableNotInDump",
    'The snapshot\'s dump has no table "Shop.ORDER": did you mean a.orders, a.shop$Order, "b c".orders.',
  ],
  ["zzz", "TableNotInDump", 'The snapshot\'s dump has no table "zzz": it has a.orders, a.shop$Order, "b c".orders.'],
  ["x.orders", "TableNotInDump", /did you mean a\.orders/],
  ["", "TableNotInDump", /has no table ""/],
  ["'; DROP TABLE x; --", "TableNotInDump", /has no table/],
])("%j is refused: %s", async (table, code, message) => {
  await backUp(await sourceWith(SCHEMAS));
  await expect(make(c, "one_table", {}, { table })).rejects.toMatchObject({
    code,
    message: typeof message === "string" ? message : expect.stringMatching(message),
  });
  expect((await c.store.list(TRANSFER_BUCKET, { prefix: "" })).objects).toEqual([]);
});

test("rows that were dumped as statements, and texts that psql could take for commands, are refused with what to do", async () => {
  await backUp(await sourceWith("CREATE TABLE t (a int); INSERT INTO t VALUES (1)"), "--inserts");
  await expect(make(c, "one_table", {}, { table: "t" })).rejects.toMatchObject({
    code: "TableNotPlain",
    message: expect.stringMatching(
      /dumped as INSERT statements: download the database, and take it out with pg_restore --table\.$/,
    ),
  });
});

test("a dump that is too large for the function is the task's", async () => {
  await backUp(await sourceWith("CREATE TABLE t (a int)"));
  await ask(c, "one_table", { table: "t" });
  await begin(c);
  expect((await buildAll(c, { functionBytes: 10 })).outcome).toBe("task");
  expect((await buildAll(c)).outcome).toBe("done");
});

test.each([1, 2, 3])(
  "any tables come back each by itself, seed %i",
  async (seed) => {
    const next = seeded(seed);
    const pick = <T>(...of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
    const names = Array.from(
      { length: 6 },
      (_, n) => `"${pick("T", "t", "a.b", 'q""x', "größe", "select", "$", "-- x", "it's")}${n}"`,
    );
    const columns = (): string =>
      Array.from(
        { length: 1 + Math.floor(next() * 5) },
        (_, n) =>
          `"${pick("c", "C d", "x.y")}${n}" ${pick("text", "int", "bytea", "numeric(9,2)", "timestamptz", "text[]", "jsonb", "float8")}`,
      ).join(", ");
    const sql = names.map((name) => {
      const schema = pick("public", '"S.1"', "s2");
      return { table: `${schema}.${name}`, sql: `CREATE TABLE ${schema}.${name} (${columns()})` };
    });
    const source = await sourceWith(`CREATE SCHEMA "S.1"; CREATE SCHEMA s2; ${sql.map((one) => one.sql).join("; ")}`);
    for (const { table } of sql) {
      const filled = await server.query(
        source,
        `SELECT a.attname AS name, a.atttypid::regtype::text AS type FROM pg_attribute a WHERE a.attrelid = '${table.replaceAll("'", "''")}'::regclass AND a.attnum > 0`,
      );
      const value = (type: string): string =>
        ({
          text: "chr(1 + (random() * 900)::int) || E'\\\\.\\n' || md5(random()::text)",
          integer: "(random() * 1e9)::int",
          bytea: "decode(md5(random()::text), 'hex')",
          "numeric(9,2)": "random()",
          numeric: "random()",
          "timestamp with time zone": "now()",
          "text[]": "ARRAY[NULL, E'\\t', md5(random()::text)]",
          jsonb: "jsonb_build_object('a', random())",
          "double precision": "random()",
        })[type] ?? "NULL";
      const values = filled.map(({ type }) => `CASE WHEN random() < 0.1 THEN NULL ELSE ${value(String(type))} END`);
      await server.query(
        source,
        `INSERT INTO ${table} SELECT ${values.join(", ")} FROM generate_series(1, ${Math.floor(next() * 300)})`,
      );
    }
    await backUp(source);
    for (const [n, { table }] of sql.entries()) {
      const archiveId = `archive-${n + 10}`;
      const { key } = await ask(c, "one_table", { table }, archiveId);
      await build(c, { archiveId });
      const name = await database();
      await run(
        "psql",
        ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", name, "-f", "-"],
        c.store.bytes(TRANSFER_BUCKET, key),
      );
      await expectSame(source, name, table);
    }
  },
  120_000,
);
