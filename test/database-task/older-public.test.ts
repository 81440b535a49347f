/** A server as before version 15: the schema public belongs to its first user, and everybody may create there. */
import { type PostgresServer, startPostgres } from "../support/postgres";
import { ROLES, roundTrip } from "./fill-world";

let source: PostgresServer;
let server: PostgresServer;
beforeAll(async () => {
  [source, server] = await Promise.all([startPostgres(), startPostgres()]);
  for (const one of [source, server]) await one.query("postgres", ROLES);
  await server.query("postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS true");
  for (const template of ["template0", "template1"])
    await server.query(template, "ALTER SCHEMA public OWNER TO postgres; GRANT CREATE ON SCHEMA public TO PUBLIC");
  await server.query("postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS false");
});
afterAll(async () => Promise.all([source.stop(), server.stop()]));

test("a login that is no superuser passes objects there to their owners, and passes on what they granted", async () => {
  const sql = `GRANT CREATE ON SCHEMA public TO app; SET ROLE app; CREATE TABLE t (a int); INSERT INTO t VALUES (1); GRANT SELECT ON t TO reader WITH GRANT OPTION;
    SET ROLE reader; GRANT SELECT ON t TO other; SET ROLE app; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; RESET ROLE; REVOKE CREATE ON SCHEMA public FROM app`;
  const { target, notes } = await roundTrip(source, { sql, login: "master", into: { server } });
  expect(notes).toEqual([]);
  expect(
    await server.query(
      target,
      `SELECT pg_get_userbyid(c.relowner) AS owner, c.relacl::text AS acl, pg_get_userbyid(p.proowner) AS of, n.nspacl::text AS public
         FROM pg_class c, pg_proc p, pg_namespace n WHERE c.relname = 't' AND p.proname = 'f' AND n.nspname = 'public'`,
    ),
  ).toEqual([
    {
      owner: "app",
      acl: "{app=arwdDxt/app,reader=r*/app,other=r/reader}",
      of: "app",
      public: "{postgres=UC/postgres,=UC/postgres}",
    },
  ]);
});
