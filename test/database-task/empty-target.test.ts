/** A target whose database lacks what the reference query asks for has no old files, and is restored all the same. */
import { notesOf } from "../../lambda/restore/restore-notes";
import { FILES_BUCKET } from "../support/collaborators";
import { type PostgresServer, startPostgres } from "../support/postgres";
import {
  beginRestore,
  planRemoval,
  registerEnvironment,
  run,
  runFailing,
  scenario,
  sentence,
  takeSnapshot,
  type Scenario,
} from "./scenario";

let server: PostgresServer;
let on: Scenario;
let number = 0;
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", "CREATE DATABASE source");
  await server.query(
    "source",
    "CREATE TABLE file (uuid text, hascontents boolean); CREATE TABLE who AS SELECT 'source' AS me",
  );
  on = scenario(server);
  await registerEnvironment(on, "source-env", "source");
  await takeSnapshot(on, "source-env");
});
afterAll(async () => server.stop());

const target = async (content: string, query?: string): Promise<{ restoreId: string; name: string }> => {
  number += 1;
  const name = `target_${number}`;
  const restoreId = `restore-${number}`;
  await server.query("postgres", `CREATE DATABASE ${name}`);
  if (content !== "") await server.query(name, content);
  const files = query === undefined ? {} : { files: { source: { kind: "reference-query" as const, query } } };
  await registerEnvironment(on, `target-${number}`, name, files);
  await beginRestore(on, "source-env", `target-${number}`, { restoreId });
  await on.store.put({ bucket: FILES_BUCKET, key: `target-${number}/there`, body: Buffer.from("there") });
  return { restoreId, name };
};

test.each([
  ["case 09-empty-target: a database that holds nothing", "", undefined, /relation "file" does not exist/],
  ["an attacker has dropped the table alone", "CREATE TABLE other ()", undefined, /relation "file" does not exist/],
  ["a table of that name with other columns", "CREATE TABLE file (id int)", undefined, /column "\w+" does not exist/],
  ["a schema that is missing", "", "SELECT uuid FROM app.file", /relation "app.file" does not exist/],
  ["a function that is missing", "", "SELECT app_files()::text", /function app_files\(\) does not exist/],
  ["a type that is missing", "", "SELECT 'a'::file_key::text", /type "file_key" does not exist/],
  ["a function in a schema that is missing", "", "SELECT app.files()::text", /schema "app" does not exist/],
])("%s: no old files, told in the plan and in the result", async (_what, content, query, reason) => {
  const { restoreId, name } = await target(content, query);
  await run(on, "preflight", restoreId);
  expect((await on.catalog.getRestore(restoreId))?.preflight?.noOldFiles).toMatch(reason);
  await run(on, "restore", restoreId);
  const restore = await on.catalog.getRestore(restoreId);
  expect(restore?.database).toMatchObject({ oldList: [], noOldFiles: expect.stringMatching(reason) as string });
  expect(notesOf({ database: restore?.database ?? null })).toMatchObject([{ code: "NoOldFiles" }]);
  await planRemoval(on, restoreId, []);
  await run(on, "swap", restoreId);
  expect(await server.query(name, "SELECT me FROM who")).toEqual([{ me: "source" }]);
  expect((await on.store.list(FILES_BUCKET, { prefix: `target-${number}/` })).objects).toHaveLength(1);
});

test.each([
  [
    "a table that may not be read",
    "CREATE TABLE file (uuid text, hascontents boolean); INSERT INTO file VALUES ('a', true)",
    "SELECT 1/0 || uuid FROM file",
    /division by zero|operator/,
  ],
  ["a query that is none", "", "SELEKT", /syntax error/],
  ["a query of three columns", "", "SELECT 'a', 'b', 'c'", /3 columns/],
])("%s is a failure, as before", async (_what, content, query, reason) => {
  const { restoreId } = await target(content, query);
  await runFailing(on, "restore", restoreId);
  expect(await sentence(on, { restore: restoreId })).toMatch(reason);
});

test("a database that names files says nothing of it", async () => {
  const { restoreId } = await target(
    "CREATE TABLE file (uuid text, hascontents boolean); INSERT INTO file VALUES ('there', true)",
  );
  await run(on, "preflight", restoreId);
  expect((await on.catalog.getRestore(restoreId))?.preflight?.noOldFiles).toBeUndefined();
  await run(on, "restore", restoreId);
  const restore = await on.catalog.getRestore(restoreId);
  expect(restore?.database?.oldList).toHaveLength(1);
  expect(notesOf({ database: restore?.database ?? null })).toEqual([]);
});
