import { type PostgresServer, startPostgres } from "../support/postgres";
import { openDump } from "../../lambda/dump/edit-head";
import { isAcl } from "../../lambda/dump/target-roles";
import { writeToc } from "../../lambda/dump/toc";
import { fillDatabase } from "../../lambda/database-task/fill-database";
import { readDump, storeDump } from "../../lambda/pack/dump-segment";
import { ObjectUpload } from "../../lambda/storage/object-upload";
import { findTools } from "../../lambda/database-task/client-programs";
import { PRIMARY_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import { backedUp, ROLES, roundTrip, textOf } from "./fill-world";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", ROLES);
});
afterAll(async () => server.stop());

test("a dump without privileges, as they were taken before: owners come back where their roles exist", async () => {
  const sql = `GRANT CREATE ON SCHEMA public TO app; SET ROLE app; CREATE TABLE t (a int); INSERT INTO t VALUES (1); GRANT SELECT ON t TO reader;
    CREATE TABLE theirs (a int); RESET ROLE; ALTER TABLE theirs OWNER TO other`;
  const { on, source } = await backedUp(server, { sql });
  const attempt = must((await on.catalog.getAttempt("attempt-1"))?.dump);
  const dump = must(attempt.database);
  const { toc, data } = await openDump(readDump(on.store, PRIMARY_BUCKET, dump));
  async function* without(): AsyncGenerator<Uint8Array> {
    yield writeToc({ ...toc, entries: toc.entries.filter((entry) => !isAcl(entry)) });
    yield* data;
  }
  const stored = await storeDump(without(), new ObjectUpload(on.store, { bucket: PRIMARY_BUCKET, key: "older" }));
  await server.query("postgres", "CREATE DATABASE filled OWNER master");
  const tools = await findTools({ directory: server.programsPattern, majors: [server.major] }, server.major, "15");
  const login = {
    host: server.host,
    port: server.port,
    user: server.user,
    password: server.password,
    ssl: "disable" as const,
    database: source,
  };
  const copy = { store: on.store, ref: { bucket: PRIMARY_BUCKET, key: stored.key, versionId: stored.versionId } };
  const order = { tools, login, database: "filled", settings: [] };
  const notes = await fillDatabase(
    copy,
    { ...dump, ...stored, privileges: false },
    order,
    new AbortController().signal,
  );
  expect(notes).toEqual([]);
  expect(
    await server.query(
      "filled",
      "SELECT relname, pg_get_userbyid(relowner) AS owner, relacl::text AS acl FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
    ),
  ).toEqual([
    { relname: "t", owner: "app", acl: null },
    { relname: "theirs", owner: "other", acl: null },
  ]);
});

test("names in another encoding than UTF-8 are the same names", async () => {
  await server.query("postgres", `CREATE ROLE "Bücher" LOGIN; CREATE ROLE "für"; GRANT "Bücher" TO master`);
  await server.query(
    "postgres",
    `CREATE DATABASE latin OWNER "Bücher" ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`,
  );
  // Role names are bytes, which each database reads in its own encoding.
  const seen = (name: string): string => Buffer.from(name).toString("latin1");
  const [books, before] = [seen("Bücher"), seen("für")];
  const sql = `CREATE SCHEMA "Räume" AUTHORIZATION "${before}"; SET ROLE "${before}"; CREATE TABLE "Räume"."Tür" ("ä" text); INSERT INTO "Räume"."Tür" VALUES ('ö');
    GRANT SELECT ("ä") ON "Räume"."Tür" TO "${books}" WITH GRANT OPTION; CREATE MATERIALIZED VIEW "Räume"."Übersicht" AS SELECT * FROM "Räume"."Tür";
    CREATE TABLE "Räume"."später" (a timestamptz CONSTRAINT "prüfe" CHECK (a <= now())); INSERT INTO "Räume"."später" VALUES (now());
    GRANT USAGE ON SCHEMA "Räume" TO "${books}"; SET ROLE "${books}"; GRANT SELECT ("ä") ON "Räume"."Tür" TO reader`;
  const trip = await roundTrip(server, { sql, database: "latin" });
  expect(trip.notes).toEqual([]);
  expect(textOf(server, trip.target)).toBe(trip.before);
});
