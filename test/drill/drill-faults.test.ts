/** Whatever is wrong with a snapshot, a drill finds it and says where; what is wrong with the target is told as such. */
import type { DrillItem } from "../../lambda/catalog/drills";
import { registration } from "../../lambda/catalog/registration";
import { backUp, expectVerified, restore, retain } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { change, changeBack, furnish, SOURCE, type SmallWorld } from "../crash/small-world";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";
import { atTarget, damage, giveTarget, runDrill, setDrillSettings } from "./drill-runs";

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

type Kind = "/packs/" | "/files/" | "/database";
const versionOf = (kind: Kind, side: "primary" | "replica") => {
  const { store, replicaStore } = world.service.base;
  const versions = side === "primary" ? store.versions(PRIMARY_BUCKET) : replicaStore.versions(REPLICA_BUCKET);
  return must(versions.find(({ key }) => key.includes(kind)));
};
const sides = (count: number) => (["primary", "replica"] as const).slice(0, count);

/** A failed drill has told somebody, and has left nothing. */
const expectFailed = async ({ drill, execution }: Awaited<ReturnType<typeof runDrill>>): Promise<DrillItem> => {
  expect(drill).toMatchObject({ state: "completed", outcome: "failed" });
  expect(drill.statusMessage).toMatch(/\.$/);
  expect(execution).toMatchObject({ status: "FAILED", error: drill.statusMessage });
  expect(world.service.base.notifier.told.at(-1)?.message).toContain(drill.statusMessage);
  expect(await atTarget(world)).toEqual([]);
  expect((await world.service.base.catalog.listPins(SOURCE)).items).toEqual([]);
  return drill;
};

test.each<Kind>(["/packs/", "/files/", "/database"])("a damaged byte in %s of the primary bucket", async (kind) => {
  await backUp(world);
  const version = versionOf(kind, "primary");
  damage(version);
  const damaged = version.key;
  const drill = await expectFailed(await runDrill(world));
  expect(drill.problems).toEqual([
    expect.stringContaining(`The object ${damaged} can't be read in the primary bucket, and its replica was read`),
  ]);
  expect(drill).toMatchObject({ files: { done: true, checked: 8 }, closure: { proven: true } });
});

test.each<Kind>(["/packs/", "/files/", "/database"])("a damaged byte in %s of both buckets", async (kind) => {
  await backUp(world);
  for (const side of sides(2)) damage(versionOf(kind, side));
  const drill = await expectFailed(await runDrill(world));
  expect(drill.problems.join("\n")).toContain(
    `The snapshot is damaged: its object ${versionOf(kind, "primary").key} can be read in neither region`,
  );
});

test("an object that is missing in both buckets", async () => {
  await backUp(world);
  const { store, replicaStore } = world.service.base;
  const [pack, copy] = [versionOf("/packs/", "primary"), versionOf("/packs/", "replica")];
  for (const [place, bucket, { key, versionId }] of [
    [store, PRIMARY_BUCKET, pack],
    [replicaStore, REPLICA_BUCKET, copy],
  ] as const) {
    const { refused } = await place.deleteBatch(bucket, [{ key, versionId }], { bypassGovernance: true });
    expect(refused).toEqual([]);
  }
  const drill = await expectFailed(await runDrill(world));
  expect(drill.problems.join("\n")).toContain(`its object ${pack.key} can be read in neither region`);
});

test("a file that the database names and the index lacks, and one that only the index has", async () => {
  const { catalog, store, settings } = world.service.base;
  await backUp(world);
  // The query of then is read from the record of then: here it is another one than the dump was made with.
  const environment = must(await catalog.getEnvironment(SOURCE));
  const source = {
    kind: "reference-query" as const,
    query: `SELECT replace("__uuid__", '000000000011', '000000000099') FROM "system$filedocument"`,
  };
  const changed = registration.parse({
    ...environment.registration,
    files: { ...environment.registration.files, source },
  });
  const key = `replicated/${SOURCE}/records/registration.json`;
  for (const version of store.versions(settings.PRIMARY_BUCKET).filter((one) => one.key === key)) {
    const record = JSON.parse(Buffer.from(version.body).toString()) as object;
    const body = Buffer.from(JSON.stringify({ ...record, registration: changed }));
    Object.assign(version, { body, size: body.length });
  }
  const drill = await expectFailed(await runDrill(world));
  expect(drill.problems).toEqual([
    expect.stringMatching(/^The snapshot holds the file ".*000000000011", and its database doesn't name it\.$/),
    expect.stringMatching(/^The database names the file ".*000000000099", and the snapshot's index doesn't\.$/),
  ]);
  expect(drill.closure).toMatchObject({ proven: false, named: 8 });
});

test("a query that is registered later does not count against an older snapshot", async () => {
  const { catalog, clock } = world.service.base;
  await backUp(world);
  clock.advance(3_600_000);
  const environment = must(await catalog.getEnvironment(SOURCE));
  const files = { ...environment.registration.files, source: { kind: "listing" as const } };
  await catalog.updateEnvironment(SOURCE, { registration: { ...environment.registration, files } });
  const { drill } = await runDrill(world);
  expect(drill).toMatchObject({ outcome: "passed", closure: { proven: true, named: 8 } });
});

test("of a snapshot by listing the closure is not provable, and it says so", async () => {
  const { catalog } = world.service.base;
  const environment = must(await catalog.getEnvironment(SOURCE));
  const files = { ...environment.registration.files, source: { kind: "listing" as const } };
  await catalog.updateEnvironment(SOURCE, { registration: { ...environment.registration, files } });
  await backUp(world);
  const { drill } = await runDrill(world);
  expect(drill).toMatchObject({ outcome: "passed", closure: { proven: false } });
  expect(drill.statusMessage).toMatch(
    /Not provable: that database and files belong together, because its files are those that the bucket held/,
  );
});

test("a snapshot beyond the target's limits is not drilled, which is no pass and no failure", async () => {
  await giveTarget(world, { limits: { databaseGiB: 0.000001 } });
  await backUp(world);
  const { drill, execution } = await runDrill(world);
  expect(execution.status).toBe("SUCCEEDED");
  expect(drill.outcome).toBe("not-drilled");
  expect(drill.statusMessage).toMatch(/^Too large for the drill target: the database takes .* GiB, and its limit is /);
  expect(world.service.base.notifier.told).toEqual([]);
  expect((await world.service.base.catalog.listPins(SOURCE)).items).toEqual([]);
});

test("a drill target that lets nobody in fails the drill in its own words", async () => {
  await backUp(world);
  world.service.taskChange = {
    secrets: { databaseCredentials: async () => ({ username: postgres.user, password: "wrong" }) },
  };
  const result = await runDrill(world);
  expect(result.drill).toMatchObject({ outcome: "failed" });
  expect(result.drill.statusMessage).toMatch(/refuses the password of "postgres"/);
  // Nothing could be dropped, so the target's state says that there may be something.
  const { catalog } = world.service.base;
  expect(await catalog.getDrillState()).toMatchObject({ current: null, databaseClear: false, filesClear: true });
});

test("while it runs the environment is backed up and restored into, and its snapshot outlives its own expiry", async () => {
  const snapshotId = await backUp(world);
  const { catalog, clock, store } = world.service.base;
  const { expiresAt } = must(await catalog.getSnapshot(SOURCE, snapshotId));
  clock.set(new Date(Date.parse(expiresAt) - 60_000));
  let meanwhile: Promise<unknown> | undefined;
  const put = store.put.bind(store);
  store.put = async (request) => {
    // The drill waits at its first file.
    if (request.key.startsWith("drills/")) await (meanwhile ??= everythingElse());
    return put(request);
  };
  const everythingElse = async (): Promise<void> => {
    clock.advance(61_000);
    expect(await retain(world)).toMatchObject({ status: "SUCCEEDED" });
    expect(await catalog.getSnapshot(SOURCE, snapshotId)).toBeDefined();
    await change(world);
    const other = await backUp(world);
    await expectVerified(world, other);
    expect(await restore(world, other)).toMatchObject({ status: "SUCCEEDED" });
  };
  const { drill } = await runDrill(world, snapshotId);
  await meanwhile;
  expect(meanwhile).toBeDefined();
  expect(drill).toMatchObject({ snapshotId, outcome: "passed", closure: { proven: true, named: 8 } });
  expect(await retain(world)).toMatchObject({ status: "SUCCEEDED" });
  expect(await catalog.getSnapshot(SOURCE, snapshotId)).toBeUndefined();
});
