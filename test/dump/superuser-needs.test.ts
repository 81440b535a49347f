/** What only a superuser can make is named; the server itself says whether that is so. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { restoreNeeds } from "../../lambda/dump/restore-needs";
import { parseToc } from "../../lambda/dump/toc";
import { startPostgres, type PostgresServer } from "../support/postgres";

const LOGIN = { user: "ordinary", password: "ordinary" };
let server: PostgresServer;
let number = 0;
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", "CREATE ROLE ordinary LOGIN CREATEDB PASSWORD 'ordinary'");
});
afterAll(() => server.stop());

/** What a dump of a database with these objects needs a superuser for. */
const needsOf = async (sql: string): Promise<readonly string[]> => {
  const database = `needs${++number}`;
  await server.query("postgres", `CREATE DATABASE ${database} OWNER ordinary`);
  await server.query(database, sql);
  const { stdout } = spawnSync(
    join(server.programsPattern.replace("{major}", String(server.major)), "pg_dump"),
    ["-Fc", "-Z0", database],
    {
      env: { PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user, PGPASSWORD: server.password },
      maxBuffer: 1e9,
    },
  );
  return restoreNeeds(parseToc(stdout)).needsSuperuser;
};
/** Whether the ordinary login is refused. */
const isRefused = async (sql: string): Promise<boolean> => {
  const database = `refused${number}`;
  await server.query("postgres", `CREATE DATABASE ${database} OWNER ordinary`);
  return server.query(database, sql, undefined, LOGIN).then(
    () => false,
    (error: Error) =>
      /superuser|permission denied|CREATE EVENT TRIGGER|cannot be internal|must be owner/i.test(error.message),
  );
};

test.each([
  ["CREATE PUBLICATION p FOR ALL TABLES", "the publication of all tables p"],
  ["CREATE PUBLICATION p FOR TABLES IN SCHEMA public", "the publication of all tables in a schema p public"],
  [
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION y WITH (connect = false, slot_name = NONE)",
    "the subscription s",
  ],
  [
    "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
    "the event trigger e",
  ],
  ["CREATE LANGUAGE l HANDLER plpgsql_call_handler", "the language l"],
  ["CREATE FOREIGN DATA WRAPPER w", "the foreign data wrapper w"],
  ["CREATE ACCESS METHOD m TYPE INDEX HANDLER bthandler", "the access method m"],
  ["CREATE OPERATOR FAMILY o USING btree", "the operator family o"],
  ["CREATE TEXT SEARCH TEMPLATE t (LEXIZE = dsimple_lexize)", "the text search template t"],
  [
    "CREATE TEXT SEARCH PARSER t (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)",
    "the text search parser t",
  ],
  ["CREATE CAST (bytea AS text) WITHOUT FUNCTION", "the cast without a function CAST (bytea AS text)"],
  [
    "CREATE FUNCTION c(int) RETURNS int LANGUAGE internal AS 'int4abs'",
    "the function in an untrusted language c(integer)",
  ],
  ["CREATE FUNCTION l(text) RETURNS int LANGUAGE sql LEAKPROOF AS 'SELECT 1'", "the leakproof function l(text)"],
  [
    "CREATE AGGREGATE g(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, FINALFUNC = numeric_avg)",
    "the aggregate with internal state g(numeric)",
  ],
  [
    "CREATE TYPE t; CREATE FUNCTION i(cstring) RETURNS t LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE FUNCTION o(t) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE TYPE t (INPUT = i, OUTPUT = o, LIKE = int4)",
    "the base type t",
  ],
])("%s", async (sql, expected) => {
  expect(await needsOf(sql)).toContain(expected);
  expect(await isRefused(sql)).toBe(true);
});

test.each([
  "CREATE TABLE t (a int); CREATE PUBLICATION p FOR TABLE t",
  "CREATE FUNCTION f(a text DEFAULT 'LANGUAGE c LEAKPROOF') RETURNS text LANGUAGE sql AS 'SELECT $$ LANGUAGE c LEAKPROOF FOR ALL TABLES $$'",
  "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TABLE t (a int); CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
  'CREATE EXTENSION pg_trgm; CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION pgcrypto',
  "CREATE TYPE e AS ENUM ('a'); CREATE TYPE c AS (\"INPUT = \" int); CREATE TYPE r AS RANGE (SUBTYPE = int); CREATE DOMAIN d AS int",
  "CREATE TYPE a AS (x int); CREATE FUNCTION f(a) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE CAST (a AS int) WITH FUNCTION f(a); CREATE AGGREGATE s(int) (SFUNC = int4pl, STYPE = int)",
  'CREATE COLLATION c FROM "C"; CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple); CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)',
])("an ordinary database needs none: %s", async (sql) => {
  expect(await needsOf(sql)).toEqual([]);
  expect(await isRefused(sql)).toBe(false);
});

test("rights to the server's own objects: what was taken away, and not what was given", async () => {
  expect(await needsOf("REVOKE ALL ON FUNCTION pg_catalog.lower(text) FROM PUBLIC")).toEqual([
    "the revocation of rights to the server's own FUNCTION lower(text)",
  ]);
  expect(
    await needsOf(
      'CREATE ROLE "REVOKE"; GRANT EXECUTE ON FUNCTION pg_catalog.pg_reload_conf() TO ordinary, "REVOKE"; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS \'SELECT 1\'; REVOKE ALL ON FUNCTION f() FROM PUBLIC',
    ),
  ).toEqual([]);
});

test("of many alike the first is named, and how many there are", async () => {
  const sql = [1, 2, 3].map((n) => `CREATE FUNCTION c${n}(int) RETURNS int LANGUAGE internal AS 'int4abs'`).join(";");
  expect(await needsOf(sql)).toEqual(["3 functions in untrusted languages, such as c1(integer)"]);
});
