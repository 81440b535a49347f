import { type PostgresServer, startPostgres } from "../support/postgres";
import { ROLES, roundTrip, textOf } from "./fill-world";

let server: PostgresServer;
/** Knows master and app, and no reader. */
let elsewhere: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ max_prepared_transactions: "2" });
  await server.query("postgres", ROLES);
  elsewhere = await startPostgres();
  await elsewhere.query("postgres", ROLES);
  await elsewhere.query("postgres", `DROP ROLE reader, "Odd "";Role", other`);
});
afterAll(async () => Promise.all([server.stop(), elsewhere.stop()]));

const LOGINS = ["superuser", "master"] as const;

/** The reported case: `app` owns its table, `reader` may select, and nobody else may call wipe(). */
const OWNERS = `
  GRANT CREATE, USAGE ON SCHEMA public TO app; GRANT USAGE ON SCHEMA public TO reader; SET ROLE app;
  CREATE TABLE documents(id text primary key); INSERT INTO documents VALUES ('o1'); GRANT SELECT ON documents TO reader;
  CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM public.documents';
  REVOKE ALL ON FUNCTION wipe() FROM PUBLIC;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;`;

describe.each(LOGINS)("owners and privileges, restored by %s", (login) => {
  test("01-owners: into the same environment they are as before", async () => {
    const { target, before, notes } = await roundTrip(server, { sql: OWNERS, login });
    expect(textOf(server, target)).toBe(before);
    expect(notes).toEqual([]);
    const app = { user: "app", password: "app" };
    const reader = { user: "reader", password: "reader" };
    expect(await server.query(target, "SELECT id FROM documents", undefined, reader)).toEqual([{ id: "o1" }]);
    await expect(server.query(target, "SELECT wipe()", undefined, reader)).rejects.toThrow(/permission denied/);
    await server.query(target, "CREATE TABLE later (a int)", undefined, app);
    await server.query(target, "SELECT * FROM later", undefined, reader);
    await server.query(target, "SELECT wipe()", undefined, app);
  });
  test("01-owners: where reader is missing its grants are left out, and wipe() stays closed", async () => {
    const { target, notes } = await roundTrip(server, { sql: OWNERS, login, into: { server: elsewhere } });
    const app = { user: "app", password: "app" };
    expect(notes).toEqual([{ code: "GrantsLeftOut", message: expect.stringContaining("(reader)") }]);
    expect(await elsewhere.query(target, "SELECT proacl::text AS acl FROM pg_proc WHERE proname = 'wipe'")).toEqual([
      { acl: "{app=X/app}" },
    ]);
    expect(await elsewhere.query(target, "SELECT id FROM documents", undefined, app)).toEqual([{ id: "o1" }]);
    await elsewhere.query("postgres", "CREATE ROLE nobody LOGIN PASSWORD 'nobody'");
    await expect(
      elsewhere.query(target, "SELECT wipe()", undefined, { user: "nobody", password: "nobody" }),
    ).rejects.toThrow(/permission denied/);
    await elsewhere.query("postgres", "DROP ROLE nobody");
  });
  test("every kind of object that has an owner, in a schema where that one may create nothing any more", async () => {
    const sql = `
      CREATE SCHEMA closed AUTHORIZATION other; GRANT USAGE ON SCHEMA closed TO reader; GRANT CREATE, USAGE ON SCHEMA closed, public TO app;
      GRANT CREATE ON DATABASE SOURCE TO app;
      SET ROLE app; SET search_path TO closed;
      CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n serial, a text, b text, UNIQUE (a));
      INSERT INTO t (a, b) VALUES ('x', 'y');
      CREATE TABLE parted (id int, k text) PARTITION BY LIST (k); CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
      CREATE TABLE child () INHERITS (t); INSERT INTO parted VALUES (1, 'a');
      ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES t (a) NOT VALID;
      CREATE VIEW v AS SELECT * FROM t; CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t; CREATE INDEX ON m (count);
      CREATE SEQUENCE s; CREATE TYPE e AS ENUM ('a'); CREATE TYPE c AS (a int); CREATE TYPE r AS RANGE (SUBTYPE = int4);
      CREATE DOMAIN d AS int CHECK (VALUE > 0);
      CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1'; CREATE PROCEDURE p() LANGUAGE sql AS '';
      CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);
      CREATE FUNCTION eq(c, c) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
      CREATE OPERATOR === (LEFTARG = c, RIGHTARG = c, FUNCTION = eq);
      CREATE COLLATION german FROM "C"; CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
      CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = simple); CREATE TEXT SEARCH CONFIGURATION search (COPY = simple);
      CREATE STATISTICS st ON a, b FROM t; CREATE RULE nothing AS ON DELETE TO v DO INSTEAD NOTHING;
      CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
      ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON t TO reader USING (true);
      CREATE CAST (c AS text) WITH INOUT; CREATE PUBLICATION pub FOR TABLE t;
      SELECT lo_from_bytea(4711, 'abc'); GRANT SELECT ON LARGE OBJECT 4711 TO reader; COMMENT ON LARGE OBJECT 4711 IS 'l';
      GRANT USAGE ON TYPE e TO reader; REVOKE USAGE ON TYPE d FROM PUBLIC; GRANT UPDATE (b) ON t TO reader WITH GRANT OPTION;
      GRANT USAGE ON SEQUENCE s TO "Odd "";Role"; REVOKE TRUNCATE ON t FROM app; GRANT EXECUTE ON PROCEDURE p() TO reader;
      SET ROLE reader; GRANT UPDATE (b) ON t TO "Odd "";Role"; SET ROLE app;
      COMMENT ON COLUMN t.a IS 'a'; COMMENT ON CONSTRAINT d_check ON DOMAIN d IS 'positive';
      ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO reader;
      RESET ROLE; REVOKE CREATE ON SCHEMA closed, public FROM app; REVOKE CREATE ON DATABASE SOURCE FROM app;
      CREATE SCHEMA mine AUTHORIZATION app; ALTER DEFAULT PRIVILEGES FOR ROLE other IN SCHEMA mine GRANT ALL ON TABLES TO app;
      ALTER SCHEMA public OWNER TO other; REVOKE ALL ON SCHEMA public FROM PUBLIC;`;
    const { target, before, notes } = await roundTrip(server, { sql, login });
    expect(textOf(server, target)).toBe(before);
    expect(notes).toEqual([]);
  });
});
