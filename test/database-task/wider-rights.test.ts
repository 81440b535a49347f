/** After a restore nobody can do more than before: not by functions found first, by other owners, nor by renamed roles. */
import { type PostgresServer, startPostgres } from "../support/postgres";
import { backedUp, codes, ROLES, roundTrip } from "./fill-world";
import { beginRestore, run } from "./scenario";

let server: PostgresServer;
/** Knows app and reader, and no other. */
let elsewhere: PostgresServer;
beforeAll(async () => {
  [server, elsewhere] = await Promise.all([startPostgres(), startPostgres()]);
  await server.query("postgres", ROLES);
  await elsewhere.query("postgres", ROLES);
  await elsewhere.query("postgres", `DROP ROLE other, "Odd "";Role"`);
});
afterAll(async () => Promise.all([server.stop(), elsewhere.stop()]));

const READER = { user: "reader", password: "reader" };

describe("functions that the app's role has planted where the server's own would be found", () => {
  const SEIZE = "BEGIN EXECUTE 'ALTER ROLE app SUPERUSER'; EXCEPTION WHEN insufficient_privilege THEN NULL; END;";
  const hostile = `ALTER DATABASE SOURCE SET search_path = public, pg_catalog; SET search_path = public, pg_catalog;
    GRANT CREATE ON SCHEMA public TO app; SET ROLE app;
    CREATE FUNCTION unnest(text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN ${SEIZE} RETURN; END $$;
    CREATE FUNCTION seize(json, name) RETURNS json LANGUAGE plpgsql AS $$ BEGIN ${SEIZE} RETURN '[]'; END $$;
    CREATE AGGREGATE json_agg(name) (SFUNC = seize, STYPE = json);
    CREATE FUNCTION seize(json, text) RETURNS json LANGUAGE plpgsql AS $$ BEGIN ${SEIZE} RETURN '[]'; END $$;
    CREATE AGGREGATE json_agg(text) (SFUNC = seize, STYPE = json);
    CREATE TABLE t (a int); INSERT INTO t VALUES (1);`;
  const superusers = async (): Promise<unknown[]> =>
    (await server.query("postgres", "SELECT rolname FROM pg_roles WHERE rolsuper ORDER BY 1")).map(
      ({ rolname }) => rolname as string,
    );
  afterEach(async () => void (await server.query("postgres", "ALTER ROLE app NOSUPERUSER")));
  test("look at nothing as the login, when a restore is planned", async () => {
    const { on } = await backedUp(server, { sql: hostile, owner: "app" });
    await beginRestore(on, "source", "source", { databaseOnly: true });
    await run(on, "preflight", "restore-1");
    expect(await superusers()).toEqual(["postgres"]);
  });
  test("nor when it is done", async () => {
    const { target } = await roundTrip(server, { sql: hostile, owner: "app", into: {} });
    expect(await superusers()).toEqual(["postgres"]);
    expect(await server.query(target, "SELECT a FROM t")).toEqual([{ a: 1 }]);
  });
});

test("a CHECK of whole rows, which pg_dump writes apart, asks its function as the table's owner, in any name", async () => {
  const sql = `CREATE SCHEMA "a.b ADD" AUTHORIZATION app; SET ROLE app; SET search_path TO "a.b ADD";
    CREATE TABLE "who""le" (a int); INSERT INTO "who""le" VALUES (1); CREATE TABLE asked (by name);
    CREATE FUNCTION ok("who""le") RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "a.b ADD".asked VALUES (current_user); RETURN true; END $$;
    ALTER TABLE "who""le" ADD CONSTRAINT "row; ok" CHECK (ok("who""le".*)); TRUNCATE asked;
    COMMENT ON CONSTRAINT "row; ok" ON "who""le" IS 'asks';
    CREATE DOMAIN d AS "who""le" CONSTRAINT in_d CHECK (ok(VALUE));`;
  const { target, notes } = await roundTrip(server, { sql, into: {} });
  expect(notes).toEqual([]);
  expect(await server.query(target, 'SELECT DISTINCT by FROM "a.b ADD".asked')).toEqual([{ by: "app" }]);
  expect(
    await server.query(
      target,
      "SELECT conname, convalidated AS ok, obj_description(oid) AS comment FROM pg_constraint WHERE connamespace = '\"a.b ADD\"'::regnamespace ORDER BY 1",
    ),
  ).toEqual([
    { conname: "in_d", ok: true, comment: null },
    { conname: "row; ok", ok: true, comment: "asks" },
  ]);
});

describe("another owner's rights", () => {
  test("functions of a missing owner are closed to everybody, whatever their names and arguments are", async () => {
    const sql = String.raw`GRANT CREATE ON SCHEMA public TO other; SET ROLE other;
      CREATE FUNCTION f1(x integer) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
      CREATE FUNCTION "Up"() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
      CREATE FUNCTION f3(x text DEFAULT E'\n    AS ') RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
      GRANT EXECUTE ON FUNCTION f1(integer), "Up"(), f3(text) TO reader, app;`;
    const { target, notes } = await roundTrip(server, { sql, into: { server: elsewhere } });
    expect(
      await elsewhere.query(
        target,
        "SELECT proname AS name, proacl::text AS acl FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
      ),
    ).toEqual(["Up", "f1", "f3"].map((name) => ({ name, acl: "{master=X/master}" })));
    for (const call of ["f1(1)", '"Up"()', "f3()"])
      await expect(elsewhere.query(target, `SELECT ${call}`, undefined, READER)).rejects.toThrow(/permission denied/);
    expect(codes(notes)).toContain("FunctionsClosed");
  });
  test("a superuser's are closed too, where it owns the target", async () => {
    const sql = `CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; ALTER FUNCTION f() OWNER TO app; GRANT EXECUTE ON FUNCTION f() TO reader`;
    const { target } = await roundTrip(server, { sql, owner: "app", into: { owner: "postgres" } });
    await expect(server.query(target, "SELECT f()", undefined, READER)).rejects.toThrow(/permission denied/);
  });
  test("views of a missing owner are closed; those with the rights of who asks keep their grants", async () => {
    const sql = `GRANT CREATE ON SCHEMA public TO app, other; SET ROLE app; CREATE TABLE t (a int); INSERT INTO t VALUES (1); GRANT SELECT ON t TO other, reader;
      ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY none ON t USING (false);
      SET ROLE other; CREATE VIEW v AS SELECT a FROM t; CREATE VIEW "By it" WITH (security_invoker = true) AS SELECT a FROM t; CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
      GRANT SELECT ON v, "By it", m TO reader`;
    const { target, notes } = await roundTrip(server, { sql, into: { server: elsewhere } });
    for (const view of ["v", "m"])
      await expect(elsewhere.query(target, `SELECT a FROM ${view}`, undefined, READER)).rejects.toThrow(
        /permission denied/,
      );
    expect(await elsewhere.query(target, `SELECT a FROM "By it"`, undefined, READER)).toEqual([]);
    const closed = notes.find(({ code }) => code === "FunctionsClosed");
    expect(closed?.message).toMatch(/\((?:public\.v; public\.m|public\.m; public\.v)\)/);
  });
});

test("a policy is for the role that stands for the one it named", async () => {
  const sql = `CREATE TABLE t (a int); ALTER TABLE t OWNER TO app; ALTER TABLE t ENABLE ROW LEVEL SECURITY;
    CREATE POLICY q ON t AS RESTRICTIVE TO app, "Odd "";Role" USING (a > 0); CREATE POLICY p ON t USING (true)`;
  const { target } = await roundTrip(server, { sql, owner: "app", into: { owner: "reader" } });
  expect(
    await server.query(
      target,
      "SELECT policyname AS name, (SELECT array_agg(r::text ORDER BY r::text) FROM unnest(roles) r) AS roles FROM pg_policies ORDER BY 1",
    ),
  ).toEqual([
    { name: "p", roles: ["public"] },
    { name: "q", roles: ['Odd ";Role', "reader"] },
  ]);
});

test.each(["superuser", "master"] as const)(
  "who owns the database keeps all rights to it, though an extension was made as it, by %s",
  async (login) => {
    const sql = "SET ROLE app; CREATE EXTENSION pgcrypto; CREATE PUBLICATION p";
    const { source, notes, restore } = await roundTrip(server, { sql, owner: "app", login });
    expect([notes, restore.database?.restored]).toEqual([[], true]);
    expect(
      await server.query(
        "postgres",
        `SELECT has_database_privilege('app', oid, 'CREATE') AS may, datacl::text AS acl FROM pg_database WHERE datname = '${source}'`,
      ),
    ).toEqual([{ may: true, acl: null }]);
    expect(await server.query(source, "SELECT pg_get_userbyid(pubowner) AS owner FROM pg_publication")).toEqual([
      { owner: "app" },
    ]);
  },
);
