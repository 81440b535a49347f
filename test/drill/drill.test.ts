/** Restore drills from the schedule to the result, with the real database task on a real server. */
import { DRILL_LEASE, drillsRecord } from "../../lambda/catalog/drills";
import { putDrillTargetRecord } from "../../lambda/catalog/records";
import { drillsRecordKey } from "../../lambda/storage/object-keys";
import { backUp } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { change, changeBack, contentsOf, furnish, SOURCE, type SmallWorld } from "../crash/small-world";
import { FILES_BUCKET, PRIMARY_BUCKET, TRANSFER_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";
import { atTarget, drillsOf, giveTarget, runDrill, runHour, setDrillSettings } from "./drill-runs";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));
setDrillSettings();

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

let world: SmallWorld;
beforeEach(async () => {
  world = { service: new SimulatedService(postgres), postgres };
  await changeBack(world);
  await furnish(world);
  await giveTarget(world);
});
const HOUR = 3_600_000;

test("a drill restores everything, proves it, measures it, and leaves nothing", async () => {
  const snapshotId = await backUp(world);
  const { drill, execution } = await runDrill(world);
  expect(drill.problems).toEqual([]);
  expect(execution.status).toBe("SUCCEEDED");
  const { rows } = await contentsOf(world, SOURCE);
  expect(rows.length).toBeGreaterThan(0);
  expect(drill).toMatchObject({
    snapshotId,
    outcome: "passed",
    slow: null,
    database: { tables: 2, rows: 28, largeObjects: 1 },
    files: { checked: 8, done: true },
    closure: { proven: true, reason: null, named: 8 },
    seconds: { total: expect.any(Number) as number },
  });
  expect(drill.statusMessage).toMatch(/^Restored and verified in .*: 2 tables with 28 rows, 8 files\.$/);
  expect(await atTarget(world)).toEqual([]);
  const { catalog, store } = world.service.base;
  expect(await catalog.getLease(DRILL_LEASE)).toBeUndefined();
  expect((await catalog.listPins(SOURCE)).items).toEqual([]);
  const record = store
    .versions(PRIMARY_BUCKET)
    .find(({ key }) => key === drillsRecordKey({ replication: "replicated", environmentId: SOURCE }));
  const kept = drillsRecord.parse(JSON.parse(Buffer.from(must(record).body).toString()));
  expect(kept.drills).toEqual([expect.objectContaining({ drillId: drill.drillId, outcome: "passed" })]);
});

test("the schedule drills each environment once a week, a snapshot that was never drilled first", async () => {
  const first = await backUp(world);
  world.service.base.clock.advance(25 * HOUR);
  await change(world);
  const second = await backUp(world);
  for (let hour = 0; hour < 14 * 24; hour++) {
    world.service.base.clock.advance(HOUR);
    await runHour(world);
  }
  // The first one is overdue; from then on each week has its hour.
  const drills = await drillsOf(world);
  expect(drills.map(({ outcome }) => outcome)).toEqual(["passed", "passed", "passed"]);
  expect(new Set(drills.slice(1).map(({ snapshotId }) => snapshotId))).toEqual(new Set([first, second]));
  const [third, before] = drills.map(({ startedAt }) => Date.parse(must(startedAt)));
  expect(must(third) - must(before)).toBe(7 * 24 * HOUR);
  const { catalog } = world.service.base;
  expect(await catalog.getLease(DRILL_LEASE)).toBeUndefined();
  expect(await catalog.getDrillState()).toMatchObject({ current: null, databaseClear: true, filesClear: true });
});

test("no request of a drill goes to the environment's bucket, and none of its sessions to its database", async () => {
  await backUp(world);
  const { store } = world.service.base;
  store.resetRequests();
  await postgres.query("postgres", "SELECT pg_stat_reset()");
  const before = await statistics();
  await runDrill(world);
  expect(store.requests.filter(({ ref }) => ref.bucket === FILES_BUCKET)).toEqual([]);
  expect(store.requests.filter(({ ref }) => ref.bucket === TRANSFER_BUCKET).length).toBeGreaterThan(8);
  expect(await statistics()).toEqual(before);
});
/** Sessions ever made with the databases of the environments. */
const statistics = async (): Promise<unknown> =>
  postgres.query("postgres", "SELECT datname, sessions FROM pg_stat_database WHERE datname LIKE 'crash%' ORDER BY 1");

test("I6: with the catalog gone, target and earlier drills come back from their records", async () => {
  const { catalog, store, settings, clock } = world.service.base;
  await putDrillTargetRecord(must(await catalog.getDrillTarget()), { store, settings, clock });
  await backUp(world);
  const { drill: first } = await runDrill(world);
  await catalog.deleteDrill(SOURCE, first.drillId);
  await catalog.putDrillTarget(null);
  clock.advance(7 * 24 * HOUR + 12 * HOUR);
  await runHour(world);
  const [second, recalled, ...others] = await drillsOf(world);
  expect(others).toEqual([]);
  expect(second).toMatchObject({ outcome: "passed", requestedBy: "schedule" });
  const { executionArn: _a, leaseToken: _l, query: _q, ...kept } = first;
  expect(recalled).toMatchObject({ ...kept, files: { checked: 8, bytes: first.files.bytes, done: true } });
});
