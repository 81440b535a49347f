/** Each cause of a failing pg_dump, provoked at a real server where that can be done: its name, its table, its mend. */
import { dumpFailure } from "../../lambda/database-task/dump-failure";
import { startPostgres, type PostgresServer } from "../support/postgres";
import { beginAttempt, registerEnvironment, run, runFailing, scenario, sentence } from "./scenario";

let server: PostgresServer;
let number = 0;
beforeAll(async () => {
  server = await startPostgres({ max_locks_per_transaction: "10", max_connections: "20" });
  await server.query(
    "postgres",
    "CREATE ROLE weak LOGIN PASSWORD 'weak'; CREATE ROLE owner LOGIN PASSWORD 'owner' CREATEDB",
  );
});
afterAll(() => server.stop());

/** The sentence with which a backup of a database with these objects fails. */
const failing = async (
  sql: string,
  user = "weak",
  meanwhile?: (database: string) => Promise<unknown>,
): Promise<string> => {
  const database = `fails${++number}`;
  await server.query("postgres", `CREATE DATABASE ${database}`);
  await server.query(database, `CREATE TABLE file (uuid text); GRANT SELECT ON file TO PUBLIC`);
  for (const statement of sql.split(";;")) await server.query(database, statement);
  const on = scenario(server);
  on.secrets.set(user, { username: user, password: user === server.user ? server.password : user });
  await registerEnvironment(on, "env", database, {
    database: { secret: user },
    files: { source: { kind: "reference-query", query: "SELECT uuid FROM file" } },
  });
  const args = ["dump", ...(await beginAttempt(on, "env"))];
  const work = meanwhile?.(database);
  await runFailing(on, ...args);
  await work;
  return sentence(on, { attempt: "attempt-1" });
};

test.each([
  [
    "row security that is forced",
    `CREATE TABLE rls (a int); ALTER TABLE rls ENABLE ROW LEVEL SECURITY; ALTER TABLE rls FORCE ROW LEVEL SECURITY; ALTER TABLE rls OWNER TO owner;
     GRANT SELECT ON rls TO owner`,
    "owner",
    /^RowSecurityForced: .*the table public\.rls holds for "owner" too.*give "owner" BYPASSRLS, or register a superuser/,
  ],
  [
    "row security for others",
    `CREATE SCHEMA "S.x"; CREATE TABLE "S.x"."a b" (a int); ALTER TABLE "S.x"."a b" ENABLE ROW LEVEL SECURITY;
     GRANT USAGE ON SCHEMA "S.x" TO weak; GRANT SELECT ON "S.x"."a b" TO weak`,
    "weak",
    /^RowSecurityForced: .*the table "S\.x"\."a b" holds for "weak"/,
  ],
  [
    "a table",
    "CREATE TABLE closed (a int)",
    "weak",
    /^PermissionMissing: .*"weak" may not read the table public\.closed; grant it SELECT on that/,
  ],
  [
    "a table by any name",
    `CREATE TABLE "permission denied for schema x" (a int)`,
    "weak",
    /^PermissionMissing: .*the table public\."permission denied for schema x"; grant it SELECT/,
  ],
  [
    "a sequence",
    "CREATE SEQUENCE tickets",
    "weak",
    /^PermissionMissing: .*the sequence public\.tickets; grant it SELECT/,
  ],
  [
    "a schema",
    "CREATE SCHEMA shut; CREATE TABLE shut.t (a int); GRANT SELECT ON shut.t TO weak",
    "weak",
    /^PermissionMissing: .*the schema shut; grant it USAGE/,
  ],
  [
    "a large object",
    "SELECT lo_from_bytea(77, 'x')",
    "weak",
    /^PermissionMissing: .*the large object 77; grant it SELECT/,
  ],
  [
    "a value in binary that is too large",
    `CREATE TABLE big (id int, photo bytea);; INSERT INTO big SELECT 1, repeat('x', 540000000)::bytea`,
    "postgres",
    /^ValueTooLarge: .*a row of the table public\.big is larger than a dump can hold.*"backup": "recovery-point"/,
  ],
  [
    "an owner who is gone",
    "CREATE TABLE orphan (a int); UPDATE pg_class SET relowner = 99999 WHERE relname = 'orphan'",
    "postgres",
    /^CatalogDamaged: .*refers to a role that its server no longer has/,
  ],
  [
    "a schema that is gone",
    "CREATE TABLE orphan (a int); UPDATE pg_class SET relnamespace = 99999 WHERE relname = 'orphan'",
    "postgres",
    /^CatalogDamaged: .*refers to a schema that its server no longer has/,
  ],
  [
    "more tables than locks",
    `DO $$BEGIN FOR i IN 1..6000 LOOP EXECUTE format('CREATE TABLE many_%s (a int)', i); IF i % 100 = 0 THEN COMMIT; END IF; END LOOP; END$$`,
    "postgres",
    /^TooManyLocks: .*raise its max_locks_per_transaction/,
  ],
])(
  "%s",
  async (_name, sql, user, expected) => {
    expect(await failing(sql, user)).toMatch(expected);
  },
  120_000,
);

test("one connection alone", async () => {
  const said = await failing("ALTER ROLE weak CONNECTION LIMIT 1");
  expect(said).toMatch(/^TooManyConnections: .*needs two connections at a time.*raise the connection limit of "weak"/);
  await server.query("postgres", "ALTER ROLE weak CONNECTION LIMIT -1");
});

test("a session that is ended meanwhile", async () => {
  const sql = `CREATE TABLE slow AS SELECT n AS a, repeat(md5(n::text), 300) AS b FROM generate_series(1, 40000) n; GRANT SELECT ON slow TO weak`;
  const said = await failing(sql, "weak", async () => {
    for (let tries = 0; tries < 400; tries++) {
      const ended = await server.query(
        "postgres",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY public.slow%'",
      );
      if (ended.length > 0) return;
    }
  });
  expect(said).toMatch(/^DatabaseUnreachable: .*the connection broke/);
});

/** What pg_dump says where it can't be brought to it here; each is word for word from a server. */
const end = (...lines: string[]) => ({ code: 1, lines });
const LOGIN = { database: "shop", user: "weak", host: "db", port: 5432 };
test.each([
  [
    "a row in text that is too large",
    end(
      'pg_dump: error: Dumping the contents of table "big" failed: PQgetResult() failed.',
      "pg_dump: detail: Error message from server: ERROR:  out of memory",
      "DETAIL:  Cannot enlarge string buffer containing 800000004 bytes by 400000000 more bytes.",
      "pg_dump: detail: Command was: COPY public.big (id, a, b, c) TO stdout;",
    ),
    /^ValueTooLarge: .*the table public\.big is larger/,
  ],
  [
    "a lock that is held for too long",
    end(
      "pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout",
      "pg_dump: detail: Query was: LOCK TABLE public.noperm IN ACCESS SHARE MODE",
    ),
    /^TableLocked: .*kept the table public\.noperm locked.*end that session/,
  ],
  [
    "a file that is gone",
    end(
      'pg_dump: error: Dumping the contents of table "gen" failed: PQgetResult() failed.',
      'pg_dump: detail: Error message from server: ERROR:  could not open file "base/16577/16614": No such file or directory',
      "pg_dump: detail: Command was: COPY public.gen (a) TO stdout;",
    ),
    /^TableDamaged: .*the table public\.gen is damaged.*earlier snapshot/,
  ],
  [
    "a length that no value has",
    end(
      "pg_dump: detail: Error message from server: ERROR:  invalid memory alloc request size 18446744073709551613",
      "pg_dump: detail: Command was: COPY public.gen (a) TO stdout;",
    ),
    /^TableDamaged: .*the table public\.gen is damaged/,
  ],
  [
    "a snapshot that is gone",
    end(
      'pg_dump: error: query failed: ERROR:  invalid snapshot identifier: "00000003-0000001B-1"',
      "pg_dump: detail: Query was: SET TRANSACTION SNAPSHOT '00000003-0000001B-1'",
    ),
    /^SnapshotLost: .*transaction whose snapshot is dumped had ended/,
  ],
  [
    "a read replica",
    end("pg_dump: detail: Error message from server: ERROR:  canceling statement due to conflict with recovery"),
    /^DatabaseIsReplica: .*register the primary/,
  ],
  [
    "a table that was dropped",
    end("pg_dump: error: query failed: ERROR:  could not open relation with OID 4711"),
    /^DatabaseChanging: .*keep migrations out/,
  ],
  [
    "a full disk",
    end('pg_dump: error: query failed: ERROR:  could not write to file "base/pgsql_tmp/1": No space left on device'),
    /^ServerFull: .*give it more room/,
  ],
  [
    "what nobody knows",
    end(
      "pg_dump: error: query failed: ERROR:  the moon is full",
      "pg_dump: detail: Query was: SELECT 'ERROR:  permission denied for table x'",
    ),
    /^DumpFailed: pg_dump of the database "shop" on db:5432 failed: pg_dump: error: query failed: ERROR: {2}the moon is full$/,
  ],
])("%s", (_name, ended, expected) => {
  const failure = dumpFailure(ended, LOGIN);
  expect(`${failure.name}: ${failure.message}`).toMatch(expected);
});

test("a login that may read everything takes the backup that others can't", async () => {
  const database = `fails${++number}`;
  await server.query("postgres", `CREATE DATABASE ${database}`);
  await server.query(
    database,
    "CREATE TABLE file (uuid text); CREATE TABLE closed (a int); GRANT pg_read_all_data TO weak",
  );
  const on = scenario(server);
  on.secrets.set("weak", { username: "weak", password: "weak" });
  await registerEnvironment(on, "env", database, {
    database: { secret: "weak" },
    files: { source: { kind: "reference-query", query: "SELECT uuid FROM file" } },
  });
  await run(on, "dump", ...(await beginAttempt(on, "env")));
  expect((await on.catalog.getAttempt("attempt-1"))?.dump?.database?.roles).toEqual(["postgres"]);
});
