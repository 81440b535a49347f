import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { sentence } from "./scenario";
import { backedUp, codes, restored, ROLES, roundTrip, textOf, type Trip } from "./fill-world";

/** Restores at a server that lacks something, or into a database of another owner. */
let server: PostgresServer;
let bare: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", ROLES);
  bare = await startPostgres();
  await bare.query("postgres", "CREATE ROLE master LOGIN PASSWORD 'master' CREATEDB CREATEROLE");
});
const place = mkdtempSync(join(tmpdir(), "tablespace-"));
afterAll(async () => {
  await Promise.all([server.stop(), bare.stop()]);
  rmSync(place, { recursive: true });
});

const acl = async (on: PostgresServer, database: string, of: string) =>
  (await on.query(database, `SELECT coalesce(${of})::text AS acl`))[0]?.["acl"] as string | null;

describe.each(["superuser", "master"] as const)("roles that the target lacks, restored by %s", (login) => {
  test("theirs goes to the database's owner; what its owner's rights guard stays closed; closed rights stay closed", async () => {
    const sql = `GRANT CREATE, USAGE ON SCHEMA public TO app, other; GRANT USAGE ON SCHEMA public TO reader;
      CREATE SCHEMA "a.b;c" AUTHORIZATION other; GRANT ALL ON SCHEMA "a.b;c" TO app;
      SET ROLE app; CREATE TABLE mine (a int, b int); INSERT INTO mine VALUES (1, 2); REVOKE DELETE ON mine FROM app; GRANT SELECT ON mine TO reader WITH GRANT OPTION; GRANT SELECT ON mine TO master; GRANT UPDATE (b) ON mine TO reader, master;
      SET ROLE reader; GRANT SELECT ON public.mine TO other; SET ROLE app;
      CREATE FUNCTION guarded(text DEFAULT 'SECURITY DEFINER') RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION guarded(text) TO master;
      CREATE FUNCTION plain() RETURNS text LANGUAGE sql AS $$ SELECT 'SECURITY DEFINER' $$; CREATE FUNCTION shut() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION shut() FROM PUBLIC;
      CREATE PROCEDURE p() LANGUAGE sql SECURITY DEFINER AS ''; CREATE FUNCTION atomic() RETURNS int SECURITY DEFINER BEGIN ATOMIC SELECT 1; END;
      CREATE TYPE shut_type AS ENUM ('a'); REVOKE ALL ON TYPE shut_type FROM PUBLIC; CREATE SEQUENCE s; GRANT USAGE ON s TO "Odd "";Role";
      ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; SELECT lo_create(77); GRANT SELECT ON LARGE OBJECT 77 TO reader;
      RESET ROLE; ALTER DEFAULT PRIVILEGES FOR ROLE master GRANT SELECT ON TABLES TO reader, PUBLIC; REVOKE USAGE ON LANGUAGE plpgsql FROM reader;`;
    const { target, notes } = await roundTrip(server, { sql, login, into: { server: bare } });
    expect(codes(notes)).toEqual(["OwnersReplaced", "GrantsLeftOut", "FunctionsClosed"]);
    expect(notes[0]?.message).toMatch(/\((?:app; other|other; app)\)/);
    expect(notes[1]?.message).toMatch(/reader/);
    expect(notes[2]?.message).toMatch(/public\.guarded\(text\).*|public\.atomic\(\)/);
    const proc = (name: string) => `(SELECT proacl FROM pg_proc WHERE proname = '${name}')`;
    for (const name of ["guarded", "shut", "p", "atomic"])
      expect(await acl(bare, target, proc(name))).toBe("{master=X/master}");
    expect(await acl(bare, target, proc("plain"))).toBeNull();
    // The owner's own rights are the new owner's.
    expect(await acl(bare, target, "(SELECT relacl FROM pg_class WHERE relname = 'mine')")).toBe(
      "{master=arwDxt/master}",
    );
    expect(await acl(bare, target, "(SELECT typacl FROM pg_type WHERE typname = 'shut_type')")).toBe(
      "{master=U/master}",
    );
    expect(
      await bare.query(target, "SELECT defaclobjtype AS kind, defaclacl::text AS acl FROM pg_default_acl"),
    ).toEqual([{ kind: "r", acl: "{=r/master,master=arwdDxt/master}" }]);
    expect(await bare.query(target, "SELECT * FROM mine")).toEqual([{ a: 1, b: 2 }]);
  });
  test("another environment's one role becomes the owner of what the first one's owned, though both are known", async () => {
    await server.query("postgres", `CREATE ROLE staging_${login}; GRANT staging_${login} TO master`);
    const sql = `SET ROLE app; CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; GRANT SELECT ON t TO reader; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;
      RESET ROLE; CREATE TABLE theirs (a int); ALTER TABLE theirs OWNER TO other; GRANT SELECT ON theirs TO app;`;
    const { target, notes } = await roundTrip(server, {
      sql,
      owner: "app",
      login,
      into: { owner: `staging_${login}` },
    });
    expect(notes).toEqual([]);
    const owners = `SELECT relname, pg_get_userbyid(relowner) AS owner, relacl::text AS acl FROM pg_class WHERE relname IN ('t', 'theirs') ORDER BY 1`;
    const s = `staging_${login}`;
    expect(await server.query(target, owners)).toEqual([
      { relname: "t", owner: s, acl: `{${s}=arwdDxt/${s},reader=r/${s}}` },
      { relname: "theirs", owner: "other", acl: `{other=arwdDxt/other,${s}=r/other}` },
    ]);
    expect(await acl(server, target, "(SELECT proacl FROM pg_proc WHERE proname = 'f')")).toBeNull();
    expect(await server.query(target, "SELECT pg_get_userbyid(defaclrole) AS of FROM pg_default_acl")).toEqual([
      { of: s },
    ]);
  });
  test("a role that the dump knows apart from the source's owner keeps its part, whoever owns the target", async () => {
    const sql = `CREATE TABLE secret (a int); ALTER TABLE secret OWNER TO master; GRANT CREATE ON SCHEMA public TO app; SET ROLE app; CREATE TABLE t (a int);`;
    const { target, notes } = await roundTrip(server, { sql, owner: "master", login, into: { owner: "app" } });
    expect(notes).toEqual([]);
    expect(
      await server.query(
        target,
        "SELECT relname, pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relname IN ('secret', 't') ORDER BY 1",
      ),
    ).toEqual([
      { relname: "secret", owner: "master" },
      { relname: "t", owner: "app" },
    ]);
  });
});

test("user mappings of missing roles are left out; servers and wrappers come with who may have them", async () => {
  const sql = `CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; CREATE USER MAPPING FOR app SERVER far OPTIONS (user 'x');
    CREATE USER MAPPING FOR PUBLIC SERVER far; CREATE USER MAPPING FOR "Odd "";Role" SERVER far; CREATE USER MAPPING FOR master SERVER far;
    GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO app; GRANT USAGE ON FOREIGN SERVER far TO app, master; ALTER SERVER far OWNER TO app;
    CREATE FOREIGN TABLE ft (a int CHECK (a::text > now()::text)) SERVER far; CREATE FOREIGN DATA WRAPPER own;
    CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION e();
    CREATE PUBLICATION everything FOR ALL TABLES; CREATE SUBSCRIPTION sub CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);`;
  const same = await roundTrip(server, { sql: `${sql} DROP SUBSCRIPTION sub`, into: {} });
  expect(textOf(server, same.target)).toBe(same.before);
  expect(same.notes).toEqual([]);
  await server.query("postgres", "CREATE ROLE root SUPERUSER");
  const owned = `${sql} ALTER EVENT TRIGGER et OWNER TO root; ALTER FOREIGN DATA WRAPPER own OWNER TO root; ALTER SUBSCRIPTION sub OWNER TO root; ALTER PUBLICATION everything OWNER TO root`;
  const { target, notes } = await roundTrip(server, { sql: owned, into: { server: bare } });
  expect(codes(notes)).toEqual(["OwnersReplaced", "GrantsLeftOut", "UserMappingsLeftOut"]);
  expect(await bare.query(target, "SELECT usename FROM pg_user_mappings ORDER BY 1")).toEqual([
    { usename: "master" },
    { usename: "public" },
  ]);
  expect(await bare.query(target, "SELECT pg_get_userbyid(evtowner) AS o FROM pg_event_trigger")).toEqual([
    { o: "postgres" },
  ]);
  await bare.query(target, "DROP SUBSCRIPTION sub");
});

test("what a login may not give is told, and what it may not take away stops the restore", async () => {
  const language = "GRANT USAGE ON LANGUAGE plpgsql TO reader; SET ROLE app; CREATE SCHEMA mine";
  const sql = `GRANT CREATE ON DATABASE SOURCE TO app; ${language}`;
  const { notes, target } = await roundTrip(server, { sql, login: "master" });
  expect(notes).toEqual([{ code: "GrantsRefused", message: expect.stringContaining("ON LANGUAGE plpgsql TO reader") }]);
  expect(await server.query(target, "SELECT nspname FROM pg_namespace WHERE nspname = 'mine'")).toHaveLength(1);
  const taken = await backedUp(server, {
    sql: "REVOKE ALL ON FUNCTION pg_catalog.lo_export(oid, text) FROM PUBLIC; REVOKE ALL ON FUNCTION pg_catalog.lower(text) FROM PUBLIC",
    login: "master",
  });
  await expect(restored(server, { sql: "", login: "master" }, taken)).rejects.toThrow(/PermissionMissing/);
  expect(await sentence(taken.on, { restore: "restore-1" })).toMatch(
    /no privileges could be revoked for "lower".*grant "master" that right/,
  );
});

describe("extensions", () => {
  test("06-extension: one that only a superuser may create is restored by a superuser, into itself and elsewhere", async () => {
    const sql = "CREATE EXTENSION pg_stat_statements; GRANT EXECUTE ON FUNCTION pg_stat_statements_reset TO app";
    for (const into of [undefined, { owner: "app" }] as const) {
      const { target, before, notes } = await roundTrip(server, {
        sql,
        owner: "app",
        ...(into === undefined ? {} : { into }),
      });
      expect(notes).toEqual([]);
      expect(textOf(server, target)).toBe(before);
    }
  });
  const facts =
    "SELECT extname, extversion, pg_get_userbyid(extowner) AS owner FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1";
  test.each(["superuser", "master"] as const)(
    "come back in their versions, with their owners and data, by %s",
    async (login) => {
      const sql = `GRANT CREATE ON DATABASE SOURCE TO app; CREATE SCHEMA ext AUTHORIZATION app; SET ROLE app;
      CREATE EXTENSION pg_trgm VERSION '1.3' SCHEMA ext; SET ROLE master; CREATE EXTENSION hstore; CREATE EXTENSION citext VERSION '1.4';
      COMMENT ON EXTENSION hstore IS 'mine'; CREATE TABLE t (c citext CHECK (c <> 'x'), h hstore); INSERT INTO t VALUES ('A', 'a=>1'); CREATE INDEX ON t USING gin (h);
      RESET ROLE; REVOKE CREATE ON DATABASE SOURCE FROM app; REVOKE ALL ON FUNCTION ext.similarity(text, text) FROM PUBLIC`;
      const trip: Trip = { sql: login === "master" ? sql.replace(/REVOKE ALL ON FUNCTION.*$/, "") : sql, login };
      const up = await backedUp(server, trip);
      const before = await server.query(up.source, facts);
      expect(before).toEqual([
        { extname: "citext", extversion: "1.4", owner: "master" },
        { extname: "hstore", extversion: "1.8", owner: "master" },
        { extname: "pg_trgm", extversion: "1.3", owner: "app" },
      ]);
      const { target, notes } = await restored(server, trip, up);
      expect(notes).toEqual([]);
      expect(await server.query(target, facts)).toEqual(before);
      expect(textOf(server, target)).toBe(up.before);
      expect(
        await server.query("postgres", `SELECT datacl::text AS acl FROM pg_database WHERE datname = '${target}'`),
      ).toEqual(await server.query("postgres", `SELECT '{=Tc/master,master=CTc/master}' AS acl`));
    },
  );
  test("a version that the target doesn't offer is made in its default one, and told", async () => {
    const { target, notes } = await roundTrip(server, {
      sql: "CREATE EXTENSION pg_trgm",
      into: {},
      recorded: (database) => ({
        ...database,
        extensions: database.extensions.map((one) => (one.name === "pg_trgm" ? { ...one, version: "0.9" } : one)),
      }),
    });
    expect(notes).toEqual([{ code: "ExtensionVersionsDiffer", message: expect.stringContaining("pg_trgm 0.9") }]);
    expect(await server.query(target, facts)).toMatchObject([{ extname: "pg_trgm", extversion: "1.6" }]);
  });
});

test("05-tablespace: a table in a tablespace that the target lacks lies in the default one, and is told", async () => {
  if (process.getuid?.() === 0)
    chownSync(place, Number(execFileSync("id", ["-u", "postgres"])), Number(execFileSync("id", ["-g", "postgres"])));
  await server.query("postgres", `CREATE TABLESPACE fast LOCATION '${place}'`);
  const sql = `CREATE TABLE big(a int) TABLESPACE fast; INSERT INTO big VALUES (1); CREATE TABLE small (a int PRIMARY KEY USING INDEX TABLESPACE fast);
    CREATE INDEX ON big (a) TABLESPACE fast; CREATE MATERIALIZED VIEW m TABLESPACE fast AS SELECT a FROM big;
    CREATE TABLE p (a int) PARTITION BY LIST (a) TABLESPACE fast; CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)`;
  const same = await roundTrip(server, { sql });
  expect(textOf(server, same.target)).toBe(same.before);
  expect(same.notes).toEqual([]);
  const { target, before, notes } = await roundTrip(server, { sql, into: { server: bare } });
  expect(notes).toEqual([{ code: "TablespacesReplaced", message: expect.stringContaining("(fast)") }]);
  expect(await bare.query(target, "SELECT a FROM m")).toEqual([{ a: 1 }]);
  const apart = (text: string): string => text.replaceAll(/; Tablespace: fast|SET default_tablespace = .*\n\n/g, "");
  expect(apart(textOf(bare, target))).toBe(apart(before));
  // A login that may not use it can't create there either.
  const denied = await roundTrip(server, {
    sql: sql.replace(
      "CREATE TABLE big",
      "GRANT CREATE ON TABLESPACE fast TO PUBLIC; SET ROLE master; CREATE TABLE big",
    ),
    login: "master",
    meanwhile: async () => void (await server.query("postgres", "REVOKE CREATE ON TABLESPACE fast FROM PUBLIC")),
  });
  expect(codes(denied.notes)).toEqual(["TablespacesReplaced"]);
});
