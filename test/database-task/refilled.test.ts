import { type PostgresServer, startPostgres } from "../support/postgres";
import { codes, ROLES, roundTrip, textOf } from "./fill-world";

/** What depends on a search path, on the time or on other rows, and so can't be made as pg_restore would. */
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", ROLES);
});
afterAll(async () => server.stop());

const rows = async (database: string, sql: string) => server.query(database, sql);

describe.each(["superuser", "master"] as const)("materialized views, restored by %s", (login) => {
  test("02-view: one over a query in a text is filled under the database's own search path", async () => {
    const sql = `GRANT CREATE ON SCHEMA public TO app; SET ROLE app;
      CREATE TABLE documents(id text primary key, body tsvector); INSERT INTO documents VALUES ('o1','a b');
      CREATE MATERIALIZED VIEW words AS SELECT word FROM ts_stat('SELECT body FROM documents');
      CREATE UNIQUE INDEX ON words (word);`;
    const { target, before, notes } = await roundTrip(server, { sql, login });
    expect(await rows(target, "SELECT word FROM words ORDER BY 1")).toEqual([{ word: "a" }, { word: "b" }]);
    expect(textOf(server, target)).toBe(before);
    expect(notes).toEqual([]);
  });
  test("under the path that the database sets, the owner's role there, or the owner's own name", async () => {
    const sql = `CREATE SCHEMA first AUTHORIZATION app; CREATE SCHEMA second AUTHORIZATION app; CREATE SCHEMA app AUTHORIZATION app;
      CREATE SCHEMA other AUTHORIZATION other;
      CREATE TABLE first.t AS SELECT 1 AS a; CREATE TABLE second.t AS SELECT 2 AS a; CREATE TABLE app.t AS SELECT 3 AS a; CREATE TABLE other.t AS SELECT 4 AS a;
      ALTER TABLE first.t OWNER TO app; ALTER TABLE second.t OWNER TO app; ALTER TABLE other.t OWNER TO other; ALTER TABLE app.t OWNER TO app;
      CREATE FUNCTION public.look() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT a FROM t); END';
      CREATE FUNCTION public.label() RETURNS text LANGUAGE sql AS $$ SELECT current_setting('application_name') $$;
      ALTER FUNCTION public.look() OWNER TO app; ALTER FUNCTION public.label() OWNER TO app;
      SET search_path = second;
      CREATE MATERIALIZED VIEW app.of_role AS SELECT public.look(), public.label(); ALTER MATERIALIZED VIEW app.of_role OWNER TO app;
      SET search_path = other;
      CREATE MATERIALIZED VIEW other.of_name AS SELECT public.look(); ALTER MATERIALIZED VIEW other.of_name OWNER TO other;
      SET search_path = first; CREATE MATERIALIZED VIEW app.of_database AS SELECT public.look(); ALTER MATERIALIZED VIEW app.of_database OWNER TO master; GRANT USAGE ON SCHEMA first TO master; GRANT SELECT ON first.t TO master;
      ALTER DATABASE SOURCE SET search_path = first; ALTER ROLE app IN DATABASE SOURCE SET search_path = second; ALTER ROLE other IN DATABASE SOURCE SET search_path = "$user";
      ALTER DATABASE SOURCE SET application_name = 'labelled'`;
    const { target, notes } = await roundTrip(server, { sql: `SET application_name = 'labelled'; ${sql}`, login });
    expect(notes).toEqual([]);
    expect(await rows(target, "SELECT * FROM app.of_role, other.of_name n, app.of_database d")).toMatchObject([
      { label: "labelled" },
    ]);
    expect(
      await rows(
        target,
        "SELECT r.look AS r, n.look AS n, d.look AS d FROM app.of_role r, other.of_name n, app.of_database d",
      ),
    ).toEqual([{ r: 2, n: 4, d: 1 }]);
  });
  test("one that can't be filled any more stays unfilled, and so do those that read it; the others are filled", async () => {
    const sql = `GRANT CREATE ON SCHEMA public TO app; SET ROLE app;
      CREATE FUNCTION once() RETURNS int LANGUAGE sql AS $$ SELECT current_setting('gone.setting')::int $$; SET gone.setting = '7';
      CREATE MATERIALIZED VIEW a AS SELECT once() AS n; CREATE MATERIALIZED VIEW b AS SELECT n FROM a;
      CREATE MATERIALIZED VIEW c AS SELECT 3 AS n; CREATE MATERIALIZED VIEW never AS SELECT 4 AS n WITH NO DATA;
      CREATE UNIQUE INDEX ON a (n); COMMENT ON MATERIALIZED VIEW a IS 'a'; GRANT SELECT ON a TO reader`;
    const { target, notes } = await roundTrip(server, { sql, login });
    expect(notes).toEqual([
      { code: "ViewsUnfilled", message: expect.stringMatching(/public\.a: .*gone\.setting.*public\.b: /) },
    ]);
    expect(
      await rows(target, "SELECT relname, relispopulated AS filled FROM pg_class WHERE relkind = 'm' ORDER BY 1"),
    ).toEqual([
      { relname: "a", filled: false },
      { relname: "b", filled: false },
      { relname: "c", filled: true },
      { relname: "never", filled: false },
    ]);
  });
  test("views of views, over row security and partitions, and with indexes, are as before", async () => {
    const sql = `GRANT CREATE ON SCHEMA public TO app; SET ROLE app;
      CREATE TABLE t (a int, who text); INSERT INTO t VALUES (1, 'app'), (2, 'other'); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
      CREATE POLICY p ON t USING (who = 'app');
      CREATE MATERIALIZED VIEW z AS SELECT * FROM t; CREATE MATERIALIZED VIEW y AS SELECT count(*) FROM z; CREATE MATERIALIZED VIEW x AS SELECT count FROM y;
      CREATE VIEW between AS SELECT count + 1 AS n FROM x; CREATE MATERIALIZED VIEW w AS SELECT n FROM between; CREATE INDEX ON w (n);`;
    const { target, before, notes } = await roundTrip(server, { sql, login });
    expect(notes).toEqual([]);
    expect(textOf(server, target)).toBe(before);
    expect(await rows(target, "SELECT n, (SELECT count(*)::int FROM z) AS z FROM w")).toEqual([{ n: "3", z: 2 }]);
  });
});

describe.each(["superuser", "master"] as const)("constraints, restored by %s", (login) => {
  const validated = async (database: string) =>
    rows(
      database,
      `SELECT coalesce(conrelid::regclass::text, '') AS t, conname, convalidated AS ok, conislocal AS local, coninhcount AS inherited
         FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY t, conname`,
    );
  test("whose rows pass only under the source's path are back, and valid", async () => {
    const sql = `GRANT CREATE ON SCHEMA public TO app; SET ROLE app;
      CREATE TABLE kinds (k text PRIMARY KEY); INSERT INTO kinds VALUES ('a');
      CREATE FUNCTION known(text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM kinds WHERE k = $1)';
      CREATE FUNCTION sized(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN (SELECT count(*) FROM kinds) > 0; END';
      CREATE DOMAIN kind AS text CONSTRAINT is_known CHECK (known(VALUE)); COMMENT ON CONSTRAINT is_known ON DOMAIN kind IS 'known';
      CREATE TABLE thing (k text CONSTRAINT k_known CHECK (known(k)), d kind, at timestamptz DEFAULT now() CHECK (at <= now()), y text CHECK (y::date > '2000-01-01'));
      COMMENT ON CONSTRAINT k_known ON thing IS 'it''s known';
      CREATE TABLE child (x int, CONSTRAINT own CHECK (sized(x::text))) INHERITS (thing);
      CREATE TABLE merged (k text CONSTRAINT k_known CHECK (known(k))) INHERITS (thing);
      CREATE TABLE parted (k text, at date, CONSTRAINT p CHECK (known(k))) PARTITION BY RANGE (at);
      CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
      ALTER TABLE parted_1 ADD CONSTRAINT only_here CHECK (sized(k)) NO INHERIT;
      CREATE TABLE aa_early (k kind CHECK (known(k)), CHECK (known(k)) NO INHERIT); INSERT INTO aa_early VALUES ('a');
      INSERT INTO thing VALUES ('a', 'a', now(), '2020-01-01'); INSERT INTO child VALUES ('a', 'a', now(), '2020-01-01', 1); INSERT INTO merged VALUES ('a', 'a'); INSERT INTO parted VALUES ('a', '2020-02-02')`;
    const source = await roundTrip(server, { sql, login });
    expect(source.notes).toEqual([]);
    expect(textOf(server, source.target)).toBe(source.before);
    const found = await validated(source.target);
    expect(found.filter(({ ok }) => ok !== true)).toEqual([]);
    expect(found.find(({ t, conname }) => t === "merged" && conname === "k_known")).toMatchObject({
      local: true,
      inherited: 1,
    });
    expect(found.find(({ t, conname }) => t === "child" && conname === "k_known")).toMatchObject({
      local: false,
      inherited: 1,
    });
  });
  test("that the rows pass no longer are back without a promise, and say so; rows are all there", async () => {
    const sql = `GRANT CREATE ON SCHEMA public TO app; SET ROLE app;
      CREATE FUNCTION recent(timestamptz) RETURNS boolean LANGUAGE sql AS $$ SELECT coalesce(current_setting('my.test', true), '') = 'on' $$;
      CREATE DOMAIN fresh AS timestamptz CHECK (recent(VALUE)); SET my.test = 'on';
      CREATE TABLE offer (ends timestamptz CONSTRAINT running CHECK (recent(ends)), n int CHECK (n > 0), f fresh); INSERT INTO offer VALUES (now(), 1, now());
      CREATE TABLE whole (a int); INSERT INTO whole VALUES (1); CREATE FUNCTION ok(whole) RETURNS boolean LANGUAGE sql AS $$ SELECT coalesce(current_setting('my.test', true), '') = 'on' $$;
      ALTER TABLE whole ADD CONSTRAINT row_ok CHECK (ok(whole.*));`;
    const { target, notes } = await roundTrip(server, { sql, login });
    expect(codes(notes)).toEqual(["ConstraintsNotValidated"]);
    expect(notes[0]?.message).toMatch(/fresh_check of public\.fresh: .*running of public\.offer: /);
    expect(notes[0]?.message).toMatch(/row_ok/);
    expect(await rows(target, "SELECT n FROM offer, whole")).toEqual([{ n: 1 }]);
    expect(await validated(target)).toEqual([
      expect.objectContaining({ conname: "fresh_check", ok: false }),
      expect.objectContaining({ t: "offer", conname: "offer_n_check", ok: true }),
      expect.objectContaining({ t: "offer", conname: "running", ok: false }),
      expect.objectContaining({ t: "whole", conname: "row_ok", ok: false }),
    ]);
  });
  test("indexes, generated columns, exclusion and partitions that need the path are made under it", async () => {
    const sql = `GRANT CREATE ON SCHEMA public TO app; SET ROLE app;
      CREATE FUNCTION plain(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
      CREATE FUNCTION twice(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN plain($1) * 2; END';
      CREATE TABLE g (a int, b int GENERATED ALWAYS AS (twice(a)) STORED, EXCLUDE USING btree ((twice(a)) WITH =)); INSERT INTO g VALUES (1), (2);
      CREATE INDEX by_twice ON g (twice(a)) WHERE twice(a) > 1; CREATE UNIQUE INDEX one ON g (twice(a)); ALTER TABLE g CLUSTER ON one; COMMENT ON INDEX one IS 'one';
      CREATE STATISTICS st ON twice(a), a FROM g;
      CREATE TABLE parted (a int) PARTITION BY RANGE (twice(a)); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100); INSERT INTO parted VALUES (3);
      CREATE INDEX ON parted (twice(a));
      CREATE TABLE d (a int DEFAULT twice(1)); CREATE RULE r AS ON UPDATE TO d DO ALSO SELECT twice(1); CREATE VIEW v AS SELECT twice(a) FROM g;
      CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.a = twice(NEW.a); RETURN NEW; END'; CREATE TRIGGER tr BEFORE INSERT ON d FOR EACH ROW EXECUTE FUNCTION tf(); INSERT INTO d VALUES (4)`;
    const { target, before, notes } = await roundTrip(server, { sql, login });
    expect(notes).toEqual([]);
    expect(textOf(server, target)).toBe(before);
  });
});

test("an event trigger that would stop everything comes last", async () => {
  const sql = `CREATE TABLE t (a int CHECK (a::text <> now()::text)); INSERT INTO t VALUES (1); CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
    CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
    CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION no(); COMMENT ON EVENT TRIGGER e IS 'stops all'; ALTER EVENT TRIGGER e ENABLE ALWAYS`;
  const { target, before, notes } = await roundTrip(server, { sql });
  expect(notes).toEqual([]);
  expect(textOf(server, target)).toBe(before);
});
