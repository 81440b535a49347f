/**
 * One database with every kind of object that PostgreSQL 15 has goes round: into itself, to another server with the same
 * roles, to one that lacks roles, and through a download and an upload. It is compared in full; `may-differ.ts` says what
 * may differ.
 */
import { parseToc } from "../../lambda/dump/toc";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { differences, program, stateOf, type DatabaseState } from "./compare";
import { DUMP_KINDS, WITHOUT_EXAMPLE } from "./dump-kinds";
import { createEveryObject, rolesSql } from "./every-object";
import { FILES, filesBelow, putFiles } from "./files";
import {
  addEnvironment,
  downloadAndUpload,
  restoreInto,
  roundTripWorld,
  SOURCE,
  takeSnapshot,
  type RoundTripWorld,
} from "./round-trip-world";
import { elsewhere, published, withoutRoles } from "./expected";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

const DATABASE = "every object";
const QUERY = "SELECT key FROM app.files";
const SAME_ROLES = "shop-acceptance";
const MISSING_ROLES = "shop-test";
/** Not at the third server. */
const MISSING = ["rt_reader", "rt_app"];

let home: PostgresServer;
let away: PostgresServer;
let bare: PostgresServer;
let world: RoundTripWorld;
let snapshotId: string;
let before: DatabaseState;
let files: Record<string, unknown>;

beforeAll(async () => {
  [home, away, bare] = await Promise.all([startPostgres(), startPostgres(), startPostgres()]);
  await home.query("postgres", rolesSql());
  await away.query("postgres", rolesSql());
  await bare.query("postgres", rolesSql(MISSING));
  await createEveryObject(home, DATABASE);
  for (const { key } of FILES) await home.query(DATABASE, "INSERT INTO app.files VALUES ($1)", [key]);
  before = await stateOf(home, DATABASE);
  world = await roundTripWorld({ server: home, database: DATABASE }, QUERY);
  for (const [environmentId, server] of [
    [SAME_ROLES, away],
    [MISSING_ROLES, bare],
  ] as const) {
    await server.query("postgres", `CREATE DATABASE "${environmentId}" OWNER rt_owner TEMPLATE template0`);
    await addEnvironment(world, environmentId, { server, database: environmentId }, QUERY);
  }
  await putFiles(world.service.store, `${SOURCE}/`);
  files = await filesBelow(world.service.store, `${SOURCE}/`);
  // What stood there goes; the other target's database is as it was created.
  await away.query(SAME_ROLES, "CREATE SCHEMA app; CREATE TABLE app.files (key text)");
  snapshotId = await takeSnapshot(world);
}, 120_000);
afterAll(async () => {
  await Promise.all([home, away, bare].map((server) => server?.stop()));
});

test("every kind of entry that a dump can have has an example, and no other kind is known to PostgreSQL", () => {
  const found = new Set(parseToc(program(home, "pg_dump", ["-Fc", DATABASE])).entries.map(({ kind }) => kind ?? ""));
  const expected = DUMP_KINDS.filter((kind) => WITHOUT_EXAMPLE[kind] === undefined);
  expect([...found].toSorted()).toEqual(expected.toSorted());
});

test("PostgreSQL's own programs give the database back, and nothing differs", async () => {
  const dump = program(home, "pg_dump", ["-Fc", DATABASE]);
  program(away, "pg_restore", ["-C", "-e", "-d", "postgres"], dump);
  expect(differences(before, await stateOf(away, DATABASE))).toEqual([]);
}, 60_000);

test("restored into itself, it is the same", async () => {
  await restoreInto(world, snapshotId, SOURCE);
  expect(await filesBelow(world.service.store, `${SOURCE}/`)).toEqual(files);
  expect(differences(before, await stateOf(home, DATABASE))).toEqual([]);
}, 60_000);

test("restored to another server with the same roles, it is the same", async () => {
  const expected = elsewhere(before, await stateOf(away, SAME_ROLES));
  await restoreInto(world, snapshotId, SAME_ROLES);
  expect(await filesBelow(world.service.store, `${SAME_ROLES}/`)).toEqual(files);
  expect(differences(expected, await stateOf(away, SAME_ROLES))).toEqual([]);
}, 60_000);

test("restored to a server that lacks roles, the rest is the same, and nobody may do more than before", async () => {
  const expected = withoutRoles(elsewhere(before, await stateOf(bare, MISSING_ROLES)), MISSING, "rt_owner");
  await restoreInto(world, snapshotId, MISSING_ROLES);
  expect(await filesBelow(world.service.store, `${MISSING_ROLES}/`)).toEqual(files);
  expect(differences(expected, { ...(await stateOf(bare, MISSING_ROLES)), text: [] })).toEqual([]);
}, 60_000);

test("downloaded, uploaded and restored, everything is the same and its owner's whose database it is", async () => {
  const owned = await ownedObjects();
  expect(owned.length).toBeGreaterThan(20);
  const uploaded = await downloadAndUpload(world, snapshotId);
  await restoreInto(world, uploaded, SOURCE);
  expect(await filesBelow(world.service.store, `${SOURCE}/`)).toEqual(files);
  expect(differences(published(before), published(await stateOf(home, DATABASE)))).toEqual([]);
  // What the superuser had made is the app's now, too.
  const ownedNow = await ownedObjects();
  expect(new Set(ownedNow.map(([, owner]) => owner))).toEqual(new Set(["rt_owner"]));
  const names = new Set(ownedNow.map(([object]) => object));
  expect(owned.map(([object]) => object).filter((object) => !names.has(object))).toEqual([]);
}, 60_000);

/** What an app's role owns, by object; what belongs to the superuser isn't there. */
const ownedObjects = async (): Promise<string[][]> => {
  const rows = await home.query(
    DATABASE,
    `SELECT i.type || ' ' || i.identity AS object, pg_get_userbyid(d.refobjid) AS owner
       FROM pg_shdepend d, pg_identify_object(d.classid, d.objid, d.objsubid) i
      WHERE d.deptype = 'o' AND d.classid NOT IN ('pg_user_mapping'::regclass, 'pg_default_acl'::regclass) AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      ORDER BY 1`,
  );
  return rows.map(({ object, owner }) => [object as string, owner as string]);
};
