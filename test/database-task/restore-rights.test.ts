/** What a backup's login lacks for a restore is told the night it is taken; an ordinary app's backup tells nothing. */
import { mkdtempSync, chmodSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../support/must";
import { startPostgres, type PostgresServer } from "../support/postgres";
import { createRoles, createSample } from "./sample-database";
import { beginAttempt, registerEnvironment, run, scenario } from "./scenario";

let server: PostgresServer;
let number = 0;
const place = mkdtempSync(join(tmpdir(), "tablespace-"));
beforeAll(async () => {
  server = await startPostgres();
  await createRoles(server);
  await server.query(
    "postgres",
    "CREATE ROLE app LOGIN PASSWORD 'app'; CREATE ROLE reader; CREATE ROLE master LOGIN CREATEDB PASSWORD 'master'; CREATE ROLE small LOGIN PASSWORD 'small'",
  );
  chmodSync(place, 0o755);
  if (process.getuid?.() === 0) execFileSync("chown", ["postgres", place]);
  await server.query("postgres", `CREATE TABLESPACE fast LOCATION '${place}'`);
});
afterAll(async () => {
  await server.stop();
  rmSync(place, { recursive: true, force: true });
});

const database = async (owner: string, sql: string): Promise<string> => {
  const name = `rights${++number}`;
  await server.query("postgres", `CREATE DATABASE ${name} OWNER ${owner}`);
  await server.query(
    name,
    `CREATE TABLE file (uuid text); ALTER TABLE file OWNER TO ${owner}; GRANT SELECT ON file TO PUBLIC; ${sql}`,
  );
  return name;
};
/** What a backup notes and warns of. */
const backedUp = async (name: string, user: string) => {
  const on = scenario(server);
  on.secrets.set(user, { username: user, password: user === "app_owner" ? "owner password" : user });
  if (user === server.user) on.secrets.set(user, { username: user, password: server.password });
  await registerEnvironment(on, "env", name, {
    database: { secret: user },
    files: { source: { kind: "reference-query", query: "SELECT uuid FROM file" } },
  });
  await run(on, "dump", ...(await beginAttempt(on, "env")));
  const dump = must((await on.catalog.getAttempt("attempt-1"))?.dump ?? undefined);
  return {
    entry: must(dump.database ?? undefined),
    warnings: dump.warnings.map(({ code, message }) => `${code}: ${message}`),
  };
};
const OWNERS_SQL = `GRANT CREATE, USAGE ON SCHEMA public TO app; SET ROLE app;
  CREATE TABLE documents (id text primary key); GRANT SELECT ON documents TO reader, master;
  CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM public.documents';
  REVOKE ALL ON FUNCTION wipe() FROM PUBLIC; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader, master; RESET ROLE;`;

test("an ordinary app's own login is warned of nothing, and grants to others are noted", async () => {
  await createSample(server, "ordinary");
  await server.query("ordinary", `GRANT SELECT ON customer TO reader; CREATE EXTENSION pg_trgm`);
  const { entry, warnings } = await backedUp("ordinary", "app_owner");
  expect(warnings.filter((one) => !one.startsWith("ExtensionBeyondDefault"))).toEqual([]);
  expect(entry).toMatchObject({
    privileges: true,
    roles: ["App Reader", "app_owner", "reader"],
    tablespaces: [],
    needsSuperuser: [],
    head: { rawLength: expect.any(Number) },
  });
});

test("01-owners: a superuser lacks nothing; a master that is no member of the app's role is told which to be granted", async () => {
  const name = await database("master", OWNERS_SQL);
  const { entry, warnings } = await backedUp(name, server.user);
  expect(warnings).toEqual([]);
  expect(entry.roles).toEqual(["app", "master", "reader"]);
  const asMaster = await backedUp(name, "master");
  expect(asMaster.warnings).toEqual([
    `RestoreNeedsRights: After a restore into its own environment what belongs to "app" would belong to the database's owner, because "master" is no member of such a role: grant it the role.`,
  ]);
  await server.query("postgres", "GRANT app TO master");
  expect((await backedUp(name, "master")).warnings).toEqual([]);
  await server.query("postgres", "REVOKE app FROM master");
});

test("a login that only reads may not create databases and is no owner", async () => {
  const { warnings } = await backedUp(await database("app", ""), "small");
  expect(warnings).toEqual([
    expect.stringMatching(/^RestoreNeedsRights: .*"small" may not create databases: give it CREATEDB\.$/),
    expect.stringMatching(/^RestoreNeedsRights: .*"small" is no member of "app"/),
  ]);
});

test("05-tablespace: noted; warned of only where the login may create nothing there", async () => {
  const name = await database(
    "master",
    "GRANT CREATE ON SCHEMA public TO master; CREATE TABLE big (a int) TABLESPACE fast; ALTER TABLE big OWNER TO master",
  );
  const { entry, warnings } = await backedUp(name, "master");
  expect(entry.tablespaces).toEqual(["fast"]);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^RestoreNeedsRights: .*what lies in the tablespace "fast" would lie in the database's default one.*"master" may create nothing there: grant it CREATE/,
    ),
  ]);
  await server.query("postgres", "GRANT CREATE ON TABLESPACE fast TO master");
  expect((await backedUp(name, "master")).warnings).toEqual([]);
  expect((await backedUp(await database("master", ""), "master")).entry.tablespaces).toEqual([]);
});

test.each([
  [
    "06-extension",
    "CREATE EXTENSION pg_stat_statements; GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC",
    "the extension pg_stat_statements",
  ],
  [
    "a publication of everything",
    "CREATE PUBLICATION p FOR ALL TABLES; ALTER PUBLICATION p OWNER TO postgres",
    "the publication of all tables p",
  ],
  [
    "a setting of a function",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET log_min_duration_statement = '10' AS 'SELECT 1'; ALTER FUNCTION f() OWNER TO master",
    "the setting log_min_duration_statement of the function f",
  ],
])("%s needs a superuser, and is told where the login is none", async (_name, sql, what) => {
  const name = await database("master", sql);
  const { entry, warnings } = await backedUp(name, "master");
  expect(entry.needsSuperuser).toEqual([what]);
  expect(warnings.join("\n")).toContain(
    `only a superuser can make ${what}, and "master" is none: register a login that is one`,
  );
  expect((await backedUp(name, server.user)).warnings.filter((one) => one.startsWith("RestoreNeedsRights"))).toEqual(
    [],
  );
});

test("options of user mappings that the login may not see are told as missing; its own, and those without any, are not", async () => {
  const name = await database(
    "master",
    `CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; GRANT USAGE ON FOREIGN SERVER far TO master;
     CREATE USER MAPPING FOR reader SERVER far OPTIONS (password 'secret'); CREATE USER MAPPING FOR master SERVER far`,
  );
  const { warnings } = await backedUp(name, "master");
  expect(warnings.filter((one) => one.startsWith("UserMappingsHidden"))).toEqual([
    `UserMappingsHidden: The options of the user mapping reader at far are hidden from "master" and aren't in the backup: register a superuser, or set them again after a restore.`,
  ]);
  expect((await backedUp(name, server.user)).warnings.join("\n")).not.toContain("UserMappingsHidden");
});
