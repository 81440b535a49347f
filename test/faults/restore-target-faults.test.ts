/** The target of a restore isn't fit for it: refused or warned before anything is touched, or put back as it was. */
import type { TargetPreflight } from "../../lambda/catalog/items";
import { backUp } from "../crash/runs";
import { withSmallDatabases } from "../crash/small-databases";
import { contentsOf, restoredContents, TARGET } from "../crash/small-world";
import type { PostgresServer } from "../support/postgres";
import {
  changeRegistration,
  expectSentence,
  expectUnchanged,
  expectWhole,
  faultWorld,
  picture,
  restoreOf,
  SOURCE_DATABASE,
  type FaultWorld,
  type Picture,
} from "./fault-world";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

/** Refused by its plan: no file was put, no database begun with. */
const expectRefused = async (
  world: FaultWorld,
  snapshotId: string,
  before: Picture,
  sentence: string | RegExp,
): Promise<void> => {
  const restore = await restoreOf(world, snapshotId);
  expect(restore).toMatchObject({ state: "failed", database: null, removal: null, files: { put: 0, batches: 0 } });
  expectSentence(restore.statusMessage, sentence);
  expect(world.service.base.notifier.told.at(-1)).toEqual({
    subject: `Restore into ${TARGET} failed`,
    message: `Restore ${restore.restoreId} of snapshot ${snapshotId} into environment ${TARGET} failed: ${restore.statusMessage}`,
  });
  await expectUnchanged(world, before);
  await expectWhole(world, world.first);
};

test("target not stopped", async () => {
  const world = await faultWorld(postgres);
  await world.service.base.catalog.updateEnvironment(TARGET, { running: true });
  await expectRefused(
    world,
    world.first,
    await picture(world),
    `The app of environment ${TARGET} is running: stop it, then restore.`,
  );
});

test("target said to be stopped, but sessions are connected", async () => {
  const world = await faultWorld(postgres);
  const before = await picture(world);
  const session = await postgres.connect("crash_target");
  try {
    await expectRefused(
      world,
      world.first,
      before,
      "1 session is connected to the target's database crash_target: end it, then restore.",
    );
    expect((await session.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  } finally {
    await session.end();
  }
});

test("target of another app: refused when it is asked for, and again when that changes while it waits", async () => {
  const world = await faultWorld(postgres);
  const before = await picture(world);
  const sentence = `Environment ${TARGET} belongs to app blog, the snapshot to app shop: choose a target of the same app.`;
  const { onRequest } = world.service.base.table;
  // The registration changes after the request has been accepted.
  world.service.base.table.onRequest = async (operation, ref) => {
    await onRequest?.(operation, ref);
    if (operation !== "put" || ref.sk !== "LEASE") return;
    world.service.base.table.onRequest = onRequest;
    await changeRegistration(world, TARGET, (standing) => ({ ...standing, appId: "blog" }));
  };
  await expectRefused(world, world.first, before, sentence);
  expect(await refusalOf(restoreOf(world, world.first))).toBe(sentence);
  expect((await world.service.base.catalog.listOpenRestores()).items).toEqual([]);
  await expectUnchanged(world, before);
});

const refusalOf = async (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "it was not refused",
    (error: Error) => error.message,
  );

describe("target without room", () => {
  test("refused before anything is touched, where the server's free storage is known", async () => {
    const world = await faultWorld(postgres);
    const { catalog } = world.service.base;
    const update = catalog.updateRestore.bind(catalog);
    catalog.updateRestore = (restoreId, change) =>
      update(
        restoreId,
        change.preflight
          ? { ...change, preflight: { ...change.preflight, freeBytes: 1_000 } satisfies TargetPreflight }
          : change,
      );
    await expectRefused(
      world,
      world.first,
      await picture(world),
      /^The server of the target's database crash_target has 1 MiB free and the restore needs \d+ MiB: give it more storage\.$/,
    );
  });

  test.each([
    ["rows are stored", "again int GENERATED ALWAYS AS (public.room(n)) STORED"],
    ["a constraint is validated", "CHECK (public.room(n) > 0)"],
  ])("the storage turns out to be full while %s: the target is put back as it was", async (_, column) => {
    const world = await faultWorld(postgres);
    await postgres.query(
      SOURCE_DATABASE,
      `CREATE FUNCTION room(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
         IF current_database() = '${SOURCE_DATABASE}' THEN RETURN n; END IF;
         RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = '53100';
       END $$;
       CREATE TABLE filler (n int, ${column});
       INSERT INTO filler VALUES (1);`,
    );
    try {
      const snapshotId = await backUp(world);
      const before = await picture(world);
      const restore = await restoreOf(world, snapshotId);
      expect(restore).toMatchObject({ state: "failed", database: { restored: false, swappedAt: null } });
      expectSentence(
        restore.statusMessage,
        /^.*"crash_target__\S+".* failed.* \(.*could not extend file "base\/1\/2": No space left on device\); give (?:the server more storage|it more room)\.$/,
      );
      await expectUnchanged(world, before);
      await expectWhole(world, world.first);
    } finally {
      await postgres.query(SOURCE_DATABASE, "DROP TABLE filler; DROP FUNCTION room(int)");
    }
  });
});

describe("target lacking a role", () => {
  test("a role that the snapshot's row security policies name", async () => {
    const world = await faultWorld(postgres);
    await postgres.query(
      SOURCE_DATABASE,
      "CREATE ROLE auditor; CREATE POLICY looking ON customer TO auditor USING (true)",
    );
    const snapshotId = await backUp(world);
    await postgres.query(SOURCE_DATABASE, "DROP POLICY looking ON customer; DROP ROLE auditor");
    await expectRefused(
      world,
      snapshotId,
      await picture(world),
      "The server of the target's database crash_target lacks roles that the snapshot's row security policies name (auditor): create them.",
    );
  });

  test("the registered user is no member of the owner's role", async () => {
    const world = await faultWorld(postgres);
    await postgres.query("postgres", "CREATE ROLE stranger LOGIN CREATEDB PASSWORD 'stranger'");
    try {
      world.service.taskChange = {
        secrets: { databaseCredentials: async () => ({ username: "stranger", password: "stranger" }) },
      };
      await expectRefused(
        world,
        world.first,
        await picture(world),
        "The user registered for the target's database crash_target is no member of its owner postgres: grant it that role.",
      );
    } finally {
      await postgres.query("postgres", "DROP ROLE stranger");
    }
  });
});

test("snapshot of an older model version: a warning, and the restore goes on once it is acknowledged", async () => {
  const world = await faultWorld(postgres);
  const before = await picture(world);
  await world.service.base.catalog.updateEnvironment(TARGET, { modelVersion: "1.10.0" });
  const held = await restoreOf(world, world.first);
  expect(held).toMatchObject({ state: "queued", phase: "acknowledgement", database: null, removal: null });
  expect(held.statusMessage).toBe(
    "Nothing was touched: the restore waits for warnings to be acknowledged: ModelVersionOlder (The snapshot's model version is 1.2.3, the target's 1.10.0: deploy the older model after the restore). Read them, then restore again with acknowledge=ModelVersionOlder.",
  );
  // Its execution has not failed, so that no alarm sounds, and nobody is told.
  expect(world.service.result("restore", held.restoreId)).toMatchObject({ status: "SUCCEEDED" });
  expect(world.service.base.notifier.told).toEqual([]);
  expect(await picture(world)).toEqual(before);
  const should = await restoredContents(world);
  expect(await restoreOf(world, world.first, { acknowledged: ["ModelVersionOlder"] })).toMatchObject({
    state: "completed",
  });
  expect(await contentsOf(world, TARGET)).toEqual(should);
});
