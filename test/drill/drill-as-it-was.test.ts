/** Drills of databases that are whole, though they come back only under their own settings, or not all as they were. */
import { backUp } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { changeBack, furnish, SOURCE, type SmallWorld } from "../crash/small-world";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";
import { atTarget, giveTarget, runDrill, setDrillSettings } from "./drill-runs";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));
setDrillSettings();

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

let databases = 0;
/** The source's database is a new one with this in it. */
const drillOf = async (sql: string, afterwards = "") => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  await changeBack(world);
  await furnish(world);
  await giveTarget(world);
  const name = `drilled_${++databases}`;
  await postgres.query("postgres", `CREATE DATABASE ${name}`);
  await postgres.query(name, sql.replaceAll("DATABASE_NAME", name));
  const { catalog } = world.service.base;
  const { registration } = must(await catalog.getEnvironment(SOURCE));
  const database = { ...registration.database, name };
  await catalog.updateEnvironment(SOURCE, { registration: { ...registration, database } });
  await backUp(world);
  if (afterwards !== "") await postgres.query("postgres", afterwards);
  const { drill } = await runDrill(world);
  expect(await atTarget(world)).toEqual([]);
  return drill;
};
const FILES = `CREATE TABLE "system$filedocument" ("__uuid__" text, hascontents boolean, submetaobjectname text, deleteafterdownload boolean);`;

test.each<[string, string]>([
  [
    "its files are named in a schema of the database's own search path",
    `CREATE SCHEMA app; SET search_path = app; ${FILES} ALTER DATABASE DATABASE_NAME SET search_path = app`,
  ],
  [
    "a materialized view needs that path",
    `${FILES} CREATE SCHEMA app; SET search_path = public, app; CREATE TABLE app.word (w text); INSERT INTO app.word VALUES ('a');
     CREATE FUNCTION words() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM word'; CREATE MATERIALIZED VIEW counted AS SELECT words();
     ALTER DATABASE DATABASE_NAME SET search_path = public, app`,
  ],
  ["a materialized view was never filled", `${FILES} CREATE MATERIALIZED VIEW later AS SELECT 1 AS n WITH NO DATA`],
  [
    "an event trigger speaks up at every change",
    `${FILES} CREATE FUNCTION spoken() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''%'', tg_tag; END';
     CREATE EVENT TRIGGER speak ON ddl_command_end EXECUTE FUNCTION spoken()`,
  ],
  ["it holds nothing but an empty table", FILES],
])("passed, with nothing to note: %s", async (_, sql) => {
  const drill = await drillOf(sql);
  expect(drill).toMatchObject({ outcome: "passed", problems: [], notes: [], closure: { proven: true } });
});

test.each<[string, string, string]>([
  [
    "ConstraintsNotValidated",
    `${FILES} CREATE TABLE term (ends date); INSERT INTO term VALUES ('2000-01-01');
     ALTER TABLE term ADD CONSTRAINT later CHECK (ends > current_date) NOT VALID;
     UPDATE pg_constraint SET convalidated = true WHERE conname = 'later'`,
    "",
  ],
  [
    "ViewsUnfilled",
    `${FILES} CREATE TABLE divisor (n int); INSERT INTO divisor VALUES (1);
     CREATE MATERIALIZED VIEW quotient AS SELECT 1 / n AS q FROM divisor; UPDATE divisor SET n = 0`,
    "",
  ],
])("passed, and says what could not be put back: %s", async (code, sql, afterwards) => {
  const drill = await drillOf(sql, afterwards);
  expect(drill).toMatchObject({ outcome: "passed", problems: [], closure: { proven: true } });
  const [note, ...others] = drill.notes ?? [];
  expect(others).toEqual([]);
  expect(note?.code).toBe(code);
  expect(drill.statusMessage).toContain(`${note?.message} [${code}]`);
});
