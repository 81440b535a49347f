/** A plan by the workflow's own definition, with the real database task; also when it is stopped anywhere. */
import { requestRestore } from "../../lambda/restore/request";
import type { RestoreItem } from "../../lambda/catalog/items";
import { expectNothingHeld } from "../crash/invariants";
import { pointsToTry } from "../crash/points-to-try";
import { backUp, RESTORE_MACHINE, restore, retain } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { contentsOf, createDatabases, furnish, SOURCE, TARGET, type SmallWorld } from "../crash/small-world";
import { must } from "../support/must";
import { startPostgres, type PostgresServer } from "../support/postgres";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));
let postgres: PostgresServer;
let world: SmallWorld;
let snapshotId: string;
beforeAll(async () => {
  postgres = await startPostgres();
  await createDatabases(postgres);
  world = { service: new SimulatedService(postgres), postgres };
  await furnish(world);
  snapshotId = await backUp(world);
});
afterAll(() => postgres.stop());

const planOf = async (restoreId: string): Promise<RestoreItem> => {
  const { service } = world;
  const wish = { sourceEnvironmentId: SOURCE, snapshotId, targetEnvironmentId: TARGET, databaseOnly: false };
  await requestRestore(
    service.outside(),
    { ...wish, restoreId, planOnly: true, acknowledged: [], requestedBy: "a test" },
    RESTORE_MACHINE,
  );
  await service.drain();
  return must(await service.base.catalog.getRestore(restoreId));
};

test("examines the target's database while its app runs, and a restore may follow", async () => {
  const { service } = world;
  const before = await contentsOf(world, TARGET);
  await service.base.catalog.updateEnvironment(TARGET, { running: true });
  const client = await postgres.connect("crash_target");
  const planned = await planOf("plan-1");
  await client.end();
  expect(service.result("restore", "plan-1")).toMatchObject({ status: "SUCCEEDED" });
  expect(planned).toMatchObject({
    state: "completed",
    phase: "planned",
    preflight: { sessions: 1, serverMajor: postgres.major, serverSize: expect.any(Number) as number },
    plan: { filesToPut: 4, filesToReplace: 1, filesPresent: 3, databaseBytesFree: null },
  });
  expect(planned.plan?.refusals.map(({ code }) => code)).toEqual(["TargetRunning", "SessionsPresent"]);
  expect(await contentsOf(world, TARGET)).toEqual(before);
  await expectNothingHeld(world);

  await service.base.catalog.updateEnvironment(TARGET, { running: false });
  expect((await planOf("plan-2")).statusMessage).toMatch(
    /^The restore can go ahead; it takes about \d+ minutes\. 2 files of the target that the snapshot does not have are removed\.$/,
  );
  expect(await contentsOf(world, TARGET)).toEqual(before);
});

test("a database that can't be reached fails the plan with the task's sentence", async () => {
  const { service } = world;
  const putBack = service.save();
  const environment = must(await service.base.catalog.getEnvironment(TARGET));
  const { registration } = environment;
  const database = { ...registration.database, name: "no_such_database" };
  await service.base.catalog.updateEnvironment(TARGET, { registration: { ...registration, database } });
  const planned = await planOf("plan-3");
  expect(service.result("restore", "plan-3")).toMatchObject({ status: "SUCCEEDED" });
  expect(planned).toMatchObject({
    state: "failed",
    statusMessage: expect.stringContaining("no_such_database") as string,
  });
  expect(service.base.notifier.told).toEqual([]);
  await expectNothingHeld(world);
  putBack();
});

test.each(["invocation", "service"] as const)(
  "I5: a plan whose %s stops at any point ends, holds nothing and has touched nothing",
  async (mode) => {
    const { service } = world;
    const before = await contentsOf(world, TARGET);
    const putBack = service.save();
    service.points.arm(-1, mode);
    await planOf("plan-under-test");
    const names = [...service.points.passed];
    expect(names.length).toBeGreaterThan(25);
    const ends = new Set<string>();
    for (const at of pointsToTry(names.length)) {
      putBack();
      service.points.arm(at, mode);
      await planOf("plan-under-test");
      service.points.disarm();
      service.base.clock.advance(3_600_000);
      await retain(world);
      const { state, statusMessage } = must(await service.base.catalog.getRestore("plan-under-test"));
      ends.add(state);
      expect([names[at], state]).toEqual([names[at], expect.stringMatching(/^(completed|failed)$/)]);
      expect(statusMessage).toMatch(/^\w+ .*\.$/s);
      await expectNothingHeld(world);
    }
    expect(ends).toContain("completed");
    expect(await contentsOf(world, TARGET)).toEqual(before);
    putBack();
  },
);

test("a restored database has its statistics, and the result says what was put, kept and removed", async () => {
  expect(await restore(world, snapshotId)).toMatchObject({ status: "SUCCEEDED" });
  const [row] = await postgres.query(
    "crash_target",
    "SELECT count(*)::int AS tables FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid WHERE c.relname = 'customer'",
  );
  expect(row?.["tables"]).toBeGreaterThan(0);
  const [done] = (await world.service.base.catalog.listRestores(TARGET)).items;
  expect(done).toMatchObject({
    state: "completed",
    statusMessage:
      "The database was restored; 4 files were put, 1 was put back over what stood there, 3 were there already and kept, 2 were removed.",
    database: { analyzed: true },
  });
});
